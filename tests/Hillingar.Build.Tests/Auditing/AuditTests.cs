using Hillingar.Build.Auditing;
using Hillingar.Build.Locks;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class AuditTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public void Dispose() => _folder.Dispose();

    static LockFile Lock(string[] packages, params string[] provided) => new()
    {
        Folder = "/",
        Packages = [.. packages.Select(package => new LockedPackage(OpamPackage.Parse(package), true))],
        Duniverse = [],
        Provided = [.. provided.Select(OpamPackage.Parse)],
    };

    static Advisory Advisory(string affected, string fields = "severity_score: \"7.4 (High)\"", string id = "OSEC-2026-99") =>
        new($"```\nid: {id}\n{fields}\naffected: {affected}\n```\n\n# A fault\n\nText.\n");

    static Finding Found(string affected, string package) => Assert.Single(Audit.Check(Lock([package]), [Advisory(affected)]));

    [Fact]
    public void The_real_advisories_find_what_they_are_about()
    {
        var advisories = Advisories.Read(TestData.Require("security-advisories.tar.gz"), _reporter, TestContext.Current.CancellationToken);
        Assert.Empty(_reporter.Told);
        Assert.Equal(26, advisories.Count);
        var findings = Audit.Check(Lock(["arp.4.0.0", "tls.2.1.0", "tar.3.4.0", "cohttp.6.3.0", "solo5.0.7.4"], "ocaml.4.13.1"), advisories);
        Assert.Equal(["arp.4.0.0 OSEC-2026-02 4.1.0", "ocaml.4.13.1 OSEC-2026-01 4.14.3", "ocaml.4.13.1 OSEC-2026-04 4.14.4", "ocaml.4.13.1 OSEC-2026-05 4.14.4", "solo5.0.7.4 OSEC-2022-01 0.7.5", "tar.3.4.0 OSEC-2026-08 3.5.0"],
            findings.Select(finding => $"{finding.Package} {finding.Id} {finding.Fixed}").Order(StringComparer.Ordinal));
        Assert.All(findings, finding => Assert.Equal(finding.Package.Name.Text == "ocaml", finding.IsMachines));
        Assert.Equal([AuditLevel.High, AuditLevel.High, AuditLevel.High, AuditLevel.Moderate, AuditLevel.Moderate, AuditLevel.Moderate], findings.Select(finding => finding.Level));
    }

    [Theory]
    [InlineData("\"lib\" {< \"1.5\"}", "lib.1.0", "1.5")]
    [InlineData("\"lib\" {< \"1.5\" | (>= \"2\" & < \"2.4.1\")}", "lib.1.0", "1.5")]
    [InlineData("\"lib\" {< \"1.5\" | (>= \"2\" & < \"2.4.1\")}", "lib.2.0", "2.4.1")]
    [InlineData("\"lib\" {< \"1.5\" | (>= \"1.5\" & < \"1.7\")}", "lib.1.0", "1.7")]
    [InlineData("\"lib\" {>= \"1\"}", "lib.1.0", null)]
    [InlineData("\"lib\"", "lib.1.0", null)]
    [InlineData("\"lib\" {<= \"1.5\"}", "lib.1.0", null)]
    [InlineData("\"other\" | \"lib\" {= \"1.0\"}", "lib.1.0", null)]
    [InlineData("\"lib\" {< \"1.0\"}", "lib.1.0~rc1", "1.0")]
    public void The_first_fixed_version_is_the_lowest_that_ends_the_range(string affected, string package, string? expected) =>
        Assert.Equal(expected, Found(affected, package).Fixed?.Text);

    [Theory]
    [InlineData("\"lib\" {< \"1.0\"}")]
    [InlineData("\"other\"")]
    public void What_is_not_affected_is_not_found(string affected) => Assert.Empty(Audit.Check(Lock(["lib.1.0"]), [Advisory(affected)]));

    [Fact]
    public void Withdrawn_advisories_do_not_count() =>
        Assert.Empty(Audit.Check(Lock(["lib.1.0"]), [Advisory("\"lib\"", "withdrawn: \"2026-01-01T00:00:00Z\"")]));

    [Theory]
    [InlineData("ocaml-system.5.3.0", true)]
    [InlineData("ocaml-base-compiler.5.3.0", false)]
    public void The_compiler_is_known_by_its_other_names_and_by_whose_it_is(string package, bool machines)
    {
        var finding = Assert.Single(Audit.Check(Lock([package]), [Advisory("\"ocaml\" {< \"5.4\"}")]));
        Assert.Equal(machines, finding.IsMachines);
        Audit.Report([finding], new AuditOptions([]), null, _reporter);
        Assert.Contains(machines ? "This machine's ocaml 5.3.0" : "Package ocaml 5.3.0", Assert.Single(_reporter.Told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("severity_score: \"2.0\"", "HIL4051")]
    [InlineData("severity_score: \"6.9\"", "HIL4052")]
    [InlineData("severity_score: \"8.7 / High\"", "HIL4053")]
    [InlineData("severity_score: \"9.8 (Critical)\"", "HIL4054")]
    [InlineData("", "HIL4051")]
    public void A_finding_is_a_warning_of_its_level_with_id_range_and_fix(string fields, string code)
    {
        var findings = Audit.Check(Lock(["lib.1.0"]), [Advisory("\"lib\" {< \"1.5\"}", fields)]);
        Assert.Equal(1, Audit.Report(findings, new AuditOptions([]), new Place("app.opam.locked"), _reporter));
        var told = Assert.Single(_reporter.Told);
        Assert.StartsWith($"app.opam.locked: warning {code}:", told, StringComparison.Ordinal);
        foreach (var part in new[] { "OSEC-2026-99", "< 1.5", "Lock 1.5 or later", "A fault" })
            Assert.Contains(part, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_are_suppressed_by_id_by_alias_and_by_level()
    {
        var findings = Audit.Check(Lock(["lib.1.0"]), [Advisory("\"lib\"", "aliases: [ CVE-2026-1 ]\nseverity_score: \"5\"")]);
        Assert.Equal(0, Audit.Report(findings, new AuditOptions(["osec-2026-99"]), null, _reporter));
        Assert.Equal(0, Audit.Report(findings, new AuditOptions(["CVE-2026-1"]), null, _reporter));
        Assert.Equal(0, Audit.Report(findings, new AuditOptions([], AuditLevel.High), null, _reporter));
        Assert.Equal(1, Audit.Report(findings, new AuditOptions(["OSEC-2026-9"], AuditLevel.Moderate), null, _reporter));
    }

    [Fact]
    public void A_broken_advisory_is_told_and_the_others_count()
    {
        _folder.Write("advisories/2026/OSEC-2026-01.md", "no block");
        _folder.Write("advisories/2026/OSEC-2026-02.md", "```\nid: OSEC-2026-02\naffected: \"lib\"\n```\n# T\n");
        _folder.Write("README.md", "no advisory");
        Assert.Equal("OSEC-2026-02", Assert.Single(Advisories.Read(_folder.Path, _reporter, TestContext.Current.CancellationToken)).Id);
        Assert.Contains("HIL4050", Assert.Single(_reporter.Told), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_are_none_is_told() =>
        Assert.Equal("HIL4050", Assert.Throws<HillingarException>(() => Advisories.Read(_folder["nowhere"], _reporter, TestContext.Current.CancellationToken)).Diagnostic.Code);

    // The lock says where they are, and somebody else may have written it.
    [Theory]
    [InlineData("pipe")]
    [InlineData("link to a pipe")]
    [InlineData("endless")]
    public async Task Where_they_would_never_come_from_is_told_and_not_waited_for(string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes");
        using var made = System.Diagnostics.Process.Start("mkfifo", _folder["pipe"]);
        await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_folder["link"], "pipe");
        var address = new Uri(kind switch { "pipe" => _folder["pipe"], "endless" => "/dev/zero", _ => _folder["link"] }).AbsoluteUri;
        var auditor = new Auditor(new Stores(_folder["store"]), _reporter, offline: false);
        var pinned = Lock(["lib.1"]) with { Advisories = (address, "sha256=" + new string('0', 64)) };
        foreach (var source in new[] { null, address })
        {
            var error = await Assert.ThrowsAsync<HillingarException>(() => Task.Run(() => auditor.Find(pinned, source, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
            Assert.Equal("HIL4050", error.Diagnostic.Code);
        }

        await Task.Run(() => auditor.Check(pinned, new AuditOptions([]), new Place("p.opam.locked"), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Contains("HIL4050", Assert.Single(_reporter.Told), StringComparison.Ordinal);
    }
}
