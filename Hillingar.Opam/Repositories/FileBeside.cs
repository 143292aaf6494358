using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;
using Hillingar.Opam.Files;

namespace Hillingar.Opam.Repositories;

/// <summary>Reading the files that lie beside an opam file, in <c>files/</c>.</summary>
static class FileBeside
{
    /// <summary>A file below a folder, or null when there is none; neither its name nor a link may lead out of the folder.</summary>
    /// <param name="root">The folder that the folder lies in, and that links to the folder stay in.</param>
    /// <param name="folder">The folder's path below the root, with <c>/</c>.</param>
    /// <param name="name">The file's path below the folder.</param>
    public static byte[]? Read(string root, string folder, string name)
    {
        var place = Path.Combine(root, folder);
        Decode.RequireInside(name, place);
        var path = place;
        foreach (var part in name.Split('/'))
        {
            path = Path.Combine(path, part);
            if (!Path.Exists(path))
                return null;
            if ((File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0)
                throw new HillingarException("HIL1006", $"'{name}' is a link; such a file is not read", new Place(place));
        }
        return Content.ReadInside(root, $"{folder}/{name}", out _);
    }
}
