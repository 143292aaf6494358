using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Locks;

/// <summary>A package of a lock, as one reads it.</summary>
/// <param name="Name">The package.</param>
/// <param name="Version">Its version.</param>
/// <param name="Vendored">Whether its sources are in the duniverse.</param>
/// <param name="Folder">The folder of the duniverse that has them, or null.</param>
/// <param name="Source">Where its sources come from, or null.</param>
/// <param name="Platforms">The platforms that need it, of those that the lock is for; none stands for all.</param>
public sealed record LockContent(
    string Name,
    string Version,
    bool Vendored,
    string? Folder,
    string? Source,
    IReadOnlyList<string> Platforms
)
{
    /// <summary><c>name.version</c>.</summary>
    public override string ToString() => $"{Name}.{Version}";
}

/// <summary>A lock, as one reads it.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Packages">What it selects, by name; the project's own packages are not among them.</param>
/// <param name="Targets">The mirage targets that it is for.</param>
/// <param name="Platforms">The platforms that it is for.</param>
/// <param name="Repositories">The opam repositories that were solved over, as the project names them.</param>
/// <param name="OCaml">The version of OCaml that it selects, or null.</param>
public sealed record LockContents(
    string Path,
    IReadOnlyList<LockContent> Packages,
    IReadOnlyList<string> Targets,
    IReadOnlyList<string> Platforms,
    IReadOnlyList<string> Repositories,
    string? OCaml
)
{
    /// <summary>Its file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>How many packages have their sources in the duniverse.</summary>
    public int Vendored => Packages.Count(package => package.Vendored);

    /// <summary>Reads a lock.</summary>
    /// <param name="path">Its file, or a folder that holds one.</param>
    /// <exception cref="HillingarException">HIL7003: there is none, or several. Of the 3000s: it is no lock.</exception>
    public static LockContents Read(string path)
    {
        var file = LockLocation.Find(path);
        var locked = LockFile.Read(file);
        var urls = locked.Pins.GroupBy(pin => pin.Package).ToDictionary(group => group.Key, group => group.First().Url);
        var folders = locked.Duniverse.GroupBy(source => source.Url).ToDictionary(group => group.Key, group => group.First().Folder);
        return new LockContents(
            file,
            [
                .. locked
                    .Packages.Where(item => !locked.RootPackages.Contains(item.Package.Name.Text))
                    .OrderBy(item => item.Package)
                    .Select(item =>
                    {
                        var url = urls.GetValueOrDefault(item.Package);
                        return new LockContent(
                            item.Package.Name.Text,
                            item.Package.Version.Text,
                            item.Vendored,
                            url is null ? null : folders.GetValueOrDefault(url),
                            url is null ? null : Printable.Line(url),
                            item.Platforms
                        );
                    }),
            ],
            locked.Targets,
            locked.Platforms,
            [.. locked.Repositories.Select(Printable.Line)],
            locked.Version("ocaml")?.Text
        );
    }

    /// <summary>The file's name.</summary>
    public override string ToString() => Name;
}
