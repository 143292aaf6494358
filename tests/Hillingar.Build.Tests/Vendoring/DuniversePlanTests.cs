using Hillingar.Build.Locks;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Tests;

public class DuniversePlanTests
{
    static VendoredPackage Package(string name, string? devRepo, string url) => new(
        new MemoryRepository("test").Add($"{name}.1", devRepo is null ? "" : $"dev-repo: \"{devRepo}\"").Versions(new PackageName(name))[0],
        new SourceUrl(url, [], []));

    static IEnumerable<(string, string)> Plan(params VendoredPackage[] packages) => DuniversePlan.Of(packages, LockRules.Hillingar).Select(folder => (folder.Source.Folder, folder.Source.Url));

    [Fact]
    public void Packages_of_one_repository_share_a_folder() =>
        Assert.Equal([("lwt", "u")], Plan(Package("lwt", "git+https://github.com/ocsigen/lwt.git", "u"), Package("lwt_ppx", "git+https://github.com/ocsigen/lwt.git", "u")));

    [Fact]
    public void Repositories_of_one_last_name_get_a_folder_each() =>
        Assert.Equal([("lib", "a"), ("two-lib", "b")], Plan(Package("x", "git+https://example.org/one/lib.git", "a"), Package("y", "git+https://example.org/two/lib.git", "b")));

    [Fact]
    public void Dune_and_packages_without_repository_get_names_of_their_own() =>
        Assert.Equal([("dune_", "a"), ("plain", "b")], Plan(Package("dune-configurator", "git+https://github.com/ocaml/dune.git", "a"), Package("plain", null, "b")));

    [Fact]
    public void Archives_of_one_repository_get_a_folder_each_and_hold_their_own_packages_only() =>
        Assert.Equal(
            [("git", "git.1", true), ("git-carton", "carton.1 carton-lwt.1", true), ("other", "other.1", false)],
            DuniversePlan.Of([Package("git", "h/git", "a"), Package("carton", "h/git", "b"), Package("carton-lwt", "h/git", "b"), Package("other", null, "c")], LockRules.Hillingar)
                .Select(folder => (folder.Source.Folder, string.Join(' ', folder.Packages), folder.IsPartial)));

    [Fact]
    public void With_opam_monorepos_rules_what_cannot_share_a_folder_is_told_and_what_has_no_repository_is_left_out()
    {
        static string Refused(params VendoredPackage[] packages) => Assert.Throws<HillingarException>(() => DuniversePlan.Of(packages, LockRules.OpamMonorepo)).Diagnostic.Code;
        Assert.Equal("HIL3010", Refused(Package("git", "r", "a"), Package("carton", "r", "b")));
        Assert.Equal("HIL3013", Refused(Package("x", "git+https://example.org/one/lib.git", "a"), Package("y", "git+https://example.org/two/lib.git", "b")));
        Assert.Equal("b", Assert.Single(DuniversePlan.Of([Package("git", "r", "a"), Package("carton", "r", "b") with { IsPinned = true }], LockRules.OpamMonorepo)).Source.Url);
        Assert.Empty(DuniversePlan.Of([Package("plain", null, "a")], LockRules.OpamMonorepo));
    }
}
