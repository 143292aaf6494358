using System.Globalization;
using System.Text;
using Hillingar.Build.Auditing;
using Hillingar.Build.Files;
using Hillingar.Build.Graphs;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Summaries;

/// <summary>A summary as Markdown (https://spec.commonmark.org with GitHub's tables), in which nothing of a stranger's is markup.</summary>
public static class SummaryText
{
    /// <summary>The whole summary.</summary>
    public static string Markdown(BuildSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var text = new StringBuilder($"## {Plain(summary.Options.Name)}\n");
        Images(text, summary);
        Changes(text, summary);
        Audit(text, summary);
        Graph(text, summary);
        return text.ToString();
    }

    /// <summary>Writes it to a file, whose folder is made where it is missing.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(BuildSummary summary, string path) => AtomicFile.WriteText(path, Markdown(summary));

    static void Images(StringBuilder text, BuildSummary summary)
    {
        if (summary.Options.Images.Count == 0)
            return;
        var compared = summary.SizesBefore.Count > 0;
        Table(text, compared ? ["target", "image", "size", "before", "difference", "SHA-256"] : ["target", "image", "size", "SHA-256"],
            summary.Options.Images.Select(image => (string[])
            [
                Plain(image.Abi.Length > 0 && image.Abi != image.Target ? $"{image.Target} ({image.Abi})" : image.Target), Plain(Path.GetFileName(image.Path)), ByteSize.Show(image.Size),
                .. compared ? Difference(summary.SizesBefore.TryGetValue(image.Target, out var before) ? before : null, image.Size) : [],
                $"`{image.Sha256}`",
            ]));
    }

    static string[] Difference(long? before, long now) => before is not { } old ? ["none", "new"]
        : [ByteSize.Show(old), now == old ? "none" : string.Create(CultureInfo.InvariantCulture, $"{(now > old ? '+' : '-')}{ByteSize.Show(Math.Abs(now - old))} ({100.0 * (now - old) / Math.Max(old, 1):+0.0;-0.0} %)")];

    static void Changes(StringBuilder text, BuildSummary summary)
    {
        if (summary.Changes is null)
            return;
        text.Append($"\n### What changed in {Plain(Path.GetFileName(summary.Options.LockFile))}\n");
        if (summary.Changes.Count == 0)
            text.Append("\nNo package changed.\n");
        else
            Table(text, ["package", "before", "now", ""], summary.Changes.Select(change => (string[])
            [
                Plain(change.Name), Plain(change.Before ?? ""), Plain(change.After ?? ""), Plain(change.Reason.Length > 0 ? change.Reason : change.Change.ToString().ToLowerInvariant()),
            ]));
    }

    static void Audit(StringBuilder text, BuildSummary summary)
    {
        text.Append("\n### Known vulnerabilities\n");
        if (summary.Findings is not { } findings)
        {
            text.Append(summary.Options.Audit is null ? "\nThe project is not audited.\n" : "\nThe locked versions were not checked against security advisories.\n");
            return;
        }

        var ids = (summary.FindingsBefore ?? findings).Select(Key).ToHashSet();
        var gone = (summary.FindingsBefore ?? []).Where(finding => !findings.Select(Key).Contains(Key(finding))).ToList();
        if (findings.Count == 0 && gone.Count == 0)
            text.Append(CultureInfo.InvariantCulture, $"\nNone, of {summary.Lock.Packages.Count} packages.\n");
        else
            Table(text, ["advisory", "severity", "package", "what", "lock"], findings.Select(finding => Row(finding, Later(finding) + (ids.Contains(Key(finding)) ? "" : " (new)")))
                .Concat(gone.Select(finding => Row(finding, "gone"))));

        static (string, string) Key(Finding finding) => (finding.Id, finding.Package.Name.Text);
        static string Later(Finding finding) => finding.Fixed is { } version ? $"{version} or later" : "nothing better is known";
        static string[] Row(Finding finding, string what) =>
            [$"[{Plain(finding.Id)}](https://osv.dev/vulnerability/{Uri.EscapeDataString(finding.Id)})", finding.Level.ToString().ToLowerInvariant(), Plain($"{finding.Package}"), Plain(finding.Title), Plain(what)];
    }

    static void Graph(StringBuilder text, BuildSummary summary)
    {
        if (summary.Graph is not { } graph)
            return;
        text.Append(CultureInfo.InvariantCulture, $"\n### {summary.Lock.Packages.Count} packages\n\n```mermaid\n{GraphText.Mermaid(graph)}```\n");
    }

    static void Table(StringBuilder text, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n| {string.Join(" | ", head)} |\n|{string.Concat(head.Select(_ => " --- |"))}\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
    }

    // Punctuation that Markdown or HTML could read as its own is escaped, and a line stays one.
    static string Plain(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in Printable.Line(value.ReplaceLineEndings(" ")))
            text.Append(c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' or '!' or '&' or '@' ? $"\\{c}" : $"{c}");
        return text.ToString();
    }
}
