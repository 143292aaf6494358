using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Restoring;
using Hillingar.Build.Sources;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Reproducing;

/// <summary>
/// Builds a project's targets twice and compares. The machine's own toolchain builds in two folders, vendored anew from the archives;
/// Nix builds again what it built before and is told to compare (<c>nix build --rebuild</c>).
/// </summary>
public sealed class Reproducer(HillingarProject project, IReporter reporter)
{
    /// <summary>Builds one target twice.</summary>
    /// <param name="target">The target.</param>
    /// <param name="keep">A folder that gets both images, to look into; null where nobody wants to.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>The comparison, or the errors of the sources.</returns>
    /// <exception cref="HillingarException">As of <see cref="Builder.Build"/>.</exception>
    public async Task<(Reproduction? Result, IReadOnlyList<Diagnostic> Errors)> Check(
        string target,
        string? keep,
        CancellationToken cancellation
    )
    {
        var targets = await ProjectReader.ReadTargets(project, cancellation).ConfigureAwait(false);
        var picked =
            targets.FirstOrDefault(item => item.Target == target)
            ?? await ProjectReader.ReadTarget(project, target, cancellation).ConfigureAwait(false);
        // What is built in goes again, so it never lies in a folder of the user's.
        var work = Path.Combine(project.Workspace, "again");
        try
        {
            var images = new List<string>();
            var backend = project.Backend;
            foreach (var name in new[] { "first", "second-in-another-folder" })
            {
                reporter.Step($"Building {project.Name} for {target}, {(images.Count == 0 ? "once" : "and again")}");
                var image = Path.Combine(keep ?? work, $"{target}.{images.Count + 1}", Path.GetFileName(picked.Build.Image));
                var plan = picked.Plan(targets) with
                {
                    Again = images.Count > 0,
                    Comparing = true,
                    EditorFolder = null,
                    ConfiguredFolder = null,
                };
                var builder = new Builder(project.Stores, reporter);
                (backend, var chosen) = await builder.Choose(plan, cancellation).ConfigureAwait(false);
                // Who builds somewhere else each time needs the folder only for what it reads.
                var workspace = chosen.BuildsElsewhere
                    ? picked.Build.Workspace
                    : await Vendored(Path.Combine(work, name), cancellation).ConfigureAwait(false);
                var errors = await builder
                    .Build(plan with { Build = picked.Build with { Workspace = workspace, Image = image } }, cancellation)
                    .ConfigureAwait(false);
                if (errors.Count > 0)
                    return (null, errors);
                images.Add(image);
            }
            return (new Reproduction(project.Name, target, backend, images[0], images[1], ImageDiff.Of(images[0], images[1])), []);
        }
        finally
        {
            Tree.Delete(work);
        }
    }

    async Task<Workspace> Vendored(string folder, CancellationToken cancellation)
    {
        var workspace = new Workspace(folder);
        using var fetcher = new SourceFetcher(project.Stores.Sources, reporter) { Offline = project.Offline };
        await Duniverse
            .Vendor(
                workspace.DuniverseFolder,
                LockFile.Read(project.LockFile).Entries,
                fetcher,
                project.Stores.Sources,
                reporter,
                cancellation
            )
            .ConfigureAwait(false);
        return workspace;
    }
}
