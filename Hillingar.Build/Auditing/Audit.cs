using System.Collections.Immutable;
using System.Globalization;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Auditing;

/// <summary>How severe an advisory is, in NuGetAudit's words and the bounds of CVSS.</summary>
public enum AuditLevel
{
    /// <summary>A score below 4, or none.</summary>
    Low,

    /// <summary>A score of 4 and more.</summary>
    Moderate,

    /// <summary>A score of 7 and more.</summary>
    High,

    /// <summary>A score of 9 and more.</summary>
    Critical,
}

/// <summary>A locked package that an advisory is about.</summary>
/// <param name="Id">The advisory, such as <c>OSEC-2026-01</c>.</param>
/// <param name="Aliases">Its other names, such as CVE numbers.</param>
/// <param name="Level">How severe it is.</param>
/// <param name="Score">The score as the advisory writes it, or null.</param>
/// <param name="Title">Its title.</param>
/// <param name="Package">The package at its locked version.</param>
/// <param name="Affected">The versions that are affected, as the advisory writes them.</param>
/// <param name="Fixed">The lowest later version that is not affected, or null when the advisory names none.</param>
/// <param name="IsMachines">Whether it is the machine's own, such as a compiler, and not something that the lock brings.</param>
public sealed record Finding(
    string Id,
    ImmutableArray<string> Aliases,
    AuditLevel Level,
    string? Score,
    string Title,
    OpamPackage Package,
    string Affected,
    OpamVersion? Fixed,
    bool IsMachines
)
{
    /// <summary>Where the advisory can be read.</summary>
    public string Link => $"https://osv.dev/vulnerability/{Id}";
}

/// <summary>What to report of an audit.</summary>
/// <param name="Suppressed">Ids, or aliases of them, that were looked at and do not matter.</param>
/// <param name="Minimum">The lowest level that is told.</param>
public sealed record AuditOptions(IReadOnlyCollection<string> Suppressed, AuditLevel Minimum = AuditLevel.Low)
{
    /// <summary>Where the advisories come from: a git repository, or a folder or archive relative to the project.</summary>
    public string Source { get; init; } = "git+https://github.com/ocaml/security-advisories.git";
}

/// <summary>Checks locked versions against security advisories.</summary>
public static class Audit
{
    // Advisories name the compiler "ocaml"; these are the packages that are it.
    static readonly ImmutableArray<string> s_compilers = ["ocaml", "ocaml-base-compiler", "ocaml-system", "ocaml-variants"];

    /// <summary>What is known about the packages of a lock, the most severe first.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="advisories">The advisories; withdrawn ones do not count.</param>
    public static IReadOnlyList<Finding> Check(LockFile locked, IEnumerable<Advisory> advisories)
    {
        var packages = locked.Packages.Select(item => item.Package).Concat(locked.Provided).Distinct().ToList();
        if (
            packages.All(package => package.Name.Text != "ocaml")
            && packages.Where(package => s_compilers.Contains(package.Name.Text)).Take(1).ToList() is [var compiler]
        )
            packages.Add(compiler with { Name = new PackageName("ocaml") });
        var system = packages.Exists(package => package.Name.Text == "ocaml-system");
        return
        [
            .. (
                from advisory in advisories
                where advisory.Withdrawn is null
                let affected = advisory.Affected.Evaluate(OpamEnvironment.Empty).Atoms().ToList()
                from package in packages
                let ranges = affected.Where(atom => atom.Holds(package)).ToList()
                where ranges.Count > 0
                select new Finding(
                    advisory.Id,
                    advisory.Aliases,
                    Level(advisory.SeverityScore),
                    advisory.SeverityScore,
                    Title(advisory),
                    package,
                    string.Join(" or ", ranges.Select(range => range.Versions.IsEmpty ? "any" : range.Versions.ToString())),
                    FirstFixed(affected, package),
                    locked.Provided.Contains(package) || (system && s_compilers.Contains(package.Name.Text))
                )
            )
                .OrderByDescending(finding => finding.Level)
                .ThenBy(finding => finding.Id, StringComparer.Ordinal)
                .ThenBy(finding => finding.Package),
        ];
    }

    /// <summary>Reports findings as NuGetAudit does: each a warning whose code is its level's.</summary>
    /// <returns>How many were told.</returns>
    public static int Report(IReadOnlyList<Finding> findings, AuditOptions options, Place? place, IReporter reporter)
    {
        var told = findings.Where(finding => IsTold(finding, options)).ToList();
        foreach (var finding in told)
            reporter.Report(new Diagnostic(Severity.Warning, Code(finding.Level), Message(finding), place));
        return told.Count;
    }

    /// <summary>Whether a finding is severe enough, and not suppressed.</summary>
    public static bool IsTold(Finding finding, AuditOptions options) =>
        finding.Level >= options.Minimum
        && !finding.Aliases.Add(finding.Id).Any(id => options.Suppressed.Contains(id, StringComparer.OrdinalIgnoreCase));

    static string Message(Finding finding) =>
        $"{(finding.IsMachines ? "This machine's" : "Package")} {finding.Package.Name} {finding.Package.Version} has a known {finding.Level.ToString().ToLowerInvariant()} severity vulnerability, {finding.Id}: {finding.Title} ({finding.Link}). Affected: {finding.Affected}. "
        + (finding, finding.Fixed) switch
        {
            (_, null) => "No version is known to be without it.",
            ({ IsMachines: true }, { } version) => $"It is installed on this machine and not part of the lock: install {version} or later.",
            (_, { } version) => $"Lock {version} or later.",
        };

    static string Code(AuditLevel level) =>
        level switch
        {
            AuditLevel.Low => "HIL4051",
            AuditLevel.Moderate => "HIL4052",
            AuditLevel.High => "HIL4053",
            _ => "HIL4054",
        };

    // "6.8", "7.4 (High)", "8.7 / High": the number counts. The levels: https://www.first.org/cvss/specification-document
    static AuditLevel Level(string? score) =>
        double.TryParse(
            string.Concat((score ?? "").TakeWhile(c => char.IsAsciiDigit(c) || c == '.')),
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var value
        )
            ? value switch
            {
                < 4 => AuditLevel.Low,
                < 7 => AuditLevel.Moderate,
                < 9 => AuditLevel.High,
                _ => AuditLevel.Critical,
            }
            : AuditLevel.Low;

    static string Title(Advisory advisory) =>
        advisory.Text.Split('\n').FirstOrDefault(line => line.StartsWith("# ", StringComparison.Ordinal))?[2..].Trim()
            is { Length: > 0 } title
            ? title
            : "no title";

    // Only the versions that a range names can end it.
    static OpamVersion? FirstFixed(IReadOnlyList<PackageAtom> affected, OpamPackage package) =>
        affected
            .Where(atom => atom.Name == package.Name)
            .SelectMany(atom => atom.Versions.Atoms())
            .Select(constraint => constraint.Version)
            .Where(version => version > package.Version && !affected.Any(atom => atom.Holds(package with { Version = version })))
            .Select(version => (OpamVersion?)version)
            .Order()
            .FirstOrDefault();
}
