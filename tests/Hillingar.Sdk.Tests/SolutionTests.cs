using System.Diagnostics;
using System.IO.Compression;

namespace Hillingar.Sdk.Tests;

/// <summary>A unikernel among the other projects of a solution.</summary>
public sealed class SolutionTests(Sdk sdk) : IAsyncLifetime
{
    TemplateProject _unikernel = null!;

    public async ValueTask InitializeAsync() => _unikernel = await TemplateProject.Make(sdk);

    public ValueTask DisposeAsync()
    {
        _unikernel.Dispose();
        return ValueTask.CompletedTask;
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Path(string path) => System.IO.Path.Combine(_unikernel.Solution, path);

    // A program that starts the unikernel that lies beside it.
    void WriteProgram(string reference = "<ProjectReference Include=\"../hello/hello.csproj\" />")
    {
        _unikernel.Write("../app/app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>{reference}</ItemGroup>
            </Project>
            """);
        _unikernel.Write("../app/app.cs", """
            using var unikernel = System.Diagnostics.Process.Start(System.IO.Path.Combine(System.AppContext.BaseDirectory, "unix", "hello"));
            unikernel.WaitForExit();
            """);
    }

    async Task<string> Output(string program, params string[] arguments)
    {
        using var process = sdk.Start(program, arguments, _unikernel.Solution);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return output;
    }

    [Theory]
    [InlineData("hello/hello.csproj", false)]
    [InlineData("all.slnx", false)]
    [InlineData("app/app.csproj", false)]
    [InlineData("all.slnx", true)]
    [InlineData("app/app.csproj", true)]
    public async Task However_a_project_is_reached_it_is_restored_once(string entry, bool graph)
    {
        WriteProgram();
        _unikernel.StandInFor("unix", "spt");
        (await _unikernel.InSolution("new", "sln", "-n", "all", "--format", "slnx")).Succeeded();
        (await _unikernel.InSolution("sln", "all.slnx", "add", "hello/hello.csproj", "app/app.csproj")).Succeeded();
        (await _unikernel.InSolution("restore", entry, $"-bl:{Path("restore.binlog")}", $"-p:RestoreUseStaticGraphEvaluation={graph}")).Succeeded();
        // Static-graph restore works in a process of its own, whose log is not MSBuild's: what it did is what it left.
        var solved = new Binlog(Path("restore.binlog")).Messages("Solving the dependencies of");
        Assert.Single(solved);
        Assert.True(File.Exists(_unikernel["hello.opam.locked"]));
        if (!graph)
            Assert.Equal(new() { ["hello"] = 1 }, new Binlog(Path("restore.binlog")).Runs("HillingarRestore"));
    }

    [Fact]
    public async Task A_restore_with_nothing_to_do_does_not_load_us_and_whatever_changed_is_seen()
    {
        _unikernel.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamDependency Include=\"stringext\" />", StringComparison.Ordinal));
        (await _unikernel.Dotnet("restore")).Succeeded();
        Assert.False(await Restores());
        Assert.True(await Restores("--force"));
        Assert.True(await Restores("--force-evaluate"));
        Assert.False(await Restores("--locked-mode"));

        Directory.Delete(_unikernel["obj/hillingar/duniverse/stringext"], recursive: true);
        Assert.True(await Restores());
        Assert.True(Directory.Exists(_unikernel["obj/hillingar/duniverse/stringext"]));
        var old = File.GetLastWriteTimeUtc(_unikernel["hello.opam.locked"]);
        File.SetLastWriteTimeUtc(_unikernel["hello.opam.locked"], old.AddDays(-1));
        Assert.True(await Restores());
        _unikernel.Write("more.opam", "opam-version: \"2.0\"\n");
        Assert.True(await Restores());
        Assert.False(await Restores());
        Assert.True(await Restores("-p:HillingarBuildPlatforms=x86_64-linux"));
        _unikernel.Edit("hello.csproj", text => text.Replace("Include=\"stringext\" />", "Include=\"stringext\" Version=\"&gt;= &quot;1.5~a&quot;\" />", StringComparison.Ordinal));
        Assert.True(await Restores());
        _unikernel.Edit("hello.csproj", text => text.Replace("1.5~a", "1.5~A", StringComparison.Ordinal));
        (await _unikernel.Dotnet("restore", "--locked-mode")).FailedWith("HIL3002");

        async Task<bool> Restores(params string[] options)
        {
            (await _unikernel.Dotnet(["restore", $"-bl:{Path("restore.binlog")}", .. options])).Succeeded();
            return new Binlog(Path("restore.binlog")).Tasks("RestoreUnikernel") > 0;
        }
    }

    [Fact]
    public async Task Twenty_projects_open_a_repository_once_a_node_and_start_no_process_to_restore_again()
    {
        Assert.SkipWhen(ProcessIsMissing("strace"), "needs strace (Debian: strace)");
        _unikernel.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamDependency Include=\"stringext\" />", StringComparison.Ordinal));
        (await _unikernel.InSolution("new", "sln", "-n", "all", "--format", "slnx")).Succeeded();
        var names = Enumerable.Range(1, 19).Select(number => $"more{number}").ToList();
        foreach (var (name, file) in names.SelectMany(name => Directory.EnumerateFiles(_unikernel.Folder).Select(file => (name, file))))
            _unikernel.Write($"../{name}/{System.IO.Path.GetFileName(file).Replace("hello.csproj", name + ".csproj", StringComparison.Ordinal)}", await File.ReadAllTextAsync(file, Cancellation));
        (await _unikernel.InSolution(["sln", "all.slnx", "add", "hello/hello.csproj", .. names.Select(name => $"{name}/{name}.csproj")])).Succeeded();

        (await _unikernel.InSolution("restore", "all.slnx", "-m:1", $"-bl:{Path("first.binlog")}", "-v:diag")).Succeeded();
        var first = new Binlog(Path("first.binlog"));
        Assert.Equal(20, first.Tasks("RestoreUnikernel"));
        Assert.Single(first.Messages("Opening the repository"));

        var trace = Path("trace.txt");
        using var process = sdk.Start("strace", ["-f", "-qq", "-e", "trace=execve", "-o", trace, "dotnet", "restore", "all.slnx", "-m:1", "-nodeReuse:false"], _unikernel.Solution);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.True(process.ExitCode == 0, output);
        Assert.Single(await File.ReadAllLinesAsync(trace, Cancellation), call => call.Contains("execve(", StringComparison.Ordinal) && call.EndsWith("= 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-graph")]
    public async Task A_project_that_refers_to_it_finds_the_image_beside_its_output_and_when_published(string option)
    {
        WriteProgram();
        (await _unikernel.InSolution(["build", "app", .. option.Length > 0 ? [option] : Array.Empty<string>()])).Succeeded();
        Assert.Equal("Hello from hello.\n", await Output(Path("app/bin/Debug/net10.0/app")));
        Assert.False(File.Exists(Path("app/bin/Debug/net10.0/hello.dll")));
        (await _unikernel.InSolution("publish", "app", "-o", Path("out"))).Succeeded();
        Assert.Equal("Hello from hello.\n", await Output(Path("out/app")));

        _unikernel.Edit("main.ml", text => text.Replace("Hello", "Good day", StringComparison.Ordinal));
        (await _unikernel.InSolution("build", "app")).Succeeded();
        Assert.Equal("Good day from hello.\n", await Output(Path("app/bin/Debug/net10.0/app")));
    }

    [Fact]
    public async Task A_project_for_any_framework_may_refer_to_it()
    {
        WriteProgram();
        _unikernel.Write("../app/app.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFrameworks>net10.0;netstandard2.0;net48</TargetFrameworks></PropertyGroup>
              <ItemGroup><ProjectReference Include="../hello/hello.csproj" /></ItemGroup>
            </Project>
            """);
        _unikernel.Write("../app/app.cs", "public class App { }\n");
        // What .NET Framework and .NET Standard are compiled against are packages of NuGet's: the user's own sources have them.
        _unikernel.Write("../NuGet.config", $"<configuration><packageSources><add key=\"feed\" value=\"{sdk.Feed}\" /></packageSources></configuration>");
        using var build = sdk.Start("dotnet", ["build", "app", "-nodeReuse:false"], _unikernel.Solution, configure: start => start.Environment.Remove("DOTNET_CLI_HOME"));
        var output = await build.StandardOutput.ReadToEndAsync(Cancellation);
        await build.WaitForExitAsync(Cancellation);
        Assert.True(build.ExitCode == 0, output);
        foreach (var image in new[] { "net10.0", "netstandard2.0", "net48" }.Select(framework => Path($"app/bin/Debug/{framework}/unix/hello")))
        {
            Assert.Equal("Hello from hello.\n", await Output(image));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(File.GetUnixFileMode(_unikernel["bin/Debug/unix/hello"]), File.GetUnixFileMode(image));
        }
    }

    [Fact]
    public async Task All_images_of_several_targets_come_along()
    {
        WriteProgram();
        _unikernel.StandInFor("unix", "spt");
        (await _unikernel.InSolution("build", "app")).Succeeded();
        Assert.All(new[] { "unix/hello", "spt/hello.spt" }, image => Assert.True(File.Exists(Path($"app/bin/Debug/net10.0/{image}")), image));
    }

    [Fact]
    public async Task A_package_carries_the_image_to_projects_that_refer_to_it()
    {
        var version = $"1.0.{DateTime.UtcNow.Ticks % 1_000_000_000}";
        var packed = (await _unikernel.Dotnet("pack", $"-p:Version={version}", "-o", sdk.Feed)).Succeeded();
        Assert.DoesNotContain("warning", packed.Output, StringComparison.Ordinal);
        using (var package = ZipFile.OpenRead(System.IO.Path.Combine(sdk.Feed, $"hello.{version}.nupkg")))
            Assert.Contains(package.Entries, entry => entry.FullName == "contentFiles/any/any/unix/hello");
        WriteProgram($"<PackageReference Include=\"hello\" Version=\"{version}\" />");
        (await _unikernel.InSolution("build", "app")).Succeeded();
        Assert.Equal("Hello from hello.\n", await Output(Path("app/bin/Debug/net10.0/app")));
    }

    [Fact]
    public async Task Versions_are_central_and_outputs_can_lie_in_artifacts()
    {
        WriteProgram();
        _unikernel.Write("../global.json", $"{{ \"msbuild-sdks\": {{ \"Hillingar.Sdk\": \"{sdk.Version}\" }} }}");
        _unikernel.Edit("hello.csproj", text => text.Replace("Hillingar.Sdk/" + sdk.Version, "Hillingar.Sdk", StringComparison.Ordinal));
        _unikernel.Write("../Directory.Packages.props", "<Project><PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup></Project>");
        var props = File.ReadAllText(Path("Directory.Build.props"));
        File.WriteAllText(Path("Directory.Build.props"), props.Replace("<PropertyGroup>", "<PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput>", StringComparison.Ordinal));
        (await _unikernel.InSolution("build", "app")).Succeeded();
        Assert.Equal("Hello from hello.\n", await Output(Path("artifacts/bin/app/debug/app")));
        Assert.True(File.Exists(Path("artifacts/bin/hello/debug/unix/hello")));
        Assert.True(Directory.Exists(Path("artifacts/obj/hello/hillingar/duniverse")));
        Assert.False(Directory.Exists(_unikernel["obj"]) || Directory.Exists(_unikernel["bin"]));
    }

    [Fact]
    public async Task A_design_time_build_starts_no_process_and_touches_no_network()
    {
        Assert.SkipWhen(ProcessIsMissing("strace"), "needs strace (Debian: strace)");
        (await _unikernel.Dotnet("restore")).Succeeded();
        var before = Directory.EnumerateFileSystemEntries(_unikernel.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var trace = Path("trace.txt");
        using (var process = sdk.Start("strace", ["-f", "-qq", "-e", "trace=execve,connect", "-o", trace, "dotnet", "build", "--no-restore", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-nodeReuse:false"], _unikernel.Folder))
        {
            var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            Assert.True(process.ExitCode == 0, output);
        }

        var calls = await File.ReadAllLinesAsync(trace, Cancellation);
        Assert.Single(calls, call => call.Contains("execve(", StringComparison.Ordinal) && call.EndsWith("= 0", StringComparison.Ordinal));
        Assert.DoesNotContain(calls, call => call.Contains("connect(", StringComparison.Ordinal) && call.Contains("AF_INET", StringComparison.Ordinal));
        Assert.False(File.Exists(_unikernel["bin/Debug/unix/hello"]));
        Assert.DoesNotContain(Directory.EnumerateFiles(_unikernel["obj/hillingar"], "*", SearchOption.AllDirectories), file => !before.Contains(file));

        // And a restore in a design-time build, as editors do when they open a project.
        File.Delete(_unikernel["hello.opam.locked"]);
        (await _unikernel.Dotnet("restore", "-p:DesignTimeBuild=true")).Succeeded();
        Assert.False(File.Exists(_unikernel["hello.opam.locked"]));
    }

    static bool ProcessIsMissing(string program) => !Environment.GetEnvironmentVariable("PATH")!.Split(System.IO.Path.PathSeparator).Any(folder => File.Exists(System.IO.Path.Combine(folder, program)));

    [Fact]
    public async Task Watch_builds_again_when_a_source_changes()
    {
        _unikernel.Write("more.ml", "let x = 1\n");
        _unikernel.Write("more.mli", "val x : int\n");
        _unikernel.Write("more.opam", "opam-version: \"2.0\"\n");
        var zone = _unikernel.Write("../example.zone", "; none\n");
        _unikernel.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><DnsZone Include=\"../example.zone\" />", StringComparison.Ordinal));
        (await _unikernel.Dotnet("build")).Succeeded();
        using var process = sdk.Start("dotnet", ["watch", "build", "--no-restore", "--non-interactive"], _unikernel.Folder);
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        try
        {
            await Until(process, "Waiting for a file to change");
            foreach (var (file, text) in new[] { ("main.ml", "let () = print_endline \"watched\"\n"), ("dune", "(executable (name main))\n"), ("more.mli", "val x : int (* it is 1 *)\n"), ("more.opam", "opam-version: \"2.0\"\n# more\n"), (zone, "; still none\n") })
            {
                // What it says it waits for, it has only begun to look at.
                await Task.Delay(500, Cancellation);
                await Until(process, "Waiting for a file to change", () => _unikernel.Write(file, text));
            }

            Assert.Equal("watched\n", await Output(_unikernel["bin/Debug/unix/hello"]));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await output;
        }
    }

    // A change that was made before anyone looked is made again.
    static async Task Until(Process process, string text, Action? change = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(10));
        var seen = new System.Text.StringBuilder();
        change?.Invoke();
        try
        {
            while (true)
            {
                var reading = process.StandardError.ReadLineAsync(limit.Token).AsTask();
                while (await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(60), limit.Token)) != reading && !limit.IsCancellationRequested)
                    change?.Invoke();
                if (await reading is not { } line)
                    break;
                seen.AppendLine(line);
                if (line.Contains(text, StringComparison.Ordinal))
                    return;
            }
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
        }

        Assert.Fail($"'{text}' did not come:\n{seen}");
    }
}
