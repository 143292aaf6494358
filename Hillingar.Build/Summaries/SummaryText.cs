using System.Globalization;
using System.Text;
using Hillingar.Build.Auditing;
using Hillingar.Build.Files;
using Hillingar.Build.Graphs;

namespace Hillingar.Build.Summaries;

/// <summary>A summary as Markdown (https://spec.commonmark.org with GitHub's tables), in which nothing of a stranger's is markup.</summary>
public static class SummaryText
{
    /// <summary>The whole summary.</summary>
    public static string Markdown(BuildSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var text = new StringBuilder($"## {MarkdownText.Plain(summary.Options.Name)}\n");
        Images(text, summary);
        Changes(text, summary);
        Held(text, summary);
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
        Table(
            text,
            compared ? ["target", "image", "size", "before", "difference", "SHA-256"] : ["target", "image", "size", "SHA-256"],
            summary.Options.Images.Select(image =>
                (string[])
                    [
                        MarkdownText.Plain(
                            image.Abi.Length > 0 && image.Abi != image.Target ? $"{image.Target} ({image.Abi})" : image.Target
                        ),
                        MarkdownText.Plain(Path.GetFileName(image.Path)),
                        ByteSize.Show(image.Size),
                        .. compared
                            ? Difference(summary.SizesBefore.TryGetValue(image.Target, out var before) ? before : null, image.Size)
                            : [],
                        $"`{image.Sha256}`",
                    ]
            )
        );
    }

    static string[] Difference(long? before, long now) =>
        before is not { } old
            ? ["none", "new"]
            :
            [
                ByteSize.Show(old),
                now == old
                    ? "none"
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(now > old ? '+' : '-')}{ByteSize.Show(Math.Abs(now - old))} ({100.0 * (now - old) / Math.Max(old, 1):+0.0;-0.0} %)"
                    ),
            ];

    static void Changes(StringBuilder text, BuildSummary summary)
    {
        if (summary.Changes is null)
            return;
        text.Append($"\n### What changed in {MarkdownText.Plain(Path.GetFileName(summary.Options.LockFile))}\n");
        if (summary.Changes.Count == 0)
            text.Append("\nNo package changed.\n");
        else
            Table(
                text,
                ["package", "before", "now", ""],
                summary.Changes.Select(change =>
                    (string[])
                        [
                            MarkdownText.Plain(change.Name),
                            MarkdownText.Plain(change.Before ?? ""),
                            MarkdownText.Plain(change.After ?? ""),
                            MarkdownText.Plain(change.Reason.Length > 0 ? change.Reason : change.Change.ToString().ToLowerInvariant()),
                        ]
                )
            );
    }

    static void Held(StringBuilder text, BuildSummary summary)
    {
        if (summary.Held is not { Count: > 0 } held)
            return;
        text.Append("\n### Not at the newest version\n");
        Table(
            text,
            ["package", "locked", "newest", "held by"],
            held.Select(package =>
                (string[])
                    [
                        MarkdownText.Plain(package.Name),
                        MarkdownText.Plain(package.Locked.Text),
                        MarkdownText.Plain(package.Newest.Text),
                        MarkdownText.Plain(package.By ?? "the lock, until an update"),
                    ]
            )
        );
    }

    static void Audit(StringBuilder text, BuildSummary summary)
    {
        text.Append("\n### Known vulnerabilities\n");
        if (summary.Findings is not { } findings)
        {
            text.Append(
                summary.Options.Audit is null
                    ? "\nThe project is not audited.\n"
                    : "\nThe locked versions were not checked against security advisories.\n"
            );
            return;
        }

        var ids = (summary.FindingsBefore ?? findings).Select(Key).ToHashSet();
        var gone = (summary.FindingsBefore ?? []).Where(finding => !findings.Select(Key).Contains(Key(finding))).ToList();
        if (findings.Count == 0 && gone.Count == 0)
            text.Append(CultureInfo.InvariantCulture, $"\nNone, of {summary.Lock.Packages.Count} packages.\n");
        else
            Table(
                text,
                ["advisory", "severity", "package", "what", "lock"],
                findings
                    .Select(finding => Row(finding, Later(finding) + (ids.Contains(Key(finding)) ? "" : " (new)")))
                    .Concat(gone.Select(finding => Row(finding, "gone")))
            );

        static (string, string) Key(Finding finding) => (finding.Id, finding.Package.Name.Text);
        static string Later(Finding finding) => finding.Fixed is { } version ? $"{version} or later" : "nothing better is known";
        static string[] Row(Finding finding, string what) =>
            [
                $"[{MarkdownText.Plain(finding.Id)}](https://osv.dev/vulnerability/{Uri.EscapeDataString(finding.Id)})",
                finding.Level.ToString().ToLowerInvariant(),
                MarkdownText.Plain($"{finding.Package}"),
                MarkdownText.Plain(finding.Title),
                MarkdownText.Plain(what),
            ];
    }

    static void Graph(StringBuilder text, BuildSummary summary)
    {
        if (summary.Graph is not { } graph)
            return;
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n### {summary.Lock.Packages.Count} packages\n\n```mermaid\n{GraphText.Mermaid(graph)}```\n"
        );
    }

    static void Table(StringBuilder text, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n| {string.Join(" | ", head)} |\n|{string.Concat(head.Select(_ => " --- |"))}\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
    }
}
