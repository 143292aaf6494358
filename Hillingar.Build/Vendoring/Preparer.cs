using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Vendoring;

/// <summary>Makes of an unpacked archive what opam's build of its packages would start from.</summary>
/// <param name="folder">The unpacked sources.</param>
/// <param name="variables">What the filters of a package's patches and its <c>substs</c> see.</param>
sealed class Preparer(string folder, Func<OpamPackage, IVariables> variables)
{
    const int MaxSubst = 16 << 20;
    const int MaxPatch = 64 << 20;

    /// <summary>Prepares the sources.</summary>
    /// <param name="preparations">What the packages in the folder ask for, in the order of their names.</param>
    /// <param name="fetch">The path of an <c>extra-source</c>.</param>
    /// <param name="cancellation">Stops, leaving the folder half-prepared.</param>
    /// <exception cref="HillingarException">HIL4022: a patch does not apply. HIL4023: something would lie outside the folder. HIL4024: a file is missing.</exception>
    public async Task Prepare(
        IReadOnlyList<Preparation> preparations,
        Func<ExtraSource, Task<string>> fetch,
        CancellationToken cancellation
    )
    {
        var patched = new HashSet<OpamPackage>();
        foreach (var preparation in preparations)
        {
            using var root = Open(preparation);
            foreach (var extra in preparation.Sources)
                root.Write(
                    Name(preparation, extra.Name),
                    await File.ReadAllBytesAsync(await fetch(extra).ConfigureAwait(false), cancellation).ConfigureAwait(false)
                );
            foreach (var extra in preparation.Files)
                root.Write(Name(preparation, extra.Name), extra.Content.AsSpan());
            var patches = preparation
                .Patches.Where(patch => patch.Filter.Holds(variables(preparation.Package)))
                .Select(patch => patch.Value)
                .ToList();
            // A patch may itself be made from NAME.in; the other substs may change what patches made.
            foreach (var name in preparation.Substs.Intersect(patches))
                Subst(preparation, root, name);
            foreach (var patch in patches)
            {
                await Patch(preparation, root, patch, cancellation).ConfigureAwait(false);
                patched.Add(preparation.Package);
            }

            foreach (var name in preparation.Substs.Except(patches))
                Subst(preparation, root, name);
        }

        // A patch can make a link, and one that leads out would bring the machine's own files into the build.
        if (patched.Count > 0)
        {
            using var all = ConfinedFolder.Open(
                folder,
                (path, why) =>
                    new HillingarException(
                        "HIL4023",
                        $"The patches of {string.Join(", ", patched)} are refused: '{Unpacker.Printable(path)}': {Unpacker.Printable(why)}."
                    )
            );
            all.CheckLinks(cancellation);
        }

        if (preparations.Count > 0 && preparations.All(preparation => preparation.Subpath is not null))
            Keep([.. preparations.Select(preparation => string.Join('/', Parts(preparation.Subpath!)) + "/")], cancellation);
    }

    // The folder that is the package's.
    ConfinedFolder Open(Preparation preparation)
    {
        var path = Parts(preparation.Subpath ?? ".");
        if (path.Length > 0)
            Name(preparation, string.Join('/', path));
        using var all = ConfinedFolder.Open(folder, (path, why) => Refused(preparation.Package, path, why));
        return all.HasFolder(string.Join('/', path))
            ? all.Folder(string.Join('/', path))
            : throw new HillingarException(
                "HIL4024",
                $"The sources of {preparation.Package} have no folder '{preparation.Subpath}', which its description names as subpath."
            );
    }

    static string[] Parts(string path) =>
        path.Length == 0 || Path.IsPathRooted(path) ? [path, ""] : [.. path.Split('/').Where(part => part is not ("." or ""))];

