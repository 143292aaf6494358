using System.Text.RegularExpressions;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>Reads projects of Hillingar.Sdk.</summary>
public static partial class ProjectReader
{
    /// <summary>The project's file: the path itself, or the one project in a folder.</summary>
    /// <exception cref="HillingarException">HIL7002: there is none, or more than one.</exception>
    public static string Find(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (File.Exists(full))
            return full;
        var found = Directory.Exists(full) ? Directory.GetFiles(full, "*.*proj") : [];
        return found switch
        {
            [var only] => only,
            [] => throw new HillingarException(
                "HIL7002",
                $"There is no project '{path}'. Name a project file, or a folder that holds one."
            ),
            _ => throw new HillingarException(
                "HIL7002",
                $"'{path}' holds several projects: {string.Join(", ", found.Select(System.IO.Path.GetFileName))}. Name one of them."
            ),
        };
    }

    /// <summary>Whether a path is that of a project, or of a folder, which may hold one.</summary>
    public static bool IsProject(string path) =>
        Directory.Exists(path) || Path.GetExtension(path).EndsWith("proj", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a project.</summary>
    /// <param name="path">Its file, or its folder.</param>
    /// <param name="configuration">MSBuild's configuration; null for the project's own default.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL7001: MSBuild cannot evaluate it. HIL7002: there is no project, or it is none of Hillingar.Sdk. HIL6004: a property has a value that it cannot have.</exception>
    public static Task<HillingarProject> Read(string path, string? configuration, CancellationToken cancellation) =>
        Read(path, configuration, new Dictionary<string, string>(), cancellation);

    /// <summary>Reads a project with properties set, as <c>-p:NAME=VALUE</c> sets them.</summary>
    /// <param name="path">Its file, or its folder.</param>
    /// <param name="configuration">MSBuild's configuration; null for the project's own default.</param>
    /// <param name="properties">The other properties.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">As of <see cref="Read(string, string, CancellationToken)"/>. HIL7011: a property's name is none.</exception>
    public static async Task<HillingarProject> Read(
        string path,
        string? configuration,
        IReadOnlyDictionary<string, string> properties,
        CancellationToken cancellation
    )
    {
        var file = Find(path);
        return (await Evaluation.Of(file, Global(configuration, properties), cancellation).ConfigureAwait(false)).Project() with
        {
            Properties = properties,
        };
    }

    /// <summary>Reads what one target of a project builds.</summary>
    /// <param name="project">The project.</param>
    /// <param name="target">The target, one of the project's.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL6005: the project's lock is not made for the target. HIL6012: it has no way to build it. HIL7001: MSBuild cannot evaluate the project.</exception>
    public static async Task<ProjectTarget> ReadTarget(HillingarProject project, string target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(project);
        if (!project.Targets.Contains(target))
            throw MirageTarget.NotOf(target, project.Targets, project.Path);
        MirageTarget.Check(project.Request);
        var facts = await Evaluation
            .Of(project.Path, [.. Global(project.Configuration, project.Properties), ("MirageTarget", target)], cancellation)
            .ConfigureAwait(false);
        var read = facts.Targets(project)[0];
        return MirageTarget.IsCross(target) && read.Build.Context == "default" ? throw MirageTarget.NoContext(target, project.Path) : read;
    }

    /// <summary>Reads all targets of a project as a flake has them.</summary>
    /// <param name="project">The project.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">As of <see cref="ReadTarget"/>.</exception>
    public static async Task<IReadOnlyList<ProjectTarget>> ReadTargets(HillingarProject project, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(project);
        return await Task.WhenAll(project.Targets.Select(target => ReadTarget(project, target, cancellation))).ConfigureAwait(false);
    }

    static (string, string)[] Global(string? configuration, IReadOnlyDictionary<string, string> properties)
    {
        if (properties.Keys.FirstOrDefault(name => !PropertyName().IsMatch(name)) is { } wrong)
            throw new HillingarException(
                "HIL7011",
                $"'{wrong}' is no name of a property of MSBuild: a letter or '_', then letters, digits, '_' and '-'."
            );
        return
        [
            .. properties.Select(pair => (pair.Key, pair.Value)),
            .. configuration is null ? Array.Empty<(string, string)>() : [("Configuration", configuration)],
        ];
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]*\z")]
    private static partial Regex PropertyName();
}
