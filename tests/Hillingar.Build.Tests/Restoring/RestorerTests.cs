using Hillingar.Build.Auditing;
using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Projects;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The whole way from a request to a duniverse, over small repositories of the tests' own.</summary>
public sealed class RestorerTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public RestorerTests() => Assert.SkipWhen(ProcessRunner.Find("ocamlopt") is null, "needs ocamlopt (Debian: ocaml)");

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    void Add(string package, string fields = "", string files = "x")
    {
        var name = package.Split('.')[0];
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Tarball.File($"{name}/file", files))), $"upstream/{package}.tar.gz");
        var checksum = Hashes.OfFile(archive, Hashes.Kinds)[0];
        _folder.Write($"repository/packages/{name}/{package}/opam",
            $"opam-version: \"2.0\"\ndepends: [\"dune\"]\nbuild: [\"dune\"]\n{fields}\nurl {{ src: \"file://{archive}\" checksum: \"{checksum}\" }}\n");
    }

    void AddDune() => _folder.Write("repository/packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n");

    Request Request(params Dependency[] dependencies) => new("app", _folder["project/app.csproj"], ["unix"], ["../repository"], dependencies, [.. Directory.Exists(_folder["project"]) ? Directory.EnumerateFiles(_folder["project"], "*.opam") : []]);

    AuditOptions? _audit;

    Task<LockFile> Restore(Request request, bool locked = false, bool force = false, params string[] update)
    {
        Directory.CreateDirectory(_folder["project"]);
        return new Restorer(new Stores(_folder["cache"]), _reporter).Restore(
            request, new RestoreOptions(_folder["project/app.opam.locked"], _folder["project/obj"], locked, force, Offline: true) { Update = update, Audit = _audit }, _folder["project/obj/stamp"], Cancellation);
    }

    async Task<Diagnostic> Refused(Request request, bool locked = false, params string[] update) =>
        (await Assert.ThrowsAnyAsync<HillingarException>(() => Restore(request, locked, update: update))).Diagnostic;

    [Fact]
    public async Task A_current_lock_is_kept_until_it_is_evaluated_anew()
    {
        AddDune();
        Add("lib.1");
        var request = Request(new Dependency("lib", ""));
        await Restore(request);
        var stamp = await File.ReadAllTextAsync(_folder["project/obj/stamp"], Cancellation);
        Add("lib.2");
        Assert.Equal("1", (await Restore(request)).Version("lib")!.Value.Text);
        Assert.Equal(stamp, await File.ReadAllTextAsync(_folder["project/obj/stamp"], Cancellation));
        Assert.Equal("2", (await Restore(request, force: true)).Version("lib")!.Value.Text);
        Assert.NotEqual(stamp, await File.ReadAllTextAsync(_folder["project/obj/stamp"], Cancellation));
        Assert.Equal("2", (await Restore(request, locked: true)).Version("lib")!.Value.Text);
    }

    [Fact]
    public async Task A_password_of_a_repository_is_used_and_is_in_no_lock_and_no_message()
    {
        var archive = Tarball.Gzip(Tarball.Tar(Tarball.File("lib/file")));
        var checksum = Hashes.Of(new MemoryStream(archive), Hashes.Kinds)[0];
        // The archive lies in the repository's own cache alone.
        var index = Tarball.Gzip(Tarball.Tar(
            Tarball.File("repo", "opam-version: \"2.0\"\narchive-mirrors: \"cache\"\n"),
            Tarball.File("packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n"),
            Tarball.File("packages/lib/lib.1/opam", $"opam-version: \"2.0\"\ndepends: [\"dune\"]\nbuild: [\"dune\"]\nurl {{ src: \"file:///nowhere/lib.tgz\" checksum: \"{checksum}\" }}\n")));
        using var server = new SourceServer((_, head, stream) => !head.Contains($"Authorization: Basic {Convert.ToBase64String("me:s3cret"u8)}", StringComparison.Ordinal)
            ? SourceServer.Send(stream, "HTTP/1.1 401 No\nContent-Length: 0\nConnection: close")
            : SourceServer.Ok(stream, head.StartsWith("GET /opam/index.tar.gz ", StringComparison.Ordinal) ? index : archive));
        var request = Request(new Dependency("lib", "")) with { Repositories = [server.Url("opam").Replace("http://", "http://me:s3cret@", StringComparison.Ordinal)] };

        // The second machine has the lock, an empty cache, and the project's own files.
        foreach (var (cache, locked) in new[] { ("one", false), ("two", true) })
        {
            Directory.CreateDirectory(_folder["project"]);
            var restored = await new Restorer(new Stores(_folder[cache]), _reporter).Restore(
                request, new RestoreOptions(_folder["project/app.opam.locked"], _folder[$"project/obj-{cache}"], locked, false, Offline: false), _folder[$"project/obj-{cache}/stamp"], Cancellation);
            Assert.Equal("1", restored.Version("lib")!.Value.Text);
        }

        Assert.Contains(server.Url("opam"), await File.ReadAllTextAsync(_folder["project/app.opam.locked"], Cancellation), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("s3cret", await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain(_reporter.Told, told => told.Contains("s3cret", StringComparison.Ordinal));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_repository_of_the_network_names_no_git_repository_of_this_machine()
    {
        var index = Tarball.Gzip(Tarball.Tar(
            Tarball.File("packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n"),
            Tarball.File("packages/lib/lib.1/opam", $"opam-version: \"2.0\"\ndepends: [\"dune\"]\nbuild: [\"dune\"]\nurl {{ src: \"git+file://{_folder["secrets"]}\" }}\n")));
        using var server = new SourceServer((_, _, stream) => SourceServer.Ok(stream, index));
        Directory.CreateDirectory(_folder["project"]);
        var error = await Assert.ThrowsAsync<HillingarException>(() => new Restorer(new Stores(_folder["cache"]), _reporter).Restore(
            Request(new Dependency("lib", "")) with { Repositories = [server.Url("opam")] }, new RestoreOptions(_folder["project/app.opam.locked"], _folder["project/obj"], false, false, Offline: false), _folder["project/obj/stamp"], Cancellation));
        Assert.Equal("HIL1009", error.Diagnostic.Code);
        Assert.Contains("only the project's own files may name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_alone_vendors_nothing_and_gives_the_one_before_it()
    {
        AddDune();
        Add("lib.1");
        Directory.CreateDirectory(_folder["project"]);
        Task<(LockFile Lock, LockFile? Before)> Lock(params string[] update) => new Restorer(new Stores(_folder["cache"]), _reporter).Lock(
            Request(new Dependency("lib", "")), new RestoreOptions(_folder["project/app.opam.locked"], _folder["project/obj"], false, false, Offline: true) { Update = update }, Cancellation);

        var (first, none) = await Lock();
        Assert.Null(none);
        Add("lib.2");
        Assert.Equal(first.ToString(), (await Lock()).Lock.ToString());
        var (second, before) = await Lock("lib");
        Assert.Equal(["lib 1 -> 2"], LockComparison.Of(before, second).Select(change => change.ToString()));
        Assert.Equal(second.ToString(), await File.ReadAllTextAsync(_folder["project/app.opam.locked"], Cancellation));
        Assert.False(Directory.Exists(_folder["project/obj"]));
    }

    [Fact]
    public async Task A_conflict_has_fixes_that_can_be_written_into_the_project()
    {
        AddDune();
        Add("lib.1");
        var request = Request(new Dependency("lib", ">= \"2\""));
        var conflict = (await Assert.ThrowsAsync<ConflictException>(() => Restore(request))).Conflict;
        Assert.Equal("app", conflict.Project);
        var fix = Assert.Single(conflict.Fixes, fix => ProjectEditor.CanApply(fix, "app"));
        _folder.Write("project/app.csproj", "<Project><ItemGroup><OpamDependency Include=\"lib\" Version=\"&gt;= 2\" /></ItemGroup></Project>");
        ProjectEditor.Apply(fix, "app");
        Assert.Contains("<OpamDependency Include=\"lib\" />", await File.ReadAllTextAsync(_folder["project/app.csproj"], Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_request_keeps_versions_and_one_package_is_taken_anew_when_asked_for()
    {
        AddDune();
        Add("lib.1");
        Add("other.1");
        await Restore(Request(new Dependency("lib", "")));
        Add("lib.2");
        Add("other.2");
        var request = Request(new Dependency("lib", ""), new Dependency("other", ""));
        Assert.Equal("1", (await Restore(request)).Version("lib")!.Value.Text);
        Add("other.3");
        var updated = await Restore(request, update: "lib");
        Assert.Equal(("2", "2"), (updated.Version("lib")!.Value.Text, updated.Version("other")!.Value.Text));
        Assert.Contains(_reporter.Told, step => step == "lib 1 -> 2");
        Assert.Equal("HIL3005", (await Refused(request, update: "none")).Code);
        Assert.Equal("HIL3002", (await Refused(request, locked: true, update: "other")).Code);
        Assert.Contains("now 'app depends", (await Refused(Request(new Dependency("lib", ">= 2")), locked: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_versions_of_a_lock_of_opam_monorepo_are_kept()
    {
        AddDune();
        Add("lib.1");
        var request = Request(new Dependency("lib", ""));
        await Restore(request);
        Add("lib.2");
        var path = _folder["project/app.opam.locked"];
        var theirs = MonorepoCase.Without(LockFile.Read(path));
        await File.WriteAllTextAsync(path, theirs, Cancellation);
        Assert.Equal("1", (await Restore(request, locked: true)).Version("lib")!.Value.Text);
        Assert.Equal("1", (await Restore(request)).Version("lib")!.Value.Text);
        Assert.Equal(theirs, await File.ReadAllTextAsync(path, Cancellation));
        Add("other.1");
        request = Request(new Dependency("lib", ""), new Dependency("other", ""));
        Assert.Equal("HIL3002", (await Refused(request, locked: true)).Code);
        var locked = await Restore(request);
        Assert.Equal("1", locked.Version("lib")!.Value.Text);
        Assert.Equal([Platform.Host.Name], locked.Platforms);
    }

    [Fact]
    public async Task A_lock_serves_the_platforms_on_its_list_and_no_other()
    {
        AddDune();
        Add("lib.1");
        Add("only.1", "available: os = \"" + (OperatingSystem.IsWindows() ? "linux" : "win32") + "\"");
        _folder.Write("repository/packages/lib/lib.1/opam", (await File.ReadAllTextAsync(_folder["repository/packages/lib/lib.1/opam"], Cancellation))
            .Replace("depends: [\"dune\"]", $"depends: [\"dune\" \"only\" {{os = \"{(OperatingSystem.IsWindows() ? "linux" : "win32")}\"}}]", StringComparison.Ordinal));
        var other = OperatingSystem.IsWindows() ? "x86_64-linux" : "x86_64-win32";
        var both = Request(new Dependency("lib", "")) with { Platforms = [Platform.Host.Name, other] };
        var locked = await Restore(both);
        Assert.Equal([other], locked.Packages.Single(item => item.Package.Name.Text == "only").Platforms);
        Assert.Empty(locked.Packages.Single(item => item.Package.Name.Text == "lib").Platforms);
        Assert.Equal("1", (await Restore(both, locked: true)).Version("lib")!.Value.Text);
        var elsewhere = both with { Platforms = [other] };
        await Restore(elsewhere);
        Assert.Equal("HIL3004", (await Refused(elsewhere, locked: true)).Code);
        Assert.Equal("HIL6017", (await Refused(both with { Platforms = ["z80-linux"] })).Code);
    }

    [Fact]
    public async Task Advisories_are_pinned_at_a_commit_and_taken_anew_with_what_is_updated()
    {
        AddDune();
        Add("lib.1");
        string Advisory(string id) => $"```\nid: {id}\naffected: \"lib\"\n```\n\n# A fault\n";
        var first = await GitRepository.Make(_folder, "advisories", "OSEC-2026-01.md", Advisory("OSEC-2026-01"));
        _audit = new AuditOptions([]) { Source = "git+file://" + _folder["advisories"] };
        var request = Request(new Dependency("lib", ""));
        Assert.Equal(("git+file://" + _folder["advisories"], first), (await Restore(request)).Advisories);
        Assert.Single(_reporter.Told, told => told.Contains("OSEC-2026-01", StringComparison.Ordinal));

        _folder.Write("advisories/OSEC-2026-02.md", Advisory("OSEC-2026-02"));
        await GitRepository.Run(_folder, "advisories", "add", ".");
        await GitRepository.Run(_folder, "advisories", "commit", "--quiet", "-m", "two");
        await Restore(request);
        await Restore(request, locked: true);
        Assert.DoesNotContain(_reporter.Told, told => told.Contains("OSEC-2026-02", StringComparison.Ordinal));
        await Restore(request, update: "lib");
        Assert.Single(_reporter.Told, told => told.Contains("OSEC-2026-02", StringComparison.Ordinal));

        // A copy of the store is all that a restore needs.
        Directory.Move(_folder["advisories"], _folder["gone"]);
        await Restore(request, locked: true);
        Assert.DoesNotContain(_reporter.Told, told => told.Contains("HIL4050", StringComparison.Ordinal));
        await Restore(request, force: true);
        Assert.Single(_reporter.Told, told => told.Contains("HIL4050", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lock_says_what_the_repositories_held()
    {
        AddDune();
        Add("lib.1");
        var before = await Restore(Request(new Dependency("lib", "")));
        var (address, content) = Assert.Single(before.Contents);
        Assert.Equal("file://$OPAM_MONOREPO_CWD/../repository", address);
        Add("unused.1");
        Assert.Equal(content, Assert.Single((await Restore(Request(new Dependency("lib", "")), force: true)).Contents).Content);
        Add("lib.1", files: "y");
        Assert.NotEqual(content, Assert.Single((await Restore(Request(new Dependency("lib", "")), force: true)).Contents).Content);
    }

    [Fact]
    public async Task Repositories_overlays_and_variables_of_opam_files_count()
    {
        AddDune();
        Add("lib.1");
        Directory.CreateDirectory(_folder["overlays/packages"]);
        Directory.Move(_folder["repository/packages/lib"], _folder["overlays/packages/lib"]);
        _folder.Write("project/more.opam", $"""
            opam-version: "2.0"
            depends: ["lib" {"{"}fancy{"}"} "absent" {"{"}!fancy{"}"}]
            x-opam-monorepo-opam-repositories: ["file://{_folder["repository"]}"]
            x-opam-monorepo-global-opam-vars: [["fancy" true]]
            x-mirage-extra-repo: [["extra" "file://{_folder["overlays"]}"]]
            """);
        var locked = await Restore(Request() with { Repositories = [] });
        Assert.Equal("1", locked.Version("lib")!.Value.Text);
        Assert.Equal([$"file://{_folder["overlays"]}", $"file://{_folder["repository"]}"], locked.Repositories);
    }

    [Fact]
    public async Task An_overlay_that_helps_is_named_in_the_first_line()
    {
        AddDune();
        Add("old.1");
        Directory.CreateDirectory(_folder["ports/packages"]);
        Directory.Move(_folder["repository/packages/old"], _folder["ports/packages/old"]);
        Add("old.2");
        _folder.Write("repository/packages/old/old.2/opam", (await File.ReadAllTextAsync(_folder["repository/packages/old/old.2/opam"], Cancellation)).Replace("depends: [\"dune\"]", "", StringComparison.Ordinal));
        var first = (await Refused(Request(new Dependency("old", "")) with { Overlays = ["../missing", "../ports"] })).Message.Split('\n')[0];
        Assert.Contains("old does not build with dune", first, StringComparison.Ordinal);
        Assert.Contains("../ports", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_git_branch_is_locked_to_its_commit()
    {
        AddDune();
        var commit = await Repository("lib", "lib.opam", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/lib/lib.1/opam", $"opam-version: \"2.0\"\ndepends: [\"dune\"]\nbuild: [\"dune\"]\nurl {{ src: \"git+file://{_folder["git/lib"]}#main\" }}\n");
        var locked = await Restore(Request(new Dependency("lib", "")));
        Assert.Equal($"git+file://{_folder["git/lib"]}#{commit}", Assert.Single(locked.Duniverse).Url);
        Assert.True(File.Exists(_folder["project/obj/duniverse/lib/lib.opam"]));
    }

    [Fact]
    public async Task A_pinned_package_comes_from_its_pin_and_no_release_is_seen()
    {
        AddDune();
        Add("other.1");
        Add("lib.9");
        var commit = await Repository("lib", "lib.opam", "opam-version: \"2.0\"\ndepends: [\"dune\" \"other\"]\nbuild: [\"dune\"]\n");
        _folder.Write("project/more.opam", $"opam-version: \"2.0\"\ndepends: [\"lib\"]\npin-depends: [[\"lib.dev\" \"git+file://{_folder["git/lib"]}\"]]\n");
        var locked = await Restore(Request());
        Assert.Equal("dev", locked.Version("lib")!.Value.Text);
        Assert.Equal("1", locked.Version("other")!.Value.Text);
        Assert.Contains(locked.Duniverse, source => source.Url.EndsWith(commit, StringComparison.Ordinal));

        // A branch that moves on moves the lock when that is asked for.
        var next = await Repository("lib", "news", "");
        Assert.NotEqual(commit, next);
        Assert.Contains(commit, (await Restore(Request(new Dependency("other", "")))).ToString(), StringComparison.Ordinal);
        Assert.Contains(next, (await Restore(Request(new Dependency("other", "")), update: "lib")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_build_with_dune_is_told_by_name()
    {
        AddDune();
        Add("old.1", "depends: [\"ocaml\"]\n".Replace("depends", "x-none", StringComparison.Ordinal));
        _folder.Write("repository/packages/old/old.1/opam", (await File.ReadAllTextAsync(_folder["repository/packages/old/old.1/opam"], Cancellation)).Replace("depends: [\"dune\"]", "", StringComparison.Ordinal).Replace("\"dune\"", "\"make\"", StringComparison.Ordinal));
        var error = await Refused(Request(new Dependency("old", "")));
        Assert.Equal("HIL2001", error.Code);
        Assert.Contains("old", error.Message.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("dune", error.Message.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_that_is_not_there_is_told_with_the_nearest_name()
    {
        AddDune();
        Add("lwt.5");
        var error = await Refused(Request(new Dependency("lwtt", "")));
        Assert.Contains("lwtt", error.Message.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("lwt", error.Message.Replace("lwtt", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["project/app.opam.locked"]));
    }

    [Fact]
    public async Task A_lock_that_names_a_folder_outside_is_refused()
    {
        AddDune();
        Add("lib.1");
        await Restore(Request(new Dependency("lib", "")));
        var path = _folder["project/app.opam.locked"];
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Cancellation)).Replace("\n    \"lib\"\n", "\n    \"../../pwned\"\n", StringComparison.Ordinal), Cancellation);
        Assert.Contains("../../pwned", await File.ReadAllTextAsync(path, Cancellation), StringComparison.Ordinal);
        Assert.Equal("HIL4030", (await Refused(Request(new Dependency("lib", "")))).Code);
    }

    [Fact]
    public async Task Archives_of_one_repository_are_vendored_side_by_side_each_with_its_own_packages()
    {
        AddDune();
        Add("core.1", "dev-repo: \"git+https://example.org/pair.git\"");
        Add("extra.2", "dev-repo: \"git+https://example.org/pair.git\"");
        var request = Request(new Dependency("core", ""), new Dependency("extra", ""));
        Assert.Equal(["pair", "pair-extra"], (await Restore(request)).Partial);
        Assert.Equal(["core", "extra"], (await Restore(request, locked: true)).Entries.Select(entry => Assert.Single(entry.OnlyPackages)));
        Assert.True(File.Exists(_folder["project/obj/duniverse/pair-extra/file"]));

        var path = _folder["project/app.opam.locked"];
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Cancellation)).Replace("x-hillingar-partial: [\n  \"pair\"", "x-hillingar-partial: [\n  \"other\"", StringComparison.Ordinal).Replace("x-hillingar-partial: [\"pair\"", "x-hillingar-partial: [\"other\"", StringComparison.Ordinal), Cancellation);
        var told = await Refused(request, locked: true);
        Assert.Equal("HIL3001", told.Code);
        Assert.Contains("'other'", told.Message, StringComparison.Ordinal);
    }

    async Task<string> Repository(string name, string file, string text)
    {
        _folder.Write($"git/{name}/{file}", text);
        foreach (var arguments in new string[][] { ["init", "--quiet", "-b", "main"], ["add", "."], ["commit", "--quiet", "-m", "one"] })
            Assert.Equal(0, (await ProcessRunner.Run(new Command("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-C", _folder[$"git/{name}"], .. arguments]), Cancellation)).ExitCode);
        return (await ProcessRunner.Run(new Command("git", ["-C", _folder[$"git/{name}"], "rev-parse", "HEAD"]), Cancellation)).Output.Trim();
    }
}
