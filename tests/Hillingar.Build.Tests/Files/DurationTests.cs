namespace Hillingar.Build.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("30d", "30.00:00:00")]
    [InlineData("2W", "14.00:00:00")]
    [InlineData(" 12 h ", "12:00:00")]
    [InlineData("45m", "00:45:00")]
    [InlineData("1.12:00:00", "1.12:00:00")]
    public void Times_are_read_as_people_write_them(string text, string time) => Assert.Equal(TimeSpan.Parse(time), Duration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("-1d")]
    [InlineData("-1:00")]
    [InlineData("1y")]
    [InlineData("99999999999d")]
    public void What_is_no_time_is_refused(string text) => Assert.Equal("HIL7007", Assert.Throws<HillingarException>(() => Duration.Parse(text)).Diagnostic.Code);
}
