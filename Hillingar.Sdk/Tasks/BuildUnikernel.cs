using Hillingar.Build.Projects;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>The build of one target from what was restored.</summary>
public sealed class BuildUnikernel : ProjectTask
{
    /// <summary>The target; the facts tell of it, and of others where the backend is to know them.</summary>
    [Required]
    public string Target { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var facts = Read();
        var missing = facts.MissingFiles("DnsZone", "DuneSource");
        foreach (var fault in missing)
            Report(fault);
        if (missing.Count > 0)
            return;
        var project = facts.Project();
        var targets = facts.Targets(project);
        WriteLinks(project);
        var (_, errors) = await new ProjectWork(project, this)
            .Build(targets.First(target => target.Target == Target), targets, cancellation)
            .ConfigureAwait(false);
        foreach (var error in errors)
            Report(error);
    }

    // MSBuild compares the times of links, not of what they lead to; the next build adds these to its inputs.
    static void WriteLinks(HillingarProject project)
    {
        var file = Path.Combine(project.Workspace, "links");
        var targets = project
            .Request.Sources.Select(source => File.ResolveLinkTarget(source.File, returnFinalTarget: true)?.FullName)
            .OfType<string>()
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        if (targets.Count > 0)
            File.WriteAllText(file, string.Concat(targets.Select(target => target + "\n")));
        else
            File.Delete(file);
    }
}
