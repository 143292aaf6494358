namespace Hillingar.Tests;

/// <summary>Builds on other machines and results from caches, as Nix does them: what the backend only has to ask for.</summary>
public sealed class DistributionTests
{
    // Two that can be built at once, each long enough for the other to find the first builder taken, and one that needs both.
    const string Flake = """
        {
          inputs.nixpkgs.url = "nixpkgs";
          outputs = { self, nixpkgs }:
            let
              pkgs = nixpkgs.legacyPackages.x86_64-linux;
              part = name: seconds: pkgs.runCommand name { } "cat /builder > $out || echo nobody > $out; echo began; sleep ${toString seconds}";
              whole = parts: pkgs.runCommand "whole" { } "cat ${toString parts} > $out";
            in
            {
              # What all need: not worth a builder each.
              packages.x86_64-linux.tools = pkgs.runCommand "tools" { } "touch $out";
              packages.x86_64-linux.default = whole [ (part "left" 3) (part "right" 3) ];
              packages.x86_64-linux.quick = whole [ (part "one" 0) ];
              packages.x86_64-linux.long = whole [ (part "slow" 5) ];
            };
        }
        """;

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task A_build_is_shared_out_over_two_builders(string nix)
    {
        using var store = new NixStore(Nix.Require(nix));
        using var folder = new TestFolder();
        var options = await Lay(folder);
        await store.Build(null, [$"path:{folder["flake"]}#tools", .. options]);
        await using var builders = await Builders.Start(store, "first", "second");
        var path = await store.Build(null, [$"path:{folder["flake"]}", .. options, "--builders", builders.Machines, "--max-jobs", "0"]);
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.Contains("first", text, StringComparison.Ordinal);
        Assert.Contains("second", text, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task A_signed_cache_is_taken_from_whom_one_trusts_and_from_no_other(string nix)
    {
        using var store = new NixStore(Nix.Require(nix));
        using var folder = new TestFolder();
        var options = await Lay(folder);
        var flake = $"path:{folder["flake"]}#quick";
        var (secret, key) = await Key(store, folder, "ours-1");
        var (_, other) = await Key(store, folder, "theirs-1");
        var path = await store.Build(null, [flake, .. options]);
        await store.Run(null, "copy", "--to", $"file://{folder["cache"]}?secret-key={secret}", path);

        string[] taken = [flake, .. options, "--max-jobs", "0", "--substituters", $"file://{folder["cache"]}"];
        using (var trusting = store.Beside())
        {
            Assert.Equal(path, await trusting.Build(null, [.. taken, "--trusted-public-keys", key]));
            Assert.Equal("nobody\n", await File.ReadAllTextAsync(trusting.Real(path), TestContext.Current.CancellationToken));
        }

        using var wary = store.Beside();
        var refused = await wary.Try(null, ["build", "--no-link", .. taken, "--trusted-public-keys", other]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.False(File.Exists(wary.Real(path)));
        Assert.Contains("sign", refused.Error, StringComparison.Ordinal);

        // Nor is one that somebody wrote over.
        using var careful = store.Beside();
        foreach (var archive in Directory.GetFiles(folder["cache/nar"]))
            await File.AppendAllTextAsync(archive, "x", TestContext.Current.CancellationToken);
        Assert.NotEqual(0, (await careful.Try(null, ["build", "--no-link", .. taken, "--trusted-public-keys", key])).ExitCode);
        Assert.False(File.Exists(careful.Real(path)));
    }

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task When_a_builder_dies_the_next_try_goes_to_the_other(string nix)
    {
        using var store = new NixStore(Nix.Require(nix));
        using var folder = new TestFolder();
        var options = await Lay(folder);
        await store.Build(null, [$"path:{folder["flake"]}#tools", .. options]);
        await using var builders = await Builders.Start(store, "first", "second");
        string[] arguments = [.. options, "--builders", builders.Machines, "--max-jobs", "0"];
        string? busy = null;
        var first = await store.Watch(line =>
        {
            if (line.Contains("-slow.drv' on 'ssh-ng://", StringComparison.Ordinal))
                busy = line.Split("ssh-ng://")[1].Split('\'')[0];
            if (line.Contains("slow> began", StringComparison.Ordinal))
                builders.Kill(busy!);
        }, ["build", "-L", "--no-link", $"path:{folder["flake"]}#long", .. arguments]);
        Assert.True(busy is not null, first.Error);
        // Nix does not try elsewhere by itself: to it the build has failed. What it says is all that tells this from a build's own failure.
        Assert.NotEqual(0, first.ExitCode);
        Assert.Contains(nix == "system" ? "unexpected end-of-file" : "Nix daemon disconnected unexpectedly", first.Error, StringComparison.Ordinal);
        var path = await store.Build(null, [$"path:{folder["flake"]}#long", .. arguments]);
        Assert.Equal(busy == "first" ? "second" : "first", (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Trim());
    }

    static async Task<string[]> Lay(TestFolder folder)
    {
        folder.Write("flake/flake.nix", Flake);
        return ["--override-input", "nixpkgs", await NixpkgsStandIn.Lay(folder["nixpkgs"]), "--no-write-lock-file"];
    }

    static async Task<(string Secret, string Public)> Key(NixStore store, TestFolder folder, string name)
    {
        var secret = folder.Write(name, await store.Run(null, "key", "generate-secret", "--key-name", name));
        var result = await Hillingar.Build.Processes.ProcessRunner.Run(
            new Hillingar.Build.Processes.Command(store.Nix.Program, ["key", "convert-secret-to-public"], null, store.Variables) { Input = await File.ReadAllTextAsync(secret) }, TestContext.Current.CancellationToken);
        return (secret, result.Output.Trim());
    }
}
