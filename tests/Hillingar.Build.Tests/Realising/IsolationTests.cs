using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What the rules that dune runs see, reach and change.</summary>
public sealed class IsolationTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // As MSBuild names folders.
    Workspace Workspace => new(_folder["obj"] + "/");

    public void Dispose() => _folder.Dispose();

    async Task<HostTools> Tools(SandboxMode mode = SandboxMode.Required, params string[] environment)
    {
        Assert.SkipWhen(ProcessRunner.Find("dune") is null || ProcessRunner.Find("ocamlfind") is null, "needs dune and ocamlfind");
        Assert.SkipWhen(mode == SandboxMode.Required && ProcessRunner.Find("bwrap") is null, "needs bubblewrap");
        var machine = await MachineTools.Of(await Toolchain.Probe(Cancellation), Cancellation);
        return HostTools.OfMachine(ProcessRunner.Find("dune")!, machine.Folders, await Sandbox.Probe(mode, _reporter, Cancellation), environment);
    }

    // A program whose one file is made by a script, as any vendored library can have one.
    DuneBuild Project(string script, string program = "let () = print_string (String.concat \",\" Made.lines)")
    {
        Directory.CreateDirectory(_folder["obj/duniverse"]);
        _folder.Write("obj/duniverse/dune", "(vendored_dirs *)\n");
        _folder.Write("obj/restore.told.targets", "<Project />\n");
        return new DuneBuild(Workspace,
        [
            ("dune-project", _folder.Write("project/dune-project", "(lang dune 2.0)\n")),
            ("dune", _folder.Write("project/dune", "(rule (targets made.ml) (deps script.sh) (action (with-stdout-to made.ml (run sh script.sh))))\n(executable (name main))\n")),
            ("script.sh", _folder.Write("project/script.sh", $"{{ {script}\n}} > said 2>&1\necho 'let lines = ['; sed 's/[\"\\\\]/./g; s/.*/\"&\";/' said; echo ']'\n")),
            ("main.ml", _folder.Write("project/main.ml", program + "\n")),
        ], "main.exe", "default", "release", _folder["bin/main"]);
    }

    // What the script said.
    async Task<string> Said(DuneBuild build, HostTools tools)
    {
        var errors = await DuneCompile.Run(build, tools, _reporter, Cancellation);
        Assert.True(errors.Count == 0, string.Join('\n', errors));
        return (await ProcessRunner.Run(new Command(build.Image, []), Cancellation)).Output;
    }

    [Fact]
    public async Task A_rule_sees_no_file_of_the_users_no_network_and_an_empty_home()
    {
        var secret = _folder.Write("secret", "the secret\n");
        var said = await Said(Project($"cat {secret}; cat ../../../../secret; ls -A $HOME /root; (exec 3<>/dev/tcp/127.0.0.1/22) && echo reached; cat /sys/class/net/*/address; echo in $PWD, home $HOME"), await Tools());
        Assert.DoesNotContain("the secret", said, StringComparison.Ordinal);
        Assert.DoesNotContain("reached", said, StringComparison.Ordinal);
        Assert.EndsWith("in /build/_build/default/src, home /home/build", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SandboxMode.Required)]
    [InlineData(SandboxMode.Off)]
    public async Task A_rule_gets_an_environment_by_list_and_what_the_project_adds(SandboxMode mode)
    {
        Environment.SetEnvironmentVariable("HILLINGAR_TEST_SECRET", "topsecret");
        Environment.SetEnvironmentVariable("HILLINGAR_TEST_WANTED", "wanted value");
        // What another user's, or another project's, build put into dune's shared cache would be taken for built here.
        Environment.SetEnvironmentVariable("DUNE_CACHE_ROOT", _folder["shared-cache"]);
        var said = await Said(Project("env"), await Tools(mode, "HILLINGAR_TEST_WANTED", "HILLINGAR_TEST_UNSET"));
        Assert.DoesNotContain("topsecret", said, StringComparison.Ordinal);
        Assert.Contains("HILLINGAR_TEST_WANTED=wanted value", said, StringComparison.Ordinal);
        Assert.Contains("USER=build", said, StringComparison.Ordinal);
        Assert.DoesNotContain("HILLINGAR_CACHE", said, StringComparison.Ordinal);
        Assert.Contains("DUNE_CACHE=disabled", said, StringComparison.Ordinal);
        Assert.DoesNotContain("DUNE_CACHE_ROOT", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["shared-cache"]));
        Assert.DoesNotContain($"HOME={Environment.GetEnvironmentVariable("HOME")},", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_writes_nowhere_but_in_the_copies_and_in_what_dune_makes()
    {
        var outside = _folder["outside"];
        var said = await Said(Project($"for f in {outside} /build/restore.told.targets /build/new /build/dune-project /usr/new /etc/new ~/../new; do echo x > $f; done; echo y > /build/src/promoted; echo y > /build/duniverse/promoted; echo y > /tmp/fine && echo y > ~/fine && echo done"), await Tools());
        Assert.EndsWith("done", said, StringComparison.Ordinal);
        Assert.False(File.Exists(outside));
        Assert.Equal("<Project />\n", await File.ReadAllTextAsync(_folder["obj/restore.told.targets"], Cancellation));
        Assert.Equal(["_build", "build.lock", "dune", "dune-project", "dune-workspace", "duniverse", "restore.told.targets", "src"],
            Directory.EnumerateFileSystemEntries(_folder["obj"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(_folder["obj/src/promoted"]));
    }

    [Fact]
    public async Task The_same_sources_in_two_folders_make_the_same_bytes()
    {
        var tools = await Tools();
        var first = Project("echo $PWD");
        Assert.Empty(await DuneCompile.Run(first, tools, _reporter, Cancellation));
        var second = first with { Workspace = new Workspace(_folder["elsewhere/and deeper"]), Image = _folder["bin/other"] };
        _folder.Write("elsewhere/and deeper/duniverse/dune", "(vendored_dirs *)\n");
        Assert.Empty(await DuneCompile.Run(second, tools, _reporter, Cancellation));
        Assert.Equal(await File.ReadAllBytesAsync(first.Image, Cancellation), await File.ReadAllBytesAsync(second.Image, Cancellation));
    }

    [Fact]
    public async Task Errors_carry_the_users_own_files_and_editors_are_told_of_paths_that_are_there()
    {
        var tools = await Tools();
        var build = Project("echo one", "let () = no_such_function ()");
        var error = Assert.Single(await DuneCompile.Run(build, tools, _reporter, Cancellation));
        Assert.Equal(("HIL5010", _folder["project/main.ml"], 1), (error.Code, error.Place!.Value.File, error.Place.Value.Line));

        build = Project("echo one");
        Assert.Empty(await DuneCompile.Run(build, tools, _reporter, Cancellation));
        await EditorFiles.Write(build, tools, _folder["project"], _reporter, Cancellation);
        var lines = (await File.ReadAllLinesAsync(_folder["project/.merlin"], Cancellation)).Where(line => line.StartsWith("B ", StringComparison.Ordinal) || line.StartsWith("S ", StringComparison.Ordinal)).ToList();
        Assert.Contains("S " + _folder["project"], lines);
        Assert.Contains(lines, line => line.StartsWith("B " + _folder["obj/_build/default/src"], StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(Directory.Exists(line[2..]), line));
    }

    [Theory]
    [InlineData("ln -s {0} leak")]
    [InlineData("ln -s ../../../../secret leak")]
    public async Task An_image_that_is_a_link_to_a_file_of_the_users_is_refused(string script)
    {
        var secret = _folder.Write("secret", "the secret\n");
        var build = Project("true") with { DuneTarget = "leak" };
        _folder.Write("project/dune", $"(rule (targets leak) (action (run sh -c \"{script.Replace("{0}", secret, StringComparison.Ordinal)}\")))\n");
        var error = await Record.ExceptionAsync(() => DuneCompile.Run(build, Tools().Result, _reporter, Cancellation));
        // dune itself may refuse it first.
        Assert.True(error is null or HillingarException { Diagnostic.Code: "HIL5014" }, error?.ToString());
        Assert.False(File.Exists(build.Image));
    }

    [Fact]
    public async Task A_link_within_what_dune_makes_will_do()
    {
        Directory.CreateDirectory(_folder["obj/_build/default/src"]);
        _folder.Write("obj/_build/default/src/real", "made");
        File.CreateSymbolicLink(_folder["obj/_build/default/src/link"], "../src/real");
        Workspace.CopyOut("_build/default/src/link", _folder["image"], Cancellation);
        Assert.Equal("made", await File.ReadAllTextAsync(_folder["image"], Cancellation));
        File.CreateSymbolicLink(_folder["obj/_build/default/src/loop"], "loop");
        Assert.Equal("HIL5014", Assert.Throws<HillingarException>(() => Workspace.CopyOut("_build/default/src/loop", _folder["none"], Cancellation)).Diagnostic.Code);
        File.CreateSymbolicLink(_folder["obj/_build/default/out"], _folder.Path);
        Assert.Equal("HIL5014", Assert.Throws<HillingarException>(() => Workspace.CopyOut("_build/default/out/secret", _folder["none"], Cancellation)).Diagnostic.Code);
    }

    [Fact]
    public async Task A_build_that_is_stopped_leaves_nothing_running()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var tools = await Tools();
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        var building = DuneCompile.Run(Project($"sleep {mark} & (setsid sleep {mark} &) ; sleep {mark}"), tools, _reporter, stop.Token);
        for (var wait = 0; Running(mark) < 3; wait++)
        {
            Assert.True(wait < 1200, "the rule did not start");
            await Task.Delay(100, Cancellation);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => building);
        Assert.Equal(0, Running(mark));
    }

    [Fact]
    public async Task What_a_rule_floods_is_left_out_of_the_log_and_does_no_harm()
    {
        var build = Project("head -c 100000000 /dev/zero | tr '\\0' a >&3; echo fine");
        _folder.Write("project/dune", "(rule (targets made.ml) (deps script.sh) (action (with-stdout-to made.ml (run sh -c \"exec 3>&2; . ./script.sh\"))))\n(executable (name main))\n");
        _folder.Write("project/script.sh", "for i in $(seq 2000); do head -c 15000 /dev/zero | tr '\\0' a >&3; echo >&3; done; echo 'let lines = [\"fine\"]'\n");
        Assert.Equal("fine", await Said(build, await Tools()));
        Assert.InRange(_reporter.Told.Sum(line => (long)line.Length), 1 << 20, 18 << 20);
        Assert.Contains(_reporter.Told, line => line.Contains("is left out of this log", StringComparison.Ordinal));
    }

    // A rule can leave anything where the next run copies and reads.
    [Theory]
    [InlineData("rm -rf /build/src/* ; ln -s VICTIM /build/src/main.ml")]
    [InlineData("rm -f /build/src/main.ml; mkfifo /build/src/main.ml")]
    [InlineData("rm -f /build/src/main.ml; mkdir -p /build/src/main.ml/x")]
    [InlineData("rm -f /build/src/dune; ln -s dune /build/src/dune")]
    [InlineData("mkdir -p /build/src/in; chmod 0 /build/src/in; chmod 0 /build/src/main.ml")]
    [InlineData("cd /build/src; perl -e 'for (1..3000) { mkdir dddddddddd or die; chdir dddddddddd or die; }'")]
    [InlineData("rm -rf /build/duniverse/*; ln -s VICTIM /build/duniverse/dune; mkfifo /build/duniverse/pipe")]
    [InlineData("rm -rf /build/_build/log /build/_build/.lock; ln -s VICTIM /build/_build/log; ln -s VICTIM /build/_build/.lock; mkfifo /build/_build/pipe")]
    [InlineData("rm -rf /build/_build/log /build/_build/.lock; mkdir -p /build/_build/log/x /build/_build/.lock; chmod 0 /build/_build/default")]
    [InlineData("rm -rf /build/_build/default/src/main.exe; ln -s VICTIM /build/_build/default/src/main.exe")]
    [InlineData("mkdir -p /build/src/.git; printf '[core]\\n\\tfsmonitor = touch VICTIM.ran\\n' > /build/src/.git/config; mkdir /build/src/.git/objects /build/src/.git/refs; echo 'ref: refs/heads/main' > /build/src/.git/HEAD")]
    public async Task Whatever_a_rule_leaves_the_next_build_of_mended_sources_is_right(string script)
    {
        var victim = _folder.Write("outside/victim", "original\n");
        var tools = await Tools();
        var hostile = Project($"{script.Replace("VICTIM", victim, StringComparison.Ordinal)}\nexit 1");
        _folder.Write("project/dune", "(rule (targets made.ml) (deps script.sh (universe)) (action (with-stdout-to made.ml (run sh script.sh))))\n(executable (name main))\n");
        _folder.Write("project/script.sh", $"{script.Replace("VICTIM", victim, StringComparison.Ordinal)}\necho 'let lines = [\"hostile\"]'\nexit 1\n");
        var before = Outside();
        Assert.NotEmpty(await DuneCompile.Run(hostile, tools, _reporter, Cancellation).WaitAsync(TimeSpan.FromMinutes(5), Cancellation));
        Assert.Equal(before, Outside());
        // A restore makes what is wrong of the duniverse anew; this one is empty.
        Tree.Delete(_folder["obj/duniverse"]);
        var mended = Project("echo mended");
        Assert.Equal("mended", await Said(mended, tools).WaitAsync(TimeSpan.FromMinutes(5), Cancellation));
        Assert.Equal(before, Outside());
    }

    string Outside() => OperatingSystem.IsWindows() ? "" : Surroundings.Of(_folder["outside"]);

    [Fact]
    public void A_path_of_the_sandbox_is_told_as_one_of_this_machine()
    {
        var place = new BuildPlace("/home/me/obj", ["_build"]) { IsShut = true };
        Assert.Equal("/home/me/obj/src/x.ml and '/home/me/obj'", place.Here("/build/src/x.ml and '/build'"));
        Assert.Equal("/usr/build/x /builder/x a/build", place.Here("/usr/build/x /builder/x a/build"));
        Assert.Equal("/build", (place with { IsShut = false }).Here("/build"));
    }

    [Theory]
    [InlineData("A B")]
    [InlineData("1A")]
    [InlineData("A=B")]
    [InlineData("*")]
    public void A_name_that_is_no_variable_is_refused(string name) =>
        Assert.Equal("HIL6004", Assert.Throws<HillingarException>(() => BuildIsolation.Of(SandboxMode.Auto, ["FINE", name], _folder.Write("p.csproj", "<Project />"))).Diagnostic.Code);

    [Fact]
    public void Names_are_separated_by_semicolons_however_they_come() =>
        Assert.Equal(["ONE", "TWO", "THREE"], BuildIsolation.Of(SandboxMode.Auto, ["ONE; TWO;", "THREE"], "p.csproj").Environment);

    static int Running(string mark) => Directory.EnumerateDirectories("/proc").Count(folder =>
    {
        try
        {
            return int.TryParse(Path.GetFileName(folder), out _) && File.ReadAllText(folder + "/cmdline") == $"sleep\0{mark}\0";
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            return false;
        }
    });
}
