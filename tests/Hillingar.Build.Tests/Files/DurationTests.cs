using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("30d", "30.00:00:00")]
    [InlineData("2W", "14.00:00:00")]
    [InlineData(" 12 h ", "12:00:00")]
    [InlineData("45m", "00:45:00")]
    [InlineData("90s", "00:01:30")]
    [InlineData("1.12:00:00", "1.12:00:00")]
    public void Times_are_read_as_people_write_them(string text, string time) => Assert.Equal(TimeSpan.Parse(time), Duration.Parse(text));

    [Theory]
    [InlineData("90s", "90 s")]
    [InlineData("00:00:00.5", "0.5 s")]
    [InlineData("5m", "5 min")]
    [InlineData("1d", "1.00:00:00")]
    public void Times_are_written_as_people_write_them(string time, string text) => Assert.Equal(text, Duration.Show(Duration.Parse(time)));

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("-1d")]
    [InlineData("-1:00")]
    [InlineData("1y")]
    [InlineData("99999999999d")]
    public void What_is_no_time_is_refused(string text) => Assert.Equal("HIL7007", Assert.Throws<HillingarException>(() => Duration.Parse(text)).Diagnostic.Code);
}
