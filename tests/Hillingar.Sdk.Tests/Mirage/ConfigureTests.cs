using static Hillingar.Sdk.Tests.MirageProject;

namespace Hillingar.Sdk.Tests;

/// <summary>A project that has a <c>config.ml</c>: the tool is locked and built, configures each target, and what it says is locked and built.</summary>
public sealed class ConfigureTests(Sdk sdk)
{
    [Fact]
    public async Task Every_target_is_configured_locked_and_built_and_the_projects_folder_stays_as_it_was()
    {
        using var project = new MirageProject(sdk, "unix;spt;hvt");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/unix/hello"]));
        // The toolchain of the test compiles for this machine; what matters is that it was asked.
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/spt/hello.spt"]));
        Assert.True(File.Exists(project["bin/Debug/hvt/hello.hvt"]));
        Assert.Equal(["bin", "config.ml", "hello.csproj", "hello.opam.locked", "obj", "unikernel.ml"],
            Directory.EnumerateFileSystemEntries(project[""]).Select(Path.GetFileName).Where(name => name != ".merlin").Order(StringComparer.Ordinal));

        var text = File.ReadAllText(project.Lock);
        Assert.Contains("\"mirage\" {= \"4.11.2\"}", text, StringComparison.Ordinal);
        Assert.Contains("\"stringext\" {= \"1.6.0\" & ?vendor}", text, StringComparison.Ordinal);
        // mirage depends on it: it is locked with mirage, and neither vendored nor built (PickedTargetTests).
        Assert.Contains("\"opam-monorepo\" {= \"0.4.3\"}", text, StringComparison.Ordinal);
        // One compile of the libraries for both targets of a context.
        Assert.Single(Directory.EnumerateFiles(project["obj/hillingar/_build/solo5"], "stringext.cmxa", SearchOption.AllDirectories));

        var built = (await project.Dotnet("build", $"-bl:{project["obj/again.binlog"]}")).Succeeded();
        Assert.Equal(0, new Binlog(project["obj/again.binlog"]).Tasks("RestoreUnikernel") + new Binlog(project["obj/again.binlog"]).Tasks("BuildUnikernel"));
    }

    [Fact]
    public async Task A_clone_with_the_lock_restores_without_mirage_and_the_build_configures()
    {
        using var project = new MirageProject(sdk, "spt");
        (await project.Dotnet("build")).Succeeded();
        var text = File.ReadAllText(project.Lock);
        Directory.Delete(project["obj"], recursive: true);
        Directory.Delete(project["bin"], recursive: true);
        (await project.Dotnet("restore", "-p:RestoreLockedMode=true")).Succeeded();
        Assert.False(Directory.Exists(project["obj/hillingar/configured"]));
        (await project.Dotnet("build", "-p:RestoreLockedMode=true")).Succeeded();
        Assert.True(File.Exists(project["bin/Debug/spt/hello.spt"]));
        Assert.Equal(text, File.ReadAllText(project.Lock));

        project.Edit("config.ml", "package \"stringext\"", "package \"stringext\"; package \"lwt\"");
        var ran = (await project.Dotnet("build", "-p:RestoreLockedMode=true")).FailedWith("HIL3002");
        Assert.Contains("now 'config.ml sha256=", ran.Output, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(project.Lock));
    }

    [Fact]
    public async Task A_changed_config_or_key_changes_lock_and_image()
    {
        using var project = new MirageProject(sdk, "unix", """<MirageKey Include="greeting" Value="Good day" />""");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Good day, big-world", await Run(project["bin/Debug/unix/hello"]));
        project.Edit("hello.csproj", "Good day", "Good night");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Good night, big-world", await Run(project["bin/Debug/unix/hello"]));
        Assert.DoesNotContain("\"csexp\"", File.ReadAllText(project.Lock), StringComparison.Ordinal);

        project.Edit("config.ml", "package \"stringext\"", "package \"stringext\";\n package \"csexp\"");
        (await project.Dotnet("build")).Succeeded();
        Assert.Contains("\"csexp\" {=", File.ReadAllText(project.Lock), StringComparison.Ordinal);

        (await project.Dotnet("build", "-p:MirageGeneratedFolder=generated")).Succeeded();
        Assert.True(File.Exists(project["generated/unix/dune.build"]));

        var locked = File.ReadAllText(project.Lock);
        project.Edit("hello.csproj", "Include=\"greeting\"", "Include=\"output\"");
        Assert.Contains("hello.csproj(", (await project.Dotnet("build")).FailedWith("HIL6019").Output, StringComparison.Ordinal);
        Assert.Equal(locked, File.ReadAllText(project.Lock));
    }

    [Fact]
    public async Task A_fault_in_the_config_is_told_at_its_place_and_leaves_everything_as_it_was()
    {
        using var project = new MirageProject(sdk, "unix");
        (await project.Dotnet("build")).Succeeded();
        var locked = File.ReadAllText(project.Lock);
        project.Edit("config.ml", "let ()", "syntax error\nlet ()");
        var ran = (await project.Dotnet("build")).FailedWith("HIL5070");
        Assert.Contains("config.ml(4,1): error HIL5070", ran.Output, StringComparison.Ordinal);
        Assert.Equal(locked, File.ReadAllText(project.Lock));
        Assert.Equal(["configure.lock", "dune-workspace", "unix", "unix.stamp"], Directory.EnumerateFileSystemEntries(project["obj/hillingar/configured"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        project.Edit("config.ml", "syntax error\n", "");
        (await project.Dotnet("build")).Succeeded();
    }

    [Fact]
    public async Task A_library_that_is_missing_in_the_duniverse_is_not_found_elsewhere()
    {
        using var project = new MirageProject(sdk, "spt");
        (await project.Dotnet("restore")).Succeeded();
        var folder = Directory.GetDirectories(project["obj/hillingar/duniverse"], "*stringext*").Single();
        foreach (var file in Directory.EnumerateFiles(folder, "dune*", SearchOption.AllDirectories))
            File.Delete(file);
        var ran = (await project.Dotnet("build", "--no-restore")).FailedWith("HIL5010");
        Assert.Contains("Library \"stringext\" not found", ran.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(project["bin/Debug/spt/hello.spt"]));

        Directory.Delete(folder, recursive: true);
        Assert.Contains("stringext.1.6.0", (await project.Dotnet("build", "--no-restore")).FailedWith("HIL6001").Output, StringComparison.Ordinal);
        (await project.Dotnet("build")).Succeeded();
    }

    [Fact]
    public async Task What_cannot_be_configured_together_or_is_not_what_was_locked_is_refused()
    {
        using var both = new MirageProject(sdk, "unikraft-qemu;unikraft-firecracker");
        (await both.Dotnet("build")).FailedWith("HIL5073");

        using var project = new MirageProject(sdk, "unix");
        (await project.Dotnet("restore")).Succeeded();
        var text = File.ReadAllText(project.Lock);
        var digest = text.Split("x-hillingar-configured:")[1].Split('"')[3];
        project.Edit("hello.opam.locked", digest, new string('0', 64));
        Assert.Contains("--force-evaluate", (await project.Dotnet("build")).FailedWith("HIL5072").Output, StringComparison.Ordinal);
        (await project.Dotnet("restore", "--force-evaluate")).Succeeded();
        (await project.Dotnet("build")).Succeeded();

        project.Edit("hello.csproj", "<MirageTargets>", "<HillingarBackend>nix</HillingarBackend><MirageTargets>");
        Assert.NotEqual(0, (await project.Dotnet("build")).ExitCode);
        (await project.Dotnet("msbuild", "-t:HillingarWriteFlake")).FailedWith("HIL6006");
    }
}
