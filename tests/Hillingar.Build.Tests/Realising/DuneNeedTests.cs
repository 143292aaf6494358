using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Which dune will do for what is built.</summary>
public sealed class DuneNeedTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    bool IsMet(string version, string project = "(lang dune 2.0)", string? vendored = null, string? opam = null, string? inner = null, string asked = "")
    {
        const string Url = "https://example.org/lwt.tbz";
        foreach (var (path, text) in new[] { ("dune-project", vendored), ("lwt.opam", opam), ("test/dune-project", inner), ("other.opam", "opam-version: \"2.0\"\ndepends: [\"dune\" {>= \"99\"}]\n") })
            if (text is not null)
                _folder.Write($"obj/duniverse/lwt/{path}", text);
        var locked = new LockFile { Folder = _folder["project"], Packages = [new LockedPackage(OpamPackage.Parse("dune.3.17.2"), false), new LockedPackage(OpamPackage.Parse("lwt.5.6.1"), true)], Duniverse = [new LockedSource(Url, "lwt", [])], Pins = [new Pin(OpamPackage.Parse("lwt.5.6.1"), Url)], Request = ["x"] };
        var request = new Request("app", _folder["project/app.csproj"], ["unix"], [], asked.Length > 0 ? [new Dependency("dune", asked)] : [], []);
        var build = new DuneBuild(new Workspace(_folder["obj"]), [("dune-project", _folder.Write("project/dune-project", project)), ("main.ml", _folder.Write("project/main.ml", ""))], "app.exe", "default", "release", _folder["bin/app"]);
        return new DuneNeed(request, locked, build).IsMetBy(new OpamVersion(version));
    }

    [Fact]
    public void What_the_sources_say_decides_and_not_what_is_locked()
    {
        Assert.True(IsMet("3.17.2", "(lang dune 3.17)"));
        Assert.True(IsMet("2.9.3"));
        Assert.False(IsMet("2.9.3", "(lang dune 3.0)"));
        Assert.True(IsMet("2.9.3", vendored: "(lang dune 1.11)\n(name lwt)\n", opam: "opam-version: \"2.0\"\ndepends: [\"dune\" {>= \"1.8.0\"} \"ocaml\"]\n"));
        Assert.False(IsMet("2.9.3", opam: "opam-version: \"2.0\"\ndepends: [\"dune\" {>= \"3.5\"}]\n"));
    }

    [Fact]
    public void A_language_of_any_vendored_project_counts() => Assert.False(IsMet("2.9.3", vendored: "(lang dune 2.0)", inner: "(lang dune 3.8)"));

    [Fact]
    public void Who_asks_for_a_version_gets_what_is_locked() => Assert.False(IsMet("2.9.3", asked: ">= 3.17"));

    [Fact]
    public void What_cannot_be_read_is_left_to_the_locked_dune() => Assert.False(IsMet("2.9.3", "(lang dune"));
}
