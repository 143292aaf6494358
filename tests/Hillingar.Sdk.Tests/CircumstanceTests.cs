namespace Hillingar.Sdk.Tests;

/// <summary>Odd places and others at work.</summary>
public sealed class CircumstanceTests(Sdk sdk)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_path_with_spaces_and_other_letters_will_do()
    {
        using var project = await TemplateProject.Make(sdk, "Größe.Eins", below: "ein Ordner/søk 東京");
        (await project.Dotnet("build")).Succeeded();
        Assert.True(File.Exists(project["Gr--e-Eins.opam.locked"]));
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(project["bin/Debug/unix/Gr--e-Eins"]) { RedirectStandardOutput = true })!;
        Assert.Equal("Hello from Größe.Eins.\n", await process.StandardOutput.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task Values_are_taken_as_people_write_them()
    {
        using var project = await TemplateProject.Make(sdk);
        project.StandInFor("unix", "spt");
        project.Edit("hello.csproj", text => text.Replace("unix;spt", "\n  unix;\n  spt;\n", StringComparison.Ordinal)
            .Replace("<DuneTarget>", "<HillingarLockFile>other.locked</HillingarLockFile><HillingarWorkspace>obj/mono</HillingarWorkspace><DuneTarget>", StringComparison.Ordinal));
        (await project.Dotnet("publish", "-o", "out", "-bl")).Succeeded();
        Assert.True(File.Exists(project["other.locked"]));
        Assert.True(File.Exists(project["obj/mono/restore.stamp"]));
        Assert.True(File.Exists(project["out/spt/hello.spt"]));

        // What was written into the project's folder is no source of it.
        (await project.Dotnet("publish", "-o", "out", "-bl")).Succeeded();
        Assert.Equal(0, new Binlog(project["msbuild.binlog"]).Tasks("BuildUnikernel"));
        Assert.False(Directory.Exists(project["obj/mono/src/out"]));
    }

    [Fact]
    public async Task A_lock_that_a_merge_left_in_pieces_is_refused_and_made_anew_on_request()
    {
        using var project = await TemplateProject.Make(sdk);
        project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamDependency Include=\"stringext\" />", StringComparison.Ordinal));
        (await project.Dotnet("restore")).Succeeded();
        project.Edit("hello.opam.locked", text => text.Replace("\"stringext\" {= \"1.6.0\"", "\"stringext\" {= \"9.9.9\"", StringComparison.Ordinal));
        (await project.Dotnet("restore", "--locked-mode")).FailedWith("HIL3001");
        (await project.Dotnet("build", "--no-restore")).FailedWith("HIL3001");
        project.Edit("hello.opam.locked", text => "<<<<<<< HEAD\n" + text);
        Assert.Contains("marks of a merge", (await project.Dotnet("restore")).FailedWith("HIL3001").Output, StringComparison.Ordinal);
        (await project.Dotnet("restore", "--force-evaluate")).Succeeded();
        (await project.Dotnet("build")).Succeeded();

        // Another lock than the one that was restored.
        project.Edit("hello.opam.locked", text => text.Replace("{= \"1.6.0\"", "{= \"1.6.0\" & ?monorepo", StringComparison.Ordinal));
        project.Edit("hello.opam.locked", text => text.Replace(" & ?monorepo", "", StringComparison.Ordinal).Replace("generated lockfile", "generated lock", StringComparison.Ordinal));
        project.Edit("hello.opam.locked", text => text.Replace("target unix", "target hvt", StringComparison.Ordinal));
        (await project.Dotnet("build", "--no-restore")).FailedWith("HIL6001");
    }

    [Fact]
    public async Task Two_builds_at_once_both_succeed_and_so_do_the_targets_in_eight_nodes()
    {
        using var project = await TemplateProject.Make(sdk);
        project.StandInFor("unix", "hvt", "spt", "xen");
        var both = await Task.WhenAll(project.Dotnet("build", "-m:8"), project.Dotnet("build", "-m:8"));
        Assert.All(both, ran => ran.Succeeded());
        Assert.Equal(4, Directory.EnumerateFiles(project["bin/Debug"], "hello*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task A_checkout_that_is_read_only_but_for_bin_and_obj_builds_in_locked_mode()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix file modes");
        using var project = await TemplateProject.Make(sdk);
        (await project.Dotnet("restore")).Succeeded();
        Directory.Delete(project["obj"], recursive: true);
        // Root may write everywhere, so a file system that is read-only stands where modes would not hold.
        var mount = Path.Combine(project.Solution, "mounted");
        Directory.CreateDirectory(mount);
        var script = $"""
            set -e
            mkdir '{project["bin"]}' '{project["obj"]}'
            mount --bind '{project.Folder}' '{mount}'
            mount -o remount,bind,ro '{mount}'
            mount -t tmpfs tmpfs '{mount}/obj'
            mount -t tmpfs tmpfs '{mount}/bin'
            if touch '{mount}/probe' 2>/dev/null; then echo writable; exit 9; fi
            cd '{mount}'
            dotnet build -p:RestoreLockedMode=true -nodeReuse:false
            bin/Debug/unix/hello
            """;
        using var process = sdk.Start("unshare", ["--mount", "--map-root-user", "bash", "-c", script], project.Solution);
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.SkipWhen(error.Contains("unshare failed", StringComparison.Ordinal) || error.Contains("mount:", StringComparison.Ordinal), $"needs unshare with mount namespaces: {error}");
        Assert.True(process.ExitCode == 0, await output + error);
        Assert.EndsWith("Hello from hello.\n", await output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_below_obj_is_told_as_one()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs mount namespaces");
        using var project = await TemplateProject.Make(sdk);
        Directory.CreateDirectory(project["obj"]);
        project.Write("dune", "(rule (with-stdout-to big.ml (system \"printf 'let x = 1 (*'; head -c 30000000 /dev/zero | tr '\\\\0' ' '; printf '*)'\")))\n(executable (name main))\n");
        var script = $"""
            set -e
            mount -t tmpfs -o size=16m tmpfs '{project["obj"]}'
            cd '{project.Folder}'
            dotnet build -nodeReuse:false
            """;
        using var process = sdk.Start("unshare", ["--mount", "--map-root-user", "bash", "-c", script], project.Solution);
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.SkipWhen((await error).Contains("unshare failed", StringComparison.Ordinal) || (await error).Contains("mount:", StringComparison.Ordinal), $"needs unshare with mount namespaces: {await error}");
        var told = Told.Of(new Ran(process.ExitCode, output));
        Assert.True(told.Lines.Count == 1, output);
        Assert.Equal(("error", "HIL4007"), (told.Lines[0].Severity, told.Lines[0].Code));
        Assert.Contains("The disk is full", told.Lines[0].Text, StringComparison.Ordinal);
    }
}
