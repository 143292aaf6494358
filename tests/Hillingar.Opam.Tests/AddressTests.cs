using Hillingar.Opam.Addresses;

namespace Hillingar.Tests;

public class AddressTests
{
    [Theory]
    [InlineData("https://host/a.tar.gz", "https://host/a.tar.gz", null, false)]
    [InlineData("git+https://host/a.git#v1", "https://host/a.git", "v1", true)]
    [InlineData("git://host/a", "git://host/a", null, true)]
    [InlineData("git+ssh://git@host/a#main", "ssh://git@host/a", "main", true)]
    [InlineData("git+file:///srv/a#x", "file:///srv/a", "x", true)]
    [InlineData("file:///srv/a b.tar", "file:///srv/a b.tar", null, false)]
    [InlineData("file://localhost/srv/a", "file://localhost/srv/a", null, false)]
    [InlineData("/srv/a", "/srv/a", null, false)]
    [InlineData("git+https://user:tok3n@host:8443/a?x=1#b", "https://host:8443/a?x=1", "b", true)]
    [InlineData("https://tok3n@host/a@b", "https://host/a@b", null, false)]
    [InlineData("ssh://git:tok3n@host/a", "ssh://git@host/a", null, true)]
    public void An_address_has_a_form_without_a_password(string text, string plain, string? reference, bool isGit)
    {
        Assert.True(Address.TryParse(text, out var address, out var why), why);
        Assert.Equal((plain, reference, isGit), (address.Plain, address.Reference, address.IsGit));
        Assert.DoesNotContain("tok3n", address.ToString(), StringComparison.Ordinal);
        Assert.Equal(text.Contains("tok3n", StringComparison.Ordinal), address.Url.Contains("tok3n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("git+")]
    [InlineData("ext::sh -c touch")]
    [InlineData("git+ext::sh -c touch% /x")]
    [InlineData("git+foo::bar")]
    [InlineData("git+foo://bar")]
    [InlineData("foo::https://host/x")]
    [InlineData("fd::17")]
    [InlineData("git+--upload-pack=touch")]
    [InlineData("-x")]
    [InlineData("ssh://-oProxyCommand=touch/x")]
    [InlineData("ssh://user@-oProxyCommand=touch/x")]
    [InlineData("git+ssh://-oX@host/x")]
    [InlineData("ftp://host/x")]
    [InlineData("HTTPS://host/x")]
    [InlineData("rsync://host/x")]
    [InlineData("hg+https://host/x")]
    [InlineData("data:text/plain,x")]
    [InlineData("file://host/x")]
    [InlineData("file://169.254.169.254/x")]
    [InlineData("//host/share")]
    [InlineData(@"\\host\share")]
    [InlineData("git@host:x.git")]
    [InlineData("https:///x")]
    [InlineData("https://ho st/x")]
    [InlineData("https://host/x\ny")]
    [InlineData("https://host/x\u0085y")]
    [InlineData("https://user:to/k3n@host/x")]
    public void What_is_of_no_known_protocol_or_could_be_an_option_is_no_address(string text) => Assert.False(Address.TryParse(text, out _, out _));

    [Fact]
    public void A_password_of_the_project_goes_to_the_server_and_path_that_it_was_given_for()
    {
        var network = new Network().With(["https://me:s3cret@host/team", "https://you:0ther@host/team/inner", "git+https://tok3n@host:8443/x.git#main", "no address", "https://host/none"]);
        Assert.Equal(3, network.Credentials.Count);
        foreach (var (address, user) in new[]
        {
            ("https://host/team", "me:s3cret"), ("https://host/team/cache/sha256/ab", "me:s3cret"), ("https://host/team/inner/x", "you:0ther"), ("git+https://host:8443/x.git#v1", "tok3n"),
            ("https://own@host/team", "own"), ("https://host/teammate", ""), ("https://host/", ""), ("http://host/team", ""), ("https://host.evil.org/team", ""), ("https://host:444/team", ""), ("https://other/team", ""), ("file:///team", ""),
        })
        {
            Assert.True(Address.TryParse(address, out var parsed, out _));
            Assert.Equal(user, network.UserInfoFor(parsed));
        }
    }
}
