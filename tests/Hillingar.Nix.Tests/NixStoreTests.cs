namespace Hillingar.Tests;

/// <summary>What the other tests stand on: both Nixes build in a sandbox, in stores of their own.</summary>
public sealed class NixStoreTests
{
    const string Looking = """
        derivation {
          name = "looking";
          system = builtins.currentSystem;
          builder = "/system/bin/bash";
          args = [ "-c" "{ /system/bin/id -u; echo /etc/* /home* /root*; /system/bin/tail -n +3 /proc/net/dev; } > $out" ];
        }
        """;

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task A_build_sees_neither_the_machine_nor_a_network(string name)
    {
        using var store = new NixStore(Nix.Require(name));
        using var folder = new TestFolder();
        var path = await store.Build(null, "--impure", "-f", folder.Write("looking.nix", Looking));
        Assert.StartsWith(store.Store, path, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        // The sandbox's own user, whoever it is outside; no more of /etc than Nix lays; and no interface but lo.
        Assert.Equal("1000", lines[0]);
        Assert.Equal("/etc/group /etc/hosts /etc/passwd /home* /root*", lines[1]);
        Assert.StartsWith("lo:", Assert.Single(lines[2..]).Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("system", 2, 4)]
    [InlineData("modern", 2, 26)]
    public async Task The_versions_are_the_ones_that_we_say(string name, int major, int minor) =>
        Assert.True(await Nix.Require(name).Version() >= new Version(major, minor));
}
