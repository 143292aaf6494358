using Hillingar.Build.Confinement;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Files;

/// <summary>Whole folders.</summary>
static class Tree
{
    /// <summary>Deletes a folder that may not exist, whatever strangers made of it: depth and missing permissions do not stop it, links are not followed.</summary>
    public static void Delete(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            return;
        using var above = Node.Open(Path.GetDirectoryName(path)!);
        Deletion.Run(above, Path.GetFileName(path));
    }

    /// <summary>The bytes of all files in a folder, links not followed.</summary>
    public static long Size(string folder)
    {
        using var confined = ConfinedFolder.Open(
            folder,
            (path, why) => new HillingarException("HIL4007", $"'{folder}' cannot be measured because of '{path}': {why}.")
        );
        return confined.Walk(depth: int.MaxValue).Where(entry => entry.Kind == EntryKind.File).Sum(entry => entry.Length);
    }
}
