using System.Text;
using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>Makes of an unpacked archive what opam's build of its packages would start from.</summary>
/// <param name="folder">The unpacked sources.</param>
/// <param name="variables">What the filters of a package's patches and its <c>substs</c> see.</param>
sealed class Preparer(string folder, Func<OpamPackage, IVariables> variables)
{
    const int MaxSubst = 16 << 20;

    /// <summary>Prepares the sources.</summary>
    /// <param name="preparations">What the packages in the folder ask for, in the order of their names.</param>
    /// <param name="fetch">The path of an <c>extra-source</c>.</param>
    /// <param name="cancellation">Stops, leaving the folder half-prepared.</param>
    /// <exception cref="HillingarException">HIL4022: a patch does not apply. HIL4023: something would lie outside the folder. HIL4024: a file is missing.</exception>
    public async Task Prepare(IReadOnlyList<Preparation> preparations, Func<ExtraSource, Task<string>> fetch, CancellationToken cancellation)
    {
        foreach (var preparation in preparations)
        {
            var root = Inside(preparation, folder, preparation.Subpath ?? ".");
            if (!Directory.Exists(root))
                throw new HillingarException("HIL4024", $"The sources of {preparation.Package} have no folder '{preparation.Subpath}', which its description names as subpath.");
            foreach (var extra in preparation.Sources)
                Add(preparation, root, extra.Name, await File.ReadAllBytesAsync(await fetch(extra).ConfigureAwait(false), cancellation).ConfigureAwait(false));
            foreach (var extra in preparation.Files)
                Add(preparation, root, extra.Name, extra.Content.AsSpan());
            var patches = preparation.Patches.Where(patch => patch.Filter.Holds(variables(preparation.Package))).Select(patch => patch.Value).ToList();
            // A patch may itself be made from NAME.in; the other substs may change what patches made.
            foreach (var name in preparation.Substs.Intersect(patches))
                Subst(preparation, root, name);
            foreach (var patch in patches)
                await Patch(preparation, root, patch, cancellation).ConfigureAwait(false);
            foreach (var name in preparation.Substs.Except(patches))
                Subst(preparation, root, name);
        }

        if (preparations.Count > 0 && preparations.All(preparation => preparation.Subpath is not null))
            Keep([.. preparations.Select(preparation => Path.GetRelativePath(folder, Inside(preparation, folder, preparation.Subpath!)).Replace('\\', '/') + "/")]);
    }

    void Add(Preparation preparation, string root, string name, ReadOnlySpan<byte> content)
    {
        var path = Inside(preparation, root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    // git refuses names that lead out and names behind symbolic links, and does nothing unless all of the patch applies. What opam's
    // patch program forgives (two lines of context that differ), so does -C1.
    async Task Patch(Preparation preparation, string root, string name, CancellationToken cancellation)
    {
        var path = Inside(preparation, root, name);
        if (!File.Exists(path))
            throw new HillingarException("HIL4024", $"The patch '{name}' of {preparation.Package} is neither in its sources nor in its extra-files.");
        var result = await ProcessRunner.Run(
            new Command("git", ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "apply", "-p1", "-C1", "--whitespace=nowarn", "--", path], root,
                new Dictionary<string, string?>
                {
                    // In a user's repository git would take paths as relative to its root, and leave out what it ignores.
                    ["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(root),
                    ["GIT_DIR"] = null,
                    ["GIT_WORK_TREE"] = null,
                    ["LC_ALL"] = "C",
                }), cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL4022", $"The patch '{name}' of {preparation.Package} does not apply to its sources: {result.Error.Trim()} Tell the maintainers of the package's description, or choose another version.");
        CheckLinks(preparation, name);
    }

    // A patch can make a link, and a link that leads out would bring the machine's own files into the build.
    void CheckLinks(Preparation preparation, string patch)
    {
        foreach (var link in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Where(entry => entry.LinkTarget is not null))
            if (Path.IsPathRooted(link.LinkTarget) || !IsInside(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link.FullName)!, link.LinkTarget!))))
                throw new HillingarException("HIL4023", $"The patch '{patch}' of {preparation.Package} is refused: '{Path.GetRelativePath(folder, link.FullName)}' would be a link to '{Unpacker.Printable(link.LinkTarget!)}', outside the sources.");
    }

    void Subst(Preparation preparation, string root, string name)
    {
        var template = new FileInfo(Inside(preparation, root, name + ".in"));
        if (!template.Exists)
            throw new HillingarException("HIL4024", $"The sources of {preparation.Package} have no '{name}.in', from which '{name}' is to be made.");
        if (template.Length > MaxSubst)
            throw new HillingarException("HIL4023", $"'{name}.in' of {preparation.Package} is larger than the {MaxSubst >> 20} MiB that are read.");
        // Bytes as they are, whatever the file's encoding; variables are ASCII.
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(template.FullName));
        File.WriteAllBytes(Inside(preparation, root, name), Encoding.Latin1.GetBytes(variables(preparation.Package).Expand(text)));
    }

    // A name inside the root, also after links are followed; links that archives bring stay inside.
    string Inside(Preparation preparation, string root, string name)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(root, name)));
        if (name.Length > 0 && !Path.IsPathRooted(name) && IsInside(path) && (name == "." || PortableName.IsInside(name)))
            return path;
        throw Outside(preparation.Package, name);
    }

    /// <summary>That a description names a file outside the sources.</summary>
    public static HillingarException Outside(OpamPackage package, string name) =>
        new("HIL4023", $"The description of {package} is refused: '{Unpacker.Printable(name)}' is no name inside its sources.");

    bool IsInside(string path) => path == folder || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // opam builds a package with a subpath in that folder and sees nothing else; what lies beside it may not even build.
    void Keep(IReadOnlyList<string> kept)
    {
        Clear(folder, "");

        void Clear(string current, string name)
        {
            foreach (var entry in new DirectoryInfo(current).EnumerateFileSystemInfos())
                if (name + entry.Name + "/" is var path && kept.All(keep => !path.StartsWith(keep, StringComparison.Ordinal)))
                    if (entry is DirectoryInfo { LinkTarget: null } && kept.Any(keep => keep.StartsWith(path, StringComparison.Ordinal)))
                        Clear(entry.FullName, path);
                    else if (entry is DirectoryInfo { LinkTarget: null })
                        Tree.Delete(entry.FullName);
                    else
                        entry.Delete();
        }
    }
}
