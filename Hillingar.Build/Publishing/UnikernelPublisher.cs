using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Images;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Publishing;

/// <summary>
/// Publishes a unikernel with what a stranger needs to run it, to rebuild it and to compare: images, manifest, lock, bill of materials,
/// licences, checksums, a run script. The same inputs give the same bytes.
/// </summary>
public static class UnikernelPublisher
{
    const string Sums = "SHA256SUMS";

    /// <summary>Writes everything beside the destination, then moves it into place file by file, the checksums last.</summary>
    /// <param name="publication">What to publish.</param>
    /// <param name="cancellation">Stops; a destination that was begun fails its checksums.</param>
    /// <exception cref="HillingarException">
    /// HIL5030 to HIL5032: an image is at fault. HIL5040: the publication contradicts itself. HIL5041: the duniverse is not the lock's.
    /// HIL4007: the destination cannot be written. Of the 1000s and 3000s: the lock is at fault.
    /// </exception>
    public static Task<PublishedUnikernel> Publish(UnikernelPublication publication, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(publication);
        return FileFault.Guard(publication.Destination, () => Run(publication, cancellation));
    }

    static async Task<PublishedUnikernel> Run(UnikernelPublication publication, CancellationToken cancellation)
    {
        Check(publication);
        var locked = LockFile.Read(publication.LockFile);
        var materials = Materials.Read(publication, locked, cancellation);
        var images = publication.Images.ToDictionary(
            image => image.Target,
            image => UnikernelImage.Read(image.Path, image.BuildFolder is { } build ? ImageLibraries.Read(build, cancellation) : null)
        );
        var revision = await SourceRevision.Of(publication.Folder, cancellation).ConfigureAwait(false);

        var staging = AtomicFile.Beside(Path.GetFullPath(publication.Destination));
        try
        {
            foreach (var image in publication.Images)
                Copy(image.Path, Path.Combine(staging, image.Target, Path.GetFileName(image.Path)), isProgram: true);
            var lockName = Path.GetFileName(publication.LockFile);
            Copy(publication.LockFile, Path.Combine(staging, lockName), isProgram: false);
            Licences.Write(publication, locked, materials, Path.Combine(staging, Licences.Folder), cancellation);
            Write("run.sh", RunScript.Text(publication, images), isProgram: true);
            Write("manifest.json", Manifest.Text(publication, locked, images, revision));
            Write("sbom.cdx.json", BillOfMaterials.Text(publication, locked, materials, images));
            var files = Relative(staging);
            Write(Sums, string.Concat(files.Select(file => $"{Hash(Path.Combine(staging, file))}  {file}\n")));
            cancellation.ThrowIfCancellationRequested();
            Move(staging, publication.Destination, files);
            return new([.. files.Append(Sums).Order(StringComparer.Ordinal)], images);
        }
        finally
        {
            Tree.Delete(staging);
        }

        void Write(string name, string text, bool isProgram = false)
        {
            var path = Path.Combine(staging, name);
            File.WriteAllText(path, text);
            SetMode(path, isProgram);
        }
    }

    // Names become paths, lines of SHA256SUMS and words of the script: what would need quoting in one of them is not worth having.
    static void Check(UnikernelPublication publication)
    {
        if (publication.Images.Count == 0)
            throw Wrong("no image is to be published");
        foreach (var image in publication.Images)
            if (!MirageTarget.Known.Contains(image.Target))
                throw Wrong($"there is no mirage target '{image.Target}'");
            else if (!IsName(Path.GetFileName(image.Path)))
                throw Wrong($"'{Path.GetFileName(image.Path)}' is no name for an image");
        if (publication.Images.GroupBy(image => image.Target).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Wrong($"there are two images for the target '{twice.Key}'");
        if (!IsName(Path.GetFileName(publication.LockFile)) || s_own.Contains(Path.GetFileName(publication.LockFile)))
            throw Wrong($"'{Path.GetFileName(publication.LockFile)}' is no name for a lock");

        static HillingarException Wrong(string what) => new("HIL5040", $"This cannot be published: {what}. Correct the project.");
        static bool IsName(string name) =>
            name.Length > 0
            && name[0] is not ('-' or '.')
            && PortableName.Fault(name) is null
            && !name.Contains('\'', StringComparison.Ordinal);
    }

    static readonly HashSet<string> s_own = ["run.sh", "manifest.json", "sbom.cdx.json", Sums, Licences.Folder];

    static void Move(string staging, string destination, IReadOnlyList<string> files)
    {
        if (!Directory.Exists(destination))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);
            Directory.Move(staging, destination);
            return;
        }

        var stale = Published(destination).Except(files, StringComparer.Ordinal).ToList();
        foreach (var file in files.Append(Sums))
        {
            var place = Path.Combine(destination, file);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Move(Path.Combine(staging, file), place, overwrite: true);
        }

        foreach (var file in stale)
        {
            File.Delete(Path.Combine(destination, file));
            for (
                var folder = Path.GetDirectoryName(file);
                !string.IsNullOrEmpty(folder) && !Directory.EnumerateFileSystemEntries(Path.Combine(destination, folder)).Any();
                folder = Path.GetDirectoryName(folder)
            )
                Directory.Delete(Path.Combine(destination, folder));
        }
    }

    /// <summary>The files of an earlier publication that are still as it left them: others are no longer ours to delete.</summary>
    static List<string> Published(string destination)
    {
        var sums = Path.Combine(destination, Sums);
        if (!File.Exists(sums))
            return [];
        return
        [
            .. File.ReadLines(sums)
                .Select(line => line.Split("  ", 2))
                .Where(parts =>
                    parts is [{ Length: 64 }, _]
                    && IsOurs(parts[1])
                    && Path.Combine(destination, parts[1]) is var file
                    && File.Exists(file)
                    && Hash(file) == parts[0]
                )
                .Select(parts => parts[1]),
        ];
    }

    // The list may be anybody's.
    static bool IsOurs(string file) =>
        file.Split('/') is var parts
        && parts.All(part => part.Length > 0 && PortableName.Fault(part) is null)
        && (parts is [_] || parts[0] == Licences.Folder || MirageTarget.Known.Contains(parts[0]));

    static List<string> Relative(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
                .Order(StringComparer.Ordinal),
        ];

    internal static string Hash(string file) => Hashes.OfFile(file, [ChecksumKind.Sha256])[0].Hex;

    internal static void Copy(string from, string to, bool isProgram)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to);
        SetMode(to, isProgram);
    }

    internal static void SetMode(string path, bool isProgram)
    {
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                path,
                isProgram ? file | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : file
            );
    }
}
