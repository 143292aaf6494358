using System.Diagnostics;
using Hillingar.Build.Confinement;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class SwitchBuilderTests : IDisposable
{
    const string Patch = "--- a/tool.sh\n+++ b/tool.sh\n@@ -1,2 +1,2 @@\n #!/bin/sh\n-echo wrong\n+echo right\n";

    readonly TestFolder _folder = new();
    readonly SwitchCase _case;

    public SwitchBuilderTests() => _case = new SwitchCase(_folder);

    public void Dispose() => _folder.Dispose();

    // A package with a patch, one made by substs, one with a .install file, one that only installs, one whose .config others read.
    void Features()
    {
        _case.Add("patched.1.0", $"patches: [\"fix.patch\" \"other.patch\" {{os = \"nowhere\"}}]\nextra-files: [{_case.File("patched.1.0", "fix.patch", Patch)}]\ninstall: [[\"mkdir\" \"-p\" bin] [\"cp\" \"tool.sh\" \"%{{bin}}%/tool\"]]".Replace("{{", "{").Replace("}}", "}"), ("tool.sh", "#!/bin/sh\necho wrong\n"))
            .Add("made.1.0", "depends: [\"configured\" \"patched\"]\nsubsts: [\"made.txt\" \"sub/other.txt\"]\nbuild: [\"sh\" \"-c\" \"tool > said\"]\ninstall: [[\"mkdir\" \"-p\" _:share] [\"cp\" \"made.txt\" \"sub/other.txt\" \"said\" _:share]]",
                ("made.txt.in", "%{name}% %{version}% %{patched:version}% %{configured:answer}% %{undefined}%|%%\n"), ("sub/other.txt.in", "%{configured:list}% %{configured:flag}% %{patched:installed}% %{nobody:installed}% %{jobs}%\n"))
            .Add("listed.1.0", "build: [\"sh\" \"-c\" \"echo 'int main(void){return 0;}' > main.c && cc -o main main.c && rm main && echo x > main\"]",
                ("listed.install", "bin: [\"main\" {\"listed\"}]\nlib: [\"META\" \"?nothing\" \"sub/deep.ml\" {\"sub/deep.ml\"}]\nman: [\"listed.1\"]\ndoc: [\"META\" {\"README's copy\"}]\nshare_root: [\"META\" {\"listed-root\"}]\nstublibs: [\"META\" {\"dlllisted.so\"}]\n"),
                ("META", "meta\n"), ("sub/deep.ml", "let x = 1\n"), ("listed.1", "manual\n"))
            .Add("configured.1.0", "build: [\"sh\" \"-c\" \"cp given configured.config\"]\nsetenv: [[CONFIGURED = \"%{_:answer}%\"] [LIST += \"%{lib}%/one\"]]",
                ("given", "opam-version: \"2.0\"\nvariables { answer: \"42\" flag: true list: [\"a\" \"b\"] }\n"))
            .Add("installs.1.0", "depends: \"configured\" {build}\ninstall: [[\"sh\" \"-c\" \"mkdir -p %{lib}%/installs && echo $CONFIGURED ${LIST#*/lib} > %{lib}%/installs/seen\"] [\"ln\" \"-s\" \"lib/installs/seen\" \"%{prefix}%/link\"]]")
            .Add("virtual.1.0", "depends: [\"installs\" \"listed\"]");
    }

    [Theory]
    [InlineData(SandboxMode.Required)]
    [InlineData(SandboxMode.Off)]
    public async Task Small_packages_are_installed_as_opam_installs_them(SandboxMode sandbox)
    {
        Features();
        _case.Options = _case.Options with { Sandbox = sandbox };
        var ours = await _case.Build();

        var opam = new OpamRoot(_folder);
        await opam.Make();
        _case.FillCache(_folder["root/download-cache"]);
        await opam.Accepted(["install", "--jobs=1", .. _case.Names]);
        var theirs = SwitchCase.Contents(_folder["root/test"]).Where(file => !file.Key.StartsWith(".opam-switch", StringComparison.Ordinal)).ToDictionary();
        var found = SwitchCase.Contents(ours.Folder);
        Assert.Equal(theirs.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, content) in theirs)
            Assert.Equal($"{path} {content}", $"{path} {found[path]}");
        Assert.Equal("lib/installs/seen", new FileInfo(Path.Combine(ours.Folder, "link")).LinkTarget);
        Assert.Contains("42 /one", found["lib/installs/seen"], StringComparison.Ordinal);
        Assert.Contains("right", found["share/made/said"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_built_is_taken_from_the_store_and_only_what_changed_is_built_again()
    {
        Features();
        var first = await _case.Build();
        Assert.Equal(_case.Names.Order(), _case.Built.Order());
        var watch = Stopwatch.StartNew();
        var second = await _case.Build();
        Assert.Equal(first.Keys, second.Keys);
        Assert.Equal(first.Folder, second.Folder);
        Assert.Equal(_case.Names.Count(), _case.Built.Count());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));

        // Another number of jobs is the same package; a changed one takes those with it that see it.
        _case.Options = _case.Options with { Jobs = 1 };
        await _case.Build();
        Assert.Equal(_case.Names.Count(), _case.Built.Count());
        _case.Add("listed.1.0", "build: [\"sh\" \"-c\" \"echo y > main\"]", ("listed.install", "bin: [\"main\" {\"listed\"}]\n"));
        var third = await _case.Build();
        Assert.Equal(["listed.1.0", "virtual.1.0"], _case.Built.Skip(_case.Names.Count()).Order());
        Assert.Equal(["listed", "virtual"], first.Keys.Keys.Where(name => first.Keys[name] != third.Keys[name]).Order());
        Assert.EndsWith("y\n", SwitchCase.Contents(third.Folder)["bin/listed"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_sees_what_it_depends_on_and_nothing_else()
    {
        _case.Add("one.1", "install: [\"sh\" \"-c\" \"mkdir -p %{lib}% && echo > %{lib}%/one\"]")
            .Add("two.1", "depends: \"one\"\ninstall: [\"sh\" \"-c\" \"echo > %{lib}%/two\"]")
            .Add("optional.1", "install: [\"sh\" \"-c\" \"mkdir -p %{lib}% && echo > %{lib}%/optional\"]")
            .Add("sees.1", "depends: \"two\"\ndepopts: [\"optional\" \"absent\"]\ninstall: [[\"sh\" \"-c\" \"ls %{lib}% > seen; mkdir -p %{share}% && mv seen %{share}%/with\"] {optional:installed}]")
            .Add("alone.1", "install: [[\"sh\" \"-c\" \"mkdir -p %{share}%; ls -A %{prefix}% > %{share}%/alone\"]]");
        var found = SwitchCase.Contents((await _case.Build()).Folder);
        Assert.EndsWith("one\noptional\nstublibs\ntoplevel\ntwo\n", found["share/with"], StringComparison.Ordinal);
        Assert.EndsWith("\nshare\n", found["share/alone"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_missing_sources_are_told_at_once_and_nothing_is_compiled()
    {
        _case.Add("base.1", "build: [\"sh\" \"-c\" \"echo compiled; exit 7\"]")
            .Add("one.1", $"depends: \"base\"\nurl {{ src: \"file:///no/such/one.tar.gz\" checksum: \"sha256={new string('1', 64)}\" }}")
            .Add("two.1", $"depends: \"one\"\nurl {{ src: \"file:///no/such/two.tar.gz\" checksum: \"sha256={new string('2', 64)}\" }}");
        var first = await _case.Refused();
        Assert.StartsWith("HIL4", first.Code, StringComparison.Ordinal);
        var all = _case.Reporter.Told.Append(first.ToString()).ToList();
        Assert.Contains(all, message => message.Contains("error HIL4", StringComparison.Ordinal) && message.Contains("/one.tar.gz", StringComparison.Ordinal));
        Assert.Contains(all, message => message.Contains("error HIL4", StringComparison.Ordinal) && message.Contains("/two.tar.gz", StringComparison.Ordinal));
        Assert.Empty(_case.Built);
    }

    [Fact]
    public async Task The_standard_folders_of_a_switch_are_there_before_a_package_is_installed()
    {
        _case.Add("ocaml-src.1", "install: [[\"cp\" \"-r\" \".\" \"%{lib}%/ocaml-src\"] [\"sh\" \"-c\" \"cd %{prefix}% && find . -mindepth 1 -type d | sort | tr '\\n' ' ' > %{doc}%/folders\"]]", ("source.ml", "let x = 1\n"));
        var found = SwitchCase.Contents((await _case.Build()).Folder);
        Assert.EndsWith("let x = 1\n", found["lib/ocaml-src/source.ml"], StringComparison.Ordinal);
        Assert.EndsWith("./bin ./doc ./etc ./lib ./lib/ocaml-src ./lib/stublibs ./lib/toplevel ./man ./sbin ./share ", found["doc/folders"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_may_change_what_it_was_given_without_changing_the_store()
    {
        _case.Add("first.1", "install: [\"sh\" \"-c\" \"mkdir -p %{lib}% && echo first > %{lib}%/shared && echo stays > %{lib}%/gone\"]")
            .Add("second.1", "depends: \"first\"\ninstall: [\"sh\" \"-c\" \"echo second >> %{lib}%/shared && rm %{lib}%/gone\"]")
            .Add("third.1", "depends: \"first\"\ninstall: [\"sh\" \"-c\" \"mkdir -p %{share}% && cp %{lib}%/shared %{share}%/seen\"]");
        var found = SwitchCase.Contents((await _case.Build()).Folder);
        Assert.EndsWith("first\nsecond\n", found["lib/shared"], StringComparison.Ordinal);
        Assert.EndsWith("UserRead\nfirst\n", found["share/seen"], StringComparison.Ordinal);
        Assert.EndsWith("stays\n", found["lib/gone"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_of_a_failed_package_is_kept_and_its_end_shown()
    {
        _case.Add("good.1", "install: [\"sh\" \"-c\" \"mkdir -p %{lib}%\"]").Add("bad.1", "build: [\"sh\" \"-c\" \"seq 100; echo the cause >&2; exit 3\"]").Add("above.1", "depends: \"bad\"\nbuild: [\"false\"]");
        var error = await _case.Refused();
        Assert.Equal("HIL5064", error.Code);
        Assert.Contains("bad.1 could not be built", error.Message, StringComparison.Ordinal);
        Assert.Contains("ended with 3", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("the cause", error.Message, StringComparison.Ordinal);
        Assert.Contains("\n1\n2\n", await File.ReadAllTextAsync(error.Place!.Value.File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(["bad.1", "good.1"], _case.Built.Order());
        // The rest was not in vain, and nothing of the failed one stays.
        _case.Add("bad.1", "");
        _case.Add("above.1", "depends: \"bad\"");
        await _case.Build();
        Assert.Equal(["above.1", "bad.1", "bad.1", "good.1"], _case.Built.Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/switch/builds"]));
    }

    [Theory]
    [InlineData("\"sh\" \"-c\" \"echo > /etc/hillingar-was-here\"", "wrote outside its own folders")]
    [InlineData("\"touch\" \"/hillingar-was-here\"", "wrote outside its own folders")]
    [InlineData("\"bash\" \"-c\" \"echo > /dev/tcp/192.0.2.1/80\"", "wanted the network")]
    [InlineData("\"bash\" \"-c\" \"echo > /dev/tcp/example.org/80\"", "wanted the network")]
    [InlineData("\"sh\" \"-c\" \"while :; do sleep 100 & done\"", "more than 60 processes and threads")]
    [InlineData("\"sh\" \"-c\" \"f() { sleep 0.2; f & f & }; f; wait; sleep 100\"", "more than 60 processes and threads")]
    [InlineData("\"sh\" \"-c\" \"(setsid sleep 1000 &) ; sleep 1000\"", "longer than 00:00:08")]
    [InlineData("\"sh\" \"-c\" \"mkfifo %{prefix}%/pipe\"", "neither a file nor a folder nor a link")]
    [InlineData("\"\" \"x\"", "names no program")]
    [InlineData("\"no-such-program\"", "ended with 127")]
    public async Task A_package_that_misbehaves_fails_with_that_reason(string command, string reason)
    {
        _case.Options = _case.Options with { Limits = new BuildLimits(reason.Contains("00:00:08", StringComparison.Ordinal) ? TimeSpan.FromSeconds(8) : TimeSpan.FromSeconds(60), 60) };
        _case.Add("misbehaves.1", $"install: [{command}]");
        var error = await _case.Refused();
        Assert.Equal("HIL5064", error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/etc/hillingar-was-here") || File.Exists("/hillingar-was-here"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/switch/builds"]));
    }

    [Fact]
    public async Task The_users_files_and_variables_are_not_seen()
    {
        var secret = _folder.Write("secret", "secret\n");
        Environment.SetEnvironmentVariable("HILLINGAR_TEST_SECRET", "secret");
        _case.Add("curious.1", $"install: [\"sh\" \"-c\" \"mkdir -p %{{share}}%; (cat {secret} /etc/shadow; ls -A $HOME /root /home/*; env; id -u) > %{{share}}%/seen 2>&1; true\"]");
        var seen = SwitchCase.Contents((await _case.Build()).Folder)["share/seen"];
        Assert.DoesNotContain("secret\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", seen, StringComparison.Ordinal);
        Assert.EndsWith("1000\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("HILLINGAR_TEST_SECRET", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_circle_of_dependencies_is_told()
    {
        _case.Add("one.1", "depends: \"two\"").Add("two.1", "depends: \"one\"").Add("three.1", "depends: \"four\" {post}").Add("four.1", "depends: \"three\"");
        var error = await _case.Refused();
        Assert.Equal("HIL5063", error.Code);
        Assert.Contains("one.1, two.1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_that_lists_files_it_did_not_make_fails_by_their_names()
    {
        _case.Add("listed.1", "", ("listed.install", "lib: [\"there\" \"missing one\" \"?optional\"]\n"), ("there", ""));
        Assert.Contains("not there: ./missing one", (await _case.Refused()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linked.install")]
    [InlineData("linked.config")]
    public async Task A_file_for_us_to_read_that_is_a_link_out_is_refused(string name)
    {
        var secret = _folder.Write("secret", "bin: [\"x\"]\n");
        _case.Add("linked.1", $"build: [\"ln\" \"-s\" \"{secret}\" \"{name}\"]");
        Assert.Equal("HIL5061", (await _case.Refused()).Code);
    }

    [Fact]
    public async Task Two_builds_share_a_store()
    {
        for (var n = 0; n < 6; n++)
            _case.Add($"p{n}.1", $"{(n > 1 ? $"depends: [\"p{n - 2}\"]" : "")}\ninstall: [\"sh\" \"-c\" \"sleep 0.2; mkdir -p %{{lib}}% && date +%%s%%N > %{{lib}}%/p{n}\"]");
        var builds = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(_case.Build)));
        Assert.Equal(6, _case.Built.Count());
        Assert.All(builds, built => Assert.Equal(builds[0].Keys, built.Keys));
        Assert.All(builds, built => Assert.Equal(SwitchCase.Contents(builds[0].Folder), SwitchCase.Contents(built.Folder)));
    }

    [Fact]
    public async Task A_command_runs_with_the_switch_at_its_prefix()
    {
        Features();
        _case.Add("baked.1", "install: [[\"sh\" \"-c\" \"mkdir -p %{bin}% && printf '#!/bin/sh\\ncat %{prefix}%/share/made/made.txt; echo $CONFIGURED\\n' > %{bin}%/baked && chmod +x %{bin}%/baked\"]]");
        var built = await _case.Build();
        var result = await ProcessRunner.Run(built.Use(new Command("baked", [], _folder.Path)), TestContext.Current.CancellationToken);
        Assert.Equal("made 1.0 1.0 42 |%\n42\n", result.Output);
    }

    [Fact]
    public async Task A_kill_at_any_moment_leaves_nothing_half_built_and_the_next_build_finishes()
    {
        for (var n = 0; n < 8; n++)
            _case.Add($"p{n}.1", $"{(n > 1 ? $"depends: [\"p{n - 2}\"]" : "")}\nbuild: [\"sh\" \"-c\" \"for i in 1 2 3 4 5; do echo $i > f$i; sleep 0.02; done\"]\ninstall: [\"sh\" \"-c\" \"mkdir -p %{{lib}}%/p{n}; for i in 1 2 3 4 5; do cp f$i %{{lib}}%/p{n}/; sleep 0.02; done\"]", ("x", "x"));
        var watch = Stopwatch.StartNew();
        var whole = await _case.Build();
        var took = watch.Elapsed;
        var expected = SwitchCase.Contents(whole.Folder);
        Assert.Equal(40, expected.Count);
        var random = new Random(9);
        var (killed, kept) = (0, 0);
        for (var round = 0; round < (TestData.Full ? 50 : 3); round++)
        {
            // The same path, as that goes into the keys.
            Directory.Delete(_folder["store"], recursive: true);
            using (var process = SwitchWorker.Start(_folder["repository"], _folder["store"]))
            {
                await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
                await Task.Delay(took * random.NextDouble(), TestContext.Current.CancellationToken);
                process.Kill();
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                // Ended by the signal, or done before it came; by no fault of its own.
                Assert.Contains(process.ExitCode, new[] { 0, 137 });
                killed += process.ExitCode == 0 ? 0 : 1;
            }

            // What it had started is gone with it.
            for (var wait = 0; Orphans().Any(); wait++)
            {
                Assert.True(wait < 1200, string.Join('\n', Orphans()));
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }

            var before = _case.Built.Count();
            foreach (var (name, key) in whole.Keys)
                if (Directory.Exists(_folder[$"store/switch/packages/{key}"]))
                {
                    kept++;
                    Assert.Equal(5, Directory.GetFiles(_folder[$"store/switch/packages/{key}/tree/lib/{name}"]).Length);
                }

            var there = whole.Keys.Values.Count(key => Directory.Exists(_folder[$"store/switch/packages/{key}"]));
            var again = await _case.Build();
            Assert.Equal(8 - there, _case.Built.Count() - before);
            Assert.Equal(whole.Keys, again.Keys);
            Assert.Equal(expected, SwitchCase.Contents(again.Folder));
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/switch/builds"]));
        }

        Assert.True(killed > 0 && (kept > 0 || !TestData.Full), $"{killed} killed, {kept} packages kept");

        IEnumerable<string> Orphans() => Directory.EnumerateFiles("/proc", "cmdline", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, IgnoreInaccessible = true })
            .Select(Command).Where(command => command.Contains("bwrap", StringComparison.Ordinal) && command.Contains(_folder.Path, StringComparison.Ordinal));

        static string Command(string file)
        {
            try
            {
                return File.ReadAllText(file);
            }
            catch (Exception exception) when (FileFault.Is(exception))
            {
                return "";
            }
        }
    }
}
