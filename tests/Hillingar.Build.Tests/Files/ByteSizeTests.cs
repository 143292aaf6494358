using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("12B", 12)]
    [InlineData("2GB", 2L << 30)]
    [InlineData("1.5 mb", 3 << 19)]
    [InlineData(" 64 KB ", 64 << 10)]
    public void A_size_is_read_in_powers_of_1024(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("much")]
    [InlineData("-1")]
    [InlineData("1XB")]
    [InlineData("GB")]
    [InlineData("99999999999999TB")]
    public void What_is_no_size_is_refused(string text) => Assert.Equal("HIL6003", Assert.Throws<HillingarException>(() => ByteSize.Parse(text)).Diagnostic.Code);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KB")]
    [InlineData(3L << 40, "3.0 TB")]
    public void A_size_is_shown_in_the_largest_unit(long bytes, string text) => Assert.Equal(text, ByteSize.Show(bytes));
}
