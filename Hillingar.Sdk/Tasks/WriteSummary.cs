using System.Globalization;
using Hillingar.Build.Summaries;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes a summary of a build as Markdown.</summary>
public sealed class WriteSummary : ProjectTask
{
    /// <summary><c>@(UnikernelImage)</c>; those that are not built are left out.</summary>
    public ITaskItem[] Images { get; set; } = [];

    /// <summary>The file to write.</summary>
    [Required]
    public string SummaryFile { get; set; } = "";

    /// <summary>The lock to compare with: a file, a folder, or a git revision.</summary>
    public string Reference { get; set; } = "";

    /// <summary>The manifest of an earlier publication, to compare sizes with.</summary>
    public string ReferenceManifest { get; set; } = "";

    /// <summary>The packages that are not at their newest version, with <c>Locked</c>, <c>Newest</c> and <c>HeldBy</c>.</summary>
    [Output]
    public ITaskItem[] Held { get; private set; } = [];

    private protected override async Task Run(CancellationToken cancellation)
    {
        var project = Read().Project();
        _ = ReadLock(project.LockFile);
        var images = Images
            .Where(image => File.Exists(image.ItemSpec))
            .Select(image => new SummaryImage(
                image.GetMetadata("MirageTarget"),
                image.ItemSpec,
                long.TryParse(image.GetMetadata("Size"), CultureInfo.InvariantCulture, out var size)
                    ? size
                    : new FileInfo(image.ItemSpec).Length,
                image.GetMetadata("Sha256"),
                image.GetMetadata("Abi")
            ));
        var summary = await BuildSummary
            .Of(
                new SummaryOptions(project.Name, project.LockFile, [.. images])
                {
                    Audit = project.Audit,
                    Reference = Reference.Length > 0 ? Reference : null,
                    ReferenceManifest = ReferenceManifest.Length > 0 ? ReferenceManifest : null,
                    Offline = project.Offline,
                },
                project.Stores,
                this,
                cancellation
            )
            .ConfigureAwait(false);
        SummaryText.Write(summary, Path.GetFullPath(SummaryFile));
        Held =
        [
            .. (summary.Held ?? []).Select(package => new Microsoft.Build.Utilities.TaskItem(
                package.Name,
                new Dictionary<string, string>
                {
                    ["Locked"] = package.Locked.Text,
                    ["Newest"] = package.Newest.Text,
                    ["HeldBy"] = package.By ?? "",
                }
            )),
        ];
    }
}
