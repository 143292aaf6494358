using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Configuring;

/// <summary>
/// One workspace for all targets that mirage configured: a folder each below <c>src/</c>, with the project's files and what mirage wrote, as
/// that differs from target to target and has the same names. Libraries are compiled once for all targets of a dune context.
/// </summary>
static class ConfiguredSources
{
    /// <summary>The files of the workspace by their paths below <c>src/</c>, the workspace's own <c>dune-workspace</c> among them.</summary>
    /// <param name="configured">What mirage wrote.</param>
    /// <param name="sources">The project's files by their paths. Those that mirage did not write come before what it did, as they do for mirage itself.</param>
    /// <param name="target">The target that is built.</param>
    /// <param name="folder">A folder for what is made here.</param>
    /// <exception cref="HillingarException">HIL5073: two targets want one dune context to be different things.</exception>
    public static IReadOnlyCollection<(string Path, string File)> Of(
        IReadOnlyList<ConfiguredTarget> configured,
        IReadOnlyCollection<(string Path, string File)> sources,
        string target,
        string folder
    )
    {
        var files = new List<(string, string)>
        {
            (
                "dune-workspace",
                sources.FirstOrDefault(source => source.Path == "dune-workspace").File ?? Workspace(configured, target, folder)
            ),
        };
        var own = sources
            .Select(source => (Path: source.Path.Replace('\\', '/'), source.File))
            .Where(source => source.Path != "dune-workspace" && !MirageLeftover.Is(source.Path, source.File, configured[0].Below))
            .ToDictionary(source => source.Path, source => source.File);
        // A package is one of a whole workspace: a project with packages of its own is built without its other targets.
        foreach (var one in HasPackages(own) ? configured.Where(item => item.Target == target) : configured)
        {
            files.AddRange(own.Select(source => ($"{one.Target}/{source.Key}", source.Value)));
            files.AddRange(
                one.Files.Where(path => !own.ContainsKey(path)).Select(path => ($"{one.Target}/{path}", Path.Combine(one.Folder, path)))
            );
        }

        return files;
    }

    // By an opam file, or a stanza of a dune-project.
    static bool HasPackages(Dictionary<string, string> own) =>
        own.Any(source =>
            source.Key.EndsWith(".opam", StringComparison.Ordinal)
            || (
                Path.GetFileName(source.Key) == DuneProject.FileName
                && DuneText
                    .Parse(File.ReadAllBytes(source.Value), source.Value, "HIL6029", "The packages of this dune-project cannot be read")
                    .Stanzas.Any(stanza => stanza.Head == "package")
            )
        );

    // The contexts of one target: those of others need compilers that it can do without. What dune built in them stays meanwhile.
    static string Workspace(IReadOnlyList<ConfiguredTarget> configured, string wanted, string folder)
    {
        var contexts = new Dictionary<string, (string Stanza, string Target)>();
        foreach (var target in configured)
        foreach (var (name, stanza) in target.Contexts)
            if (!contexts.TryAdd(name, (stanza, target.Target)) && Plain(contexts[name].Stanza) != Plain(stanza))
                throw new HillingarException(
                    "HIL5073",
                    $"The targets {contexts[name].Target} and {target.Target} both build in dune's context '{name}', each in its own way. Put them into two projects."
                );
        var path = Path.Combine(folder, "dune-workspace");
        // Each stanza as mirage wrote it; its language is the one that mirage speaks in all its files.
        AtomicFile.WriteText(
            path,
            new StringBuilder("(lang dune 2.9)\n")
                .AppendJoin('\n', configured.First(target => target.Target == wanted).Contexts.Select(context => context.Stanza))
                .Append('\n')
                .ToString()
        );
        return path;
    }

    static string Plain(string stanza) => string.Join(' ', stanza.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