    // A name inside the sources. What lies on its way there is looked at when it is used.
    static string Name(Preparation preparation, string name) =>
        name.Length == 0 || Path.IsPathRooted(name) || !PortableName.IsInside(name, OperatingSystem.IsWindows())
            ? throw Outside(preparation.Package, name)
        : name.Split('/').Any(GitLeftovers.IsRepository)
            ? throw Refused(preparation.Package, name, "git would take it for a repository's, whose settings name programs")
        : name;

    // git refuses names that lead out and names behind symbolic links, and does nothing unless all of the patch applies. What opam's
    // patch program forgives (two lines of context that differ), so does -C1.
    static async Task Patch(Preparation preparation, ConfinedFolder root, string name, CancellationToken cancellation)
    {
        if (root.Look(Name(preparation, name)) is not { Kind: EntryKind.File } file)
            throw new HillingarException(
                "HIL4024",
                $"The patch '{name}' of {preparation.Package} is neither in its sources nor in its extra-files."
            );
        if (file.Length > MaxPatch)
            throw Refused(preparation.Package, name, $"the patch is larger than the {MaxPatch >> 20} MiB that are read");
        var result = await ProcessRunner
            .Run(
                new Command(
                    "git",
                    [
                        "-c",
                        "core.autocrlf=false",
                        "-c",
                        "core.safecrlf=false",
                        "apply",
                        "-p1",
                        "-C1",
                        "--whitespace=nowarn",
                        "--",
                        Path.Combine(root.Path, name),
                    ],
                    root.Path,
                    // In a repository git would take paths as relative to its root, and leave out what it ignores. The sources may bring one of
                    // their own, whose settings name programs: so there is none, wherever they lie.
                    new Dictionary<string, string?>(Opam.Repositories.Git.Settings(remote: null)) { ["GIT_DIR"] = "/dev/null" }
                ),
                cancellation
            )
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException(
                "HIL4022",
                $"The patch '{name}' of {preparation.Package} does not apply to its sources: {result.Error.Trim()} Tell the maintainers of the package's description, or choose another version."
            );
    }

    void Subst(Preparation preparation, ConfinedFolder root, string name)
    {
        // Bytes as they are, whatever the file's encoding; variables are ASCII.
        var template =
            root.ReadBytes(Name(preparation, name + ".in"), MaxSubst, throughLinks: true)
            ?? throw new HillingarException(
                "HIL4024",
                $"The sources of {preparation.Package} have no '{name}.in', from which '{name}' is to be made."
            );
        root.Write(
            Name(preparation, name),
            Encoding.Latin1.GetBytes(variables(preparation.Package).Expand(Encoding.Latin1.GetString(template)))
        );
    }

    static HillingarException Refused(OpamPackage package, string path, string why) =>
        new(
            "HIL4023",
            $"What the description of {package} does to its sources is refused because of '{Unpacker.Printable(path)}': {Unpacker.Printable(why)}."
        );

    /// <summary>That a description names a file outside the sources.</summary>
    public static HillingarException Outside(OpamPackage package, string name) =>
        new("HIL4023", $"The description of {package} is refused: '{Unpacker.Printable(name)}' is no name inside its sources.");

    // opam builds a package with a subpath in that folder and sees nothing else; what lies beside it may not even build.
    void Keep(IReadOnlyList<string> kept, CancellationToken cancellation)
    {
        using var all = ConfinedFolder.Open(
            folder,
            (path, why) => new HillingarException("HIL4023", $"The sources are refused because of '{Unpacker.Printable(path)}': {why}.")
        );
        if (kept.Contains("/"))
            return;
        bool Leads(Entry entry) =>
            entry.Kind == EntryKind.Folder
            && kept.Any(keep => keep.StartsWith(entry.Path + "/", StringComparison.Ordinal) && keep != entry.Path + "/");
        foreach (var entry in all.Walk(enter: Leads, cancellation: cancellation).ToList())
            if (!Leads(entry) && kept.All(keep => entry.Path + "/" != keep))
                all.Delete(entry.Path);
    }
}
