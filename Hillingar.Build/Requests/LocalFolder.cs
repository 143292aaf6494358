using Hillingar.Build.Sources;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Requests;

/// <summary>Pins to folders: those of the project are sources of its own, which dune sees where they are.</summary>
static class LocalFolder
{
    // What the SDK does not take for sources.
    static readonly string[] s_none = ["duniverse", "_build", "_opam", "bin", "obj", "hillingar"];

    /// <summary>The path that a pin names, or null where it is an address of something else.</summary>
    public static string? Path(Request request, string url) =>
        url.StartsWith("file://", StringComparison.Ordinal)
            ? (
                Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host is "" or "localhost"
                    ? new UriBuilder(uri!) { Host = "" }
                        .Uri
                        .LocalPath
                    : System.IO.Path.GetFullPath(url["file://".Length..], request.Folder)
            )
        // As Windows writes it; no folder of a project begins so anywhere else.
        : url.StartsWith(@".\", StringComparison.Ordinal) || url.StartsWith(@"..\", StringComparison.Ordinal)
            ? System.IO.Path.GetFullPath(url.Replace('\\', '/'), request.Folder)
        : url.StartsWith("git+", StringComparison.Ordinal)
        || url.Contains("://", StringComparison.Ordinal)
        || url.StartsWith("git@", StringComparison.Ordinal)
        || new Source(url, [], [], []).IsGit
            ? null
        : System.IO.Path.GetFullPath(url, request.Folder);

    /// <summary>The folder of the project's own sources that a pin names, or null.</summary>
    public static string? Of(Request request, string url)
    {
        if (Path(request, url) is not { } path || !Directory.Exists(path))
            return null;
        var relative = System.IO.Path.GetRelativePath(request.Folder, path).Replace('\\', '/');
        return
            relative == ".."
            || relative.StartsWith("../", StringComparison.Ordinal)
            || System.IO.Path.IsPathRooted(relative)
            || s_none.Contains(relative.Split('/')[0])
            ? null
            : path;
    }

    /// <summary>The addresses of folders elsewhere that pins of opam files name: only the project's own may name them.</summary>
    public static IReadOnlySet<string> Sources(Request request, IEnumerable<PackageFile> files) =>
        files
            .SelectMany(file => file.PinDepends)
            .Select(pin => Of(request, pin.Url) is null ? Path(request, pin.Url) : null)
            .OfType<string>()
            .Where(Directory.Exists)
            .Select(path => new Uri(path).AbsoluteUri)
            .ToHashSet();

    /// <summary>The packages that pins to folders of the project name, and what these pin.</summary>
    /// <exception cref="HillingarException">HIL3012: a folder does not hold its package. Of the 1000s: its opam file is at fault.</exception>
    public static IReadOnlyList<PackageFile> Packages(Request request, IReadOnlyList<PackageFile> roots)
    {
        var found = new List<PackageFile>();
        var known = roots.Select(root => root.Name!.Value).ToHashSet();
        var rest = new Queue<(PackageFile Owner, Pin Pin)>(roots.SelectMany(root => root.PinDepends.Select(pin => (root, pin))));
        while (rest.TryDequeue(out var next))
            if (Of(request, next.Pin.Url) is { } folder && known.Add(next.Pin.Package.Name))
            {
                var file =
                    OpamFilePlaces.Read(folder, next.Pin.Package, folder)
                    ?? throw OpamFilePlaces.Absent(next.Pin, new Place(next.Owner.Document.Path));
                found.Add(file);
                foreach (var pin in file.PinDepends)
                    rest.Enqueue((file, Under(request, folder, pin)));
            }
        return found;
    }

    /// <summary>Whether an address is a path that begins where the file is that names it.</summary>
    public static bool IsRelative(string url) =>
        url is "." or ".." || url.StartsWith("./", StringComparison.Ordinal) || url.StartsWith("../", StringComparison.Ordinal);

    // A folder that a folder's opam file names is beside that, or, as opam-monorepo has it, of the project.
    static Pin Under(Request request, string folder, Pin pin) =>
        IsRelative(pin.Url) && Of(request, System.IO.Path.GetFullPath(pin.Url, folder)) is { } beside ? pin with { Url = beside } : pin;
}
