using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;

namespace Hillingar.Build.Configuring;

/// <summary>The sources of modules by the names of their files: the project's own, then those of the duniverse.</summary>
/// <param name="own">The project's files.</param>
/// <param name="duniverse">The duniverse's folder, which need not be there.</param>
sealed class ModuleSources(IReadOnlyCollection<(string Path, string File)> own, string duniverse)
{
    const int MaxRead = 1 << 20;

    Dictionary<string, string>? _vendored;

    /// <summary>The text of a source, or null.</summary>
    /// <param name="name">The file's name, such as <c>unikernel.ml</c>.</param>
    public string? Find(string name)
    {
        if (own.FirstOrDefault(source => Path.GetFileName(source.Path) == name).File is { } file)
            // Whoever opens a pipe waits for the other end of it.
            return new FileInfo(file) is { Exists: true, Length: <= MaxRead } && UnixFile.Of(file, follow: true) is not { IsRegular: false }
                ? File.ReadAllText(file)
                : null;
        if (!Directory.Exists(duniverse))
            return null;
        using var folder = ConfinedFolder.Open(
            duniverse,
            (path, why) =>
                new HillingarException(
                    "HIL4034",
                    $"The vendored sources are refused: '{Unpacker.Printable(path)}': {Unpacker.Printable(why)}. Delete the folder '{duniverse}', then restore.",
                    new Place(duniverse)
                )
        );
        _vendored ??= folder
            .Walk()
            .Where(entry => entry.Kind == EntryKind.File && entry.Name.EndsWith(".ml", StringComparison.Ordinal))
            .GroupBy(entry => entry.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select(entry => entry.Path).Min(StringComparer.Ordinal)!);
        return
            _vendored.GetValueOrDefault(name) is { } path
            && folder.Look(path) is { Length: <= MaxRead }
            && folder.ReadBytes(path, MaxRead) is { } text
            ? Encoding.UTF8.GetString(text)
            : null;
    }
}
