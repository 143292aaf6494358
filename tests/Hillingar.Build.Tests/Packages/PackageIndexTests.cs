using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Build.Packages;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Universe;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class PackageIndexTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static PackageIndex Index { get; } = new(new MemoryRepository("world")
        .Add("dns.3", "flags: avoid-version\nsynopsis: \"three\"").Add("dns.2", "synopsis: \"two\"").Add("dns.2~beta", "").Add("dns.1.5", "")
        .Add("dns-server.1", "depends: \"dns\"").Add("lwt.5", ""));

    [Theory]
    [InlineData("dns", "dns")]
    [InlineData("DNS*", "dns dns-server")]
    [InlineData("*s?rver", "dns-server")]
    [InlineData("lw", "")]
    [InlineData("dns.", "")]
    public void Names_match_patterns_as_the_shell_does(string pattern, string names) =>
        Assert.Equal(names, string.Join(' ', Index.Find(pattern).Select(found => found.Name)));

    [Fact]
    public void The_latest_version_is_the_newest_that_does_not_ask_to_be_avoided()
    {
        var found = Assert.Single(Index.Find("dns"));
        Assert.Equal(("2", "two", 4), (found.Version, found.Synopsis, found.Versions.Count));
    }

    [Theory]
    [InlineData(null, "3 2 2~beta 1.5")]
    [InlineData("*", "3 2 2~beta 1.5")]
    [InlineData("latest", "2")]
    [InlineData("2", "2")]
    [InlineData("2*", "2 2~beta")]
    [InlineData(">= 2", "3 2")]
    [InlineData(">= 1 & < 2", "2~beta 1.5")]
    [InlineData("[1.5,2.0)", "2~beta 1.5")]
    public void Versions_are_picked_in_every_way_one_writes_them(string? version, string versions) =>
        Assert.Equal(versions, string.Join(' ', Index.Get("dns", version).Select(details => details.Version)));

    [Theory]
    [InlineData("nothing", null, "HIL7006")]
    [InlineData("dns", "9", "HIL7006")]
    [InlineData("not a name", null, "HIL7006")]
    [InlineData("dns", ">= & 2", "HIL6010")]
    public void What_is_not_there_is_told(string name, string? version, string code) =>
        Assert.Equal(code, Assert.Throws<HillingarException>(() => Index.Get(name, version)).Diagnostic.Code);

    [Theory]
    [InlineData("lwt", "lwt", "")]
    [InlineData("lwt.5.7.0", "lwt", "= \"5.7.0\"")]
    [InlineData("dns-server>=10", "dns-server", ">=10")]
    [InlineData(" lwt [5.6,6.0) ", "lwt", "[5.6,6.0)")]
    public void A_package_is_read_as_one_types_it(string text, string name, string version) => Assert.Equal(new Dependency(name, version), PackageQuery.Parse(text));

    [Theory]
    [InlineData("", "HIL1005")]
    [InlineData("123", "HIL1005")]
    [InlineData("lwt; rm", "HIL1005")]
    [InlineData("lwt >= \"1\"} \"dune\" {= \"2\"", "HIL6010")]
    [InlineData("lwt five", "HIL6010")]
    public void What_is_no_package_is_refused(string text, string code) => Assert.Equal(code, Assert.Throws<HillingarException>(() => PackageQuery.Parse(text)).Diagnostic.Code);

    [Fact]
    public async Task Packages_are_resolved_as_a_project_would_have_them()
    {
        _folder.Write("repository/packages/ocaml-base-compiler/ocaml-base-compiler.5.0.0/opam", "opam-version: \"2.0\"\nflags: compiler\n");
        _folder.Write("repository/packages/ocaml/ocaml.5.0.0/opam", "opam-version: \"2.0\"\ndepends: \"ocaml-base-compiler\"\n");
        _folder.Write("repository/packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n");
        foreach (var version in new[] { "1", "2" })
            _folder.Write($"repository/packages/lib/lib.{version}/opam", $"opam-version: \"2.0\"\ndepends: \"dune\"\nbuild: [\"dune\"]\nurl {{ src: \"https://example.org/lib-{version}.tbz\" checksum: \"sha256={Hashes.OfText(version)}\" }}\n");
        async Task<Resolved> Resolve(params string[] packages) => await new Resolver(new Stores(_folder["cache"]), new ReporterFake()).Resolve(
            new ResolveRequest([.. packages.Select(PackageQuery.Parse)], [_folder["repository"]]) { OCaml = "5.0.0", Offline = true }, TestContext.Current.CancellationToken);

        var resolved = await Resolve("lib<2");
        Assert.Equal("dune.3.0 lib.1 ocaml.5.0.0 ocaml-base-compiler.5.0.0", string.Join(' ', resolved.Packages));
        Assert.Equal(new ResolvedPackage("lib", "1", true, true, "https://example.org/lib-1.tbz"), resolved.Packages.Single(package => package.Vendored));
        var conflict = (await Assert.ThrowsAsync<ConflictException>(() => Resolve("lib>=3"))).Conflict;
        Assert.Equal(conflict.ToString().Split('\n')[0], conflict.Cause);
        var fix = Assert.Single(conflict.Fixes);
        Assert.Equal((LockFixKind.Bound, "lib", ""), (fix.Kind, fix.Package, fix.Version));
    }
}
