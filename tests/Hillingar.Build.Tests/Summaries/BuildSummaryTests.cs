using Hillingar.Build.Auditing;
using Hillingar.Build.Locks;
using Hillingar.Build.Storage;
using Hillingar.Build.Summaries;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class BuildSummaryTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public BuildSummaryTests()
    {
        _folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        foreach (var (package, depends) in new[] { ("web.1.0", "\"io\""), ("web.2.0", "\"io\""), ("io.1.0", "") })
            _folder.Write($"repository/packages/{package.Split('.')[0]}/{package}/opam", $"opam-version: \"2.0\"\ndepends: [{depends}]\n");
        _folder.Write("advisories/OSEC-2026-90.md", "```\nid: OSEC-2026-90\nseverity_score: \"7.5\"\naffected: \"web\" {< \"2\"}\n```\n\n# It <img src=x> | `overflows`\n");
        _folder.Write("advisories/OSEC-2026-91.md", "```\nid: OSEC-2026-91\nseverity_score: \"2.5\"\naffected: \"io\"\n```\n\n# It is slow\n");
    }

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Lock(string name, params string[] packages) => _folder.Write(name, new LockFile
    {
        Folder = _folder.Path,
        Packages = [.. packages.Select(package => new LockedPackage(OpamPackage.Parse(package), false))],
        Duniverse = [],
        Repositories = ["file://$OPAM_MONOREPO_CWD/repository"],
        Request = ["app depends \"web\""],
        Advisories = ("file://$OPAM_MONOREPO_CWD/advisories", "sha256=0"),
    }.ToString());

    async Task<string> Summary(SummaryOptions options) => SummaryText.Markdown(await BuildSummary.Of(options, new Stores(_folder["cache"]), _reporter, Cancellation));

    SummaryOptions Options(params SummaryImage[] images) => new("app", Lock("app.opam.locked", "web.2.0", "io.1.0"), images) { Audit = new AuditOptions([]) };

    [Fact]
    public async Task It_tells_the_images_the_vulnerabilities_and_who_needs_whom()
    {
        var text = await Summary(Options(new SummaryImage("spt", "/out/app.spt", 2048, "ab12", "spt"), new SummaryImage("unix", "/out/app", 100, "cd34", "")));
        Assert.Contains("| target | image | size | SHA-256 |", text, StringComparison.Ordinal);
        Assert.Contains("| spt | app.spt | 2.0 KB | `ab12` |", text, StringComparison.Ordinal);
        Assert.Contains("| unix | app | 100 B | `cd34` |", text, StringComparison.Ordinal);
        Assert.Contains("| [OSEC-2026-91](https://osv.dev/vulnerability/OSEC-2026-91) | low | io.1.0 | It is slow | nothing better is known |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("OSEC-2026-90", text, StringComparison.Ordinal);
        Assert.Contains("```mermaid\n", text, StringComparison.Ordinal);
        Assert.Matches("n0 --> n[12]", text);
        Assert.DoesNotContain("What changed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Against_an_older_lock_and_publication_it_tells_versions_sizes_and_what_the_update_mends()
    {
        Lock("old.opam.locked", "web.1.0", "io.1.0");
        _folder.Write("out/manifest.json", """{ "images": [ { "target": "unix", "size": 80 }, { "target": "hvt", "size": 7 } ] }""");
        var text = await Summary(Options(new SummaryImage("unix", "/out/app", 100, "cd34", ""), new SummaryImage("spt", "/out/app.spt", 2048, "ab12", "spt")) with { Reference = "old.opam.locked", ReferenceManifest = "out/manifest.json" });
        Assert.Contains("| unix | app | 100 B | 80 B | +20 B (+25.0 %) |", text, StringComparison.Ordinal);
        Assert.Contains("| spt | app.spt | 2.0 KB | none | new |", text, StringComparison.Ordinal);
        Assert.Contains("| web | 1.0 | 2.0 | upgraded |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("| io | 1.0 |", text, StringComparison.Ordinal);
        Assert.Contains("| high | web.1.0 | It \\<img src=x\\> \\| \\`overflows\\` | gone |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("(new)", text, StringComparison.Ordinal);
        Assert.Contains(":::fresh", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_downgrade_brings_a_vulnerability_that_is_called_new()
    {
        Lock("old.opam.locked", "web.2.0", "io.1.0");
        Lock("new.opam.locked", "web.1.0", "io.1.0");
        var text = await Summary(Options() with { LockFile = _folder["new.opam.locked"], Reference = "old.opam.locked" });
        Assert.Contains("| 2 or later (new) |", text, StringComparison.Ordinal);
        Assert.Contains("nothing better is known |", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_had_is_left_out_with_a_warning()
    {
        Directory.Delete(_folder["repository"], recursive: true);
        Directory.Delete(_folder["advisories"], recursive: true);
        var text = await Summary(Options());
        Assert.Contains("The locked versions were not checked", text, StringComparison.Ordinal);
        Assert.DoesNotContain("mermaid", text, StringComparison.Ordinal);
        Assert.Contains(_reporter.Told, line => line.Contains("warning HIL4050", StringComparison.Ordinal));
        Assert.DoesNotContain(_reporter.Told, line => line.Contains("error", StringComparison.Ordinal));
        var before = _reporter.Told.Count;
        await Summary(Options() with { Offline = true });
        Assert.DoesNotContain(_reporter.Told.Skip(before), line => line.Contains("warning", StringComparison.Ordinal));
        Assert.Contains("The project is not audited.", await Summary(Options() with { Audit = null }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{ \"images\": [ { \"target\": \"unix\", \"size\": \"large\" } ] }")]
    [InlineData(null)]
    public async Task A_manifest_that_is_none_is_an_error(string? text)
    {
        if (text is not null)
            _folder.Write("manifest.json", text);
        var error = await Assert.ThrowsAsync<HillingarException>(() => Summary(Options() with { ReferenceManifest = "manifest.json" }));
        Assert.Equal("HIL5042", error.Diagnostic.Code);
        Assert.Equal(_folder["manifest.json"], error.Diagnostic.Place?.File);
    }

    [Fact]
    public async Task Packages_that_are_not_at_their_newest_version_are_told_with_who_holds_them()
    {
        foreach (var (package, depends) in new[] { ("io.2.0", ""), ("io.3.0", ""), ("old.1.0", ""), ("old.2.0", ""), ("holder.1.0", "\"io\" {< \"2\"}") })
            _folder.Write($"repository/packages/{package.Split('.')[0]}/{package}/opam", $"opam-version: \"2.0\"\ndepends: [{depends}]\n");
        var path = Lock("held.opam.locked", "web.1.0", "io.1.0", "old.1.0", "holder.1.0");
        File.WriteAllText(path, File.ReadAllText(path).Replace("app depends \\\"web\\\"", "app depends \\\"web\\\" {= \\\"1.0\\\"}", StringComparison.Ordinal));
        var summary = await BuildSummary.Of(Options() with { LockFile = path }, new Stores(_folder["cache"]), _reporter, Cancellation);
        Assert.Equal(["io 1.0 3.0 holder 1.0 needs io < 2", "old 1.0 2.0 ", "web 1.0 2.0 app needs web = 1.0"], summary.Held!.Select(held => $"{held.Name} {held.Locked} {held.Newest} {held.By}"));
        var text = SummaryText.Markdown(summary);
        Assert.Contains("| package | locked | newest | held by |", text, StringComparison.Ordinal);
        Assert.Contains("| io | 1.0 | 3.0 | holder 1.0 needs io \\< 2 |", text, StringComparison.Ordinal);
        Assert.Contains("| old | 1.0 | 2.0 | the lock, until an update |", text, StringComparison.Ordinal);
    }
}
