namespace Hillingar.Build.Tests;

public class ChecksumTests
{
    const string Md5OfNothing = "d41d8cd98f00b204e9800998ecf8427e";

    [Fact]
    public void A_bare_digest_is_md5()
    {
        var checksum = Checksum.Parse(Md5OfNothing.ToUpperInvariant());
        Assert.Equal($"md5={Md5OfNothing}", checksum.ToString());
        Assert.Equal($"md5/d4/{Md5OfNothing}", checksum.CachePath);
    }

    [Fact]
    public void The_strongest_sorts_first()
    {
        using var nothing = new MemoryStream();
        Assert.Equal(["sha512", "sha256", "md5"], Checksum.Of(nothing, Checksum.Algorithms.Reverse()).Order().Select(checksum => checksum.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("md5=abc")]
    [InlineData("sha256=" + Md5OfNothing)]
    [InlineData("crc=" + Md5OfNothing)]
    [InlineData("md5=../../../../../../../../etc/passwd")]
    public void Anything_else_is_refused(string text) =>
        Assert.Equal("HIL4001", Assert.Throws<HillingarException>(() => Checksum.Parse(text)).Diagnostic.Code);
}
