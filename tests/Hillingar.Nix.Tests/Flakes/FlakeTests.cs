using Hillingar.Build.Nix;
using Hillingar.Build.Realising;

namespace Hillingar.Tests;

/// <summary>The flake that is written of a project, built by Nix alone.</summary>
public sealed class FlakeTests(SharedNix shared)
{
    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task It_is_checked_built_and_built_again_in_the_sandbox_without_network_and_without_import_from_derivation(string name)
    {
        var store = shared.Store(name);
        var sample = await shared.Sample(name);
        var folder = await sample.Flake($"flake-{name}");
        var flake = $"path:{folder}";
        string[] options = ["--option", "allow-import-from-derivation", "false"];
        await store.Run(null, ["flake", "check", .. options, flake]);
        var built = await store.Build(null, [.. options, $"{flake}#unix"]);
        Assert.Equal(built, await store.Build(null, [.. options, "--rebuild", $"{flake}#unix"]));
        Assert.Equal("192.0.2.53", await DnsServer.Answers(Path.Combine(built, "dns"), "ns1.example.org"));
    }

    [Fact]
    public async Task What_is_shown_is_what_a_user_looks_for()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var folder = sample["flake-shown"];
        sample.CopyProject(folder);
        Assert.Contains("flake.nix", await sample.WriteFlake(folder));
        Assert.Empty(await sample.WriteFlake(folder));
        var shown = await store.Json(null, "flake", "show", "--json", $"path:{folder}");
        var packages = shown.GetProperty("packages").GetProperty("x86_64-linux");
        Assert.Equal(["default", "host-dune", "unix", "unix-configured", "unix-monorepo"], packages.EnumerateObject().Select(member => member.Name));
        foreach (var output in new[] { "apps", "checks", "devShells", "nixosModules", "overlays", "templates" })
            Assert.True(shown.TryGetProperty(output, out _), output);
    }

    [Fact]
    public async Task The_vendored_sources_are_those_of_a_restore()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var folder = await sample.Flake("flake-monorepo");
        var built = Path.Combine(await store.Build(null, $"path:{folder}#unix-monorepo"), "duniverse");
        var vendored = sample.Workspace.DuniverseFolder;
        Assert.Equal(Files(vendored).Where(file => !file.StartsWith(".hillingar", StringComparison.Ordinal)), Files(built));
        foreach (var file in Files(built))
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(vendored, file), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Path.Combine(built, file), TestContext.Current.CancellationToken));

        static IEnumerable<string> Files(string root) => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Other_zones_make_another_server()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var folder = await sample.Flake("flake-zones");
        var zone = (await File.ReadAllTextAsync(Path.Combine(folder, "example.org.zone"), TestContext.Current.CancellationToken)).Replace("192.0.2.53", "192.0.2.54", StringComparison.Ordinal);
        var expression = $"(builtins.getFlake \"path:{folder}\").lib.x86_64-linux.withSources {{ target = \"unix\"; files.\"zones/example.org.zone\" = builtins.fromJSON (builtins.readFile {sample.Write("zone.json", System.Text.Json.JsonSerializer.Serialize(zone))}); }}";
        var built = await store.Build(null, "--impure", "--expr", expression);
        Assert.Equal("192.0.2.54", await DnsServer.Answers(Path.Combine(built, "dns"), "ns1.example.org"));
    }

    [Fact]
    public async Task Targets_of_one_dune_context_are_compiled_once()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var folder = sample["flake-targets"];
        sample.CopyProject(folder);
        var subject = sample.Subject(folder);
        await new FlakeWriter(sample.Stores, sample.Reporter).Write(
            subject with { Targets = [.. subject.Targets, new PlannedTarget("unikraft-qemu", "dns.exe", "default", "release", "dns.qemu"), new PlannedTarget("hvt", "dns.exe", "other", "release", "dns.hvt")] },
            folder, sample.Nixpkgs, offline: true, TestContext.Current.CancellationToken);
        var made = await store.Json(null, "eval", "--json", $"path:{folder}#packages.x86_64-linux", "--apply", "p: map (t: p.${t}.drvPath) [ \"unix\" \"unikraft-qemu\" \"hvt\" ]");
        Assert.Equal(made[0].GetString(), made[1].GetString());
        Assert.NotEqual(made[0].GetString(), made[2].GetString());
        foreach (var (target, image) in new[] { ("unix", "dns"), ("unikraft-qemu", "dns.qemu") })
            Assert.Equal([image], Directory.GetFiles(await store.Build(null, $"path:{folder}#{target}")).Select(Path.GetFileName));
    }
}
