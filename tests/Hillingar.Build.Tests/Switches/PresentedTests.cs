using Hillingar.Build.Health;
using Hillingar.Build.Switches;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Switches that are for some of their packages: one to run a tool, another to build with.</summary>
public sealed class PresentedTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly SwitchCase _case;

    public PresentedTests() => _case = new SwitchCase(_folder)
        .Add("compiler.1", Installing("compiler"))
        .Add("library.1", $"depends: \"compiler\"\nsetenv: LIBRARY = \"yes\"\n{Installing("library")}")
        .Add("generator.1", $"depends: \"library\"\n{Installing("generator")}")
        .Add("cross.1", $"depends: [\"compiler\" \"generator\" {{build}}]\n{Installing("cross", "test -e %{lib}%/generator -a -e %{lib}%/library")}")
        .Add("tool.1", $"depends: [\"library\" \"compiler\"]\n{Installing("tool")}")
        .Add("other.1", Installing("other"));

    public void Dispose() => _folder.Dispose();

    static string Installing(string name, string condition = "true") => $"install: [\"sh\" \"-ec\" \"{condition}; mkdir -p %{{lib}}%; echo x > %{{lib}}%/{name}\"]";

    static string Libraries(HostSwitch host) => string.Join(' ', Directory.EnumerateFiles(Path.Combine(host.Folder, "lib")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_switch_for_some_packages_holds_what_they_need_when_they_run_and_not_what_only_built_them()
    {
        var build = await _case.Build(["cross"]);
        Assert.Equal("compiler cross", Libraries(build));
        Assert.Equal(["compiler.1", "cross.1"], build.Packages.Select(package => package.Package.ToString()));
        Assert.DoesNotContain(build.Environment, update => update.Variable == "LIBRARY");
        Assert.Equal(["compiler.1", "cross.1", "generator.1", "library.1"], _case.Built.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Packages_and_switches_that_were_not_used_for_long_are_pruned_and_built_again_when_needed()
    {
        var tool = await _case.Build(["tool"]);
        foreach (var folder in new[] { "packages", "switches" }.SelectMany(kind => Directory.EnumerateDirectories(_folder[$"store/switch/{kind}"])))
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddDays(-40));
        var cross = await _case.Build(["cross"]);
        // The compiler and the library were used again.
        Assert.Equal(2, (await StorePruner.Prune(_case.Stores, long.MaxValue, DateTime.UtcNow.AddDays(-30), TestContext.Current.CancellationToken)).Removed);
        Assert.False(Directory.Exists(tool.Folder));
        Assert.Equal("compiler cross", Libraries(cross));
        Assert.Equal("compiler library tool", Libraries(await _case.Build(["tool"])));
        Assert.Equal(["compiler.1", "cross.1", "generator.1", "library.1", "tool.1", "tool.1"], _case.Built.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Switches_for_different_packages_share_what_was_built()
    {
        var build = await _case.Build(["cross"]);
        var tool = await _case.Build(["tool"]);
        Assert.Equal("compiler library tool", Libraries(tool));
        Assert.Contains(tool.Environment, update => update.Variable == "LIBRARY");
        Assert.Equal(build.Keys["compiler"], tool.Keys["compiler"]);
        Assert.Equal("compiler cross generator library other tool", Libraries(await _case.Build()));
        Assert.Equal(6, _case.Built.Count());
        Assert.Equal("compiler cross", Libraries(build));
    }
}
