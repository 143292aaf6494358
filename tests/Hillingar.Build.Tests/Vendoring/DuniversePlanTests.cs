using Hillingar.Opam;

namespace Hillingar.Build.Tests;

public class DuniversePlanTests
{
    static VendoredPackage Package(string name, string? devRepo, string url) => new(
        new MemoryRepository("test").Add($"{name}.1", devRepo is null ? "" : $"dev-repo: \"{devRepo}\"").Versions(new PackageName(name))[0],
        new SourceUrl(url, [], []));

    static IEnumerable<(string, string)> Plan(params VendoredPackage[] packages) => DuniversePlan.Of(packages).Select(source => (source.Folder, source.Url));

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
    public void Archives_of_one_repository_that_differ_are_told() =>
        Assert.Equal("HIL3010", Assert.Throws<HillingarException>(() => Plan(Package("git", "r", "a"), Package("carton", "r", "b")).ToList()).Diagnostic.Code);
}
