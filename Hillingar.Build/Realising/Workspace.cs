using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Switches;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;

namespace Hillingar.Build.Realising;

/// <summary>
/// The folder that dune builds in: the duniverse, and a mirror of the project's sources in <c>src/</c>. The project's own folder is
/// never built in, so nothing is promoted into it and dune never scans <c>bin/</c> or <c>obj/</c>.
/// </summary>
/// <param name="root">The folder, below the project's <c>obj/</c>.</param>
public sealed class Workspace(string root)
{
    /// <summary>The folder itself.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>The folder of the vendored sources.</summary>
    public string DuniverseFolder => Path.Combine(Root, "duniverse");

    /// <summary>The mirror of the project's sources.</summary>
    public string SourceFolder => Path.Combine(Root, Source);

    /// <summary>What mirage wrote when it configured the targets.</summary>
    public string ConfiguredFolder => Path.Combine(Root, "configured");

    string HostSwitchFile => Path.Combine(Root, "host-switch");

    /// <summary>The folder of the switch that the last build here ran with, whose solo5 is the lock's; null where it ran with this machine's tools, or the switch is gone.</summary>
    public string? HostSwitch =>
        File.Exists(HostSwitchFile) && File.ReadAllText(HostSwitchFile) is var folder && Directory.Exists(folder) ? folder : null;

    // What lies beside these is read by MSBuild, and by us: a build writes nothing there. The sources are copies, into which rules may promote.
    static readonly string[] s_written = ["_build", "src", "duniverse"];

    /// <summary>The folder as dune sees it.</summary>
    internal BuildPlace For(HostTools tools) => tools.At(Root, s_written);

    /// <summary>Remembers what a build ran with.</summary>
    internal void Remember(HostTools tools) => AtomicFile.WriteText(HostSwitchFile, tools.Switch ?? "");

    /// <summary>Makes the mirror hold just the given files. Those that did not change are not touched, so dune sees what did.</summary>
    /// <param name="files">The path below <c>src/</c> and where the file is.</param>
    /// <param name="cancellation">Stops between two files.</param>
    /// <exception cref="HillingarException">HIL5020: a path that leaves the folder, or two files with one path.</exception>
    public void Mirror(IReadOnlyCollection<(string Path, string File)> files, CancellationToken cancellation)
    {
        // dune asks for a project at the root; the user's own lies below src/ and counts there.
        // But which contexts there are, only the workspace's root can say.
        var own = files.FirstOrDefault(file => file.Path == "dune-workspace").File;
        Directory.CreateDirectory(Root);
        using var all = Open();
        Heal(all, cancellation);
        WriteIfChanged(all, "dune-workspace", own is null ? "(lang dune 2.0)\n"u8.ToArray() : File.ReadAllBytes(own));
        WriteIfChanged(all, "dune-project", "(lang dune 2.0)\n"u8.ToArray());
        // What mirage wrote lies here too, as it wrote it.
        WriteIfChanged(all, "dune", "(dirs src duniverse)\n"u8.ToArray());
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, file) in files)
        {
            cancellation.ThrowIfCancellationRequested();
            var target = Path.GetFullPath(Path.Combine(SourceFolder, path));
            if (!target.StartsWith(SourceFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new HillingarException(
                    "HIL5020",
                    $"'{file}' would be built as '{path}', outside the workspace. Give it a Link below the project."
                );
            var place = Path.GetRelativePath(Root, target).Replace('\\', '/');
            if (!wanted.Add(place))
                throw new HillingarException(
                    "HIL5020",
                    $"Two files would be built as '{path}', one of them '{file}'. Give one of them another name or Link."
                );
            // Whoever opens a pipe waits for the other end of it.
            if (UnixFile.Of(file, follow: true) is { IsRegular: false })
                throw new HillingarException(
                    "HIL5020",
                    $"'{file}' is a pipe, a socket, a device or a folder, of which nothing is built. Remove it, or leave it out: <DuneSource Remove=\"{Path.GetFileName(file)}\" />.",
                    new Place(file)
                );
            CopyIfChanged(all, file, place, cancellation);
        }

        // dune promotes files into src/, and whatever it ran may have left anything there.
        if (all.Look(Source) is { Kind: not EntryKind.Folder })
            all.Delete(Source);
        foreach (var stray in all.HasFolder(Source) ? all.Walk(Source, cancellation: cancellation).ToList() : [])
            if (stray.Kind != EntryKind.Folder && !wanted.Contains(stray.Path))
                all.Delete(stray.Path);
    }

    const string Source = "src",
        Built = "_build";

    // A rule can leave a link, a pipe or a folder where dune itself writes, and every build from then on would fail.
    static void Heal(ConfinedFolder all, CancellationToken cancellation)
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (all.Look(Built) is { Kind: not EntryKind.Folder })
            all.Delete(Built);
        foreach (var entry in all.HasFolder(Built) ? all.Walk(Built, enter: _ => false, cancellation: cancellation).ToList() : [])
            if (
                entry.Kind == EntryKind.Folder
                    ? entry.Name is "log" or ".lock" or ".db" or ".digest-db" || (!OperatingSystem.IsWindows() && (entry.Mode & Own) != Own)
                    : entry.Kind != EntryKind.File
            )
                all.Delete(entry.Path);
    }

    ConfinedFolder Open() =>
        ConfinedFolder.Open(
            Root,
            (path, why) =>
                new HillingarException(
                    "HIL5020",
                    $"The workspace is refused: '{Path.Combine(Root, Unpacker.Printable(path))}' is not what a build makes ({Unpacker.Printable(why)}). Delete the folder '{Root}', then restore.",
                    new Place(Root)
                )
        );

    /// <summary>Waits until no other build works in it: dune waits for ever for a lock that another dune holds in the same folder.</summary>
    internal Task<IDisposable> Turn(IReporter reporter, CancellationToken cancellation) =>
        FolderLock.Take(
            Path.Combine(Root, "build.lock"),
            cancellation,
            () => reporter.Step("Waiting until another build of this project is done")
        );

    /// <summary>Looks at what lies in it, without a way out.</summary>
    internal T Inside<T>(Func<ConfinedFolder, T> look)
    {
        using var all = Open();
        return look(all);
    }

    /// <summary>The log that dune writes while it runs; null where there is none yet.</summary>
    internal FileStream? OpenLog() => Inside(all => all.Read($"{Built}/log"));

    /// <summary>When the log was last written; null where there is none.</summary>
    internal DateTime? LogTime()
    {
        using var log = OpenLog();
        return log is null ? null : File.GetLastWriteTimeUtc(log.SafeFileHandle);
    }

    /// <summary>How many folders the duniverse has.</summary>
    internal int VendoredFolders() =>
        Inside(all =>
            all.HasFolder("duniverse")
                ? all.Walk("duniverse", enter: _ => false).Count(entry => entry.Kind == EntryKind.Folder && entry.Name[0] != '.')
                : 0
        );

    /// <summary>Copies what dune built to a place of the user's.</summary>
    /// <param name="target">Its path below the workspace.</param>
    /// <param name="place">A path that is free.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5014: it is no regular file, or a link leads to it from elsewhere, such as to a file of the user's.</exception>
    internal void CopyOut(string target, string place, CancellationToken cancellation)
    {
        using var built = ConfinedFolder.Open(
            Root,
            (path, why) =>
                new HillingarException(
                    "HIL5014",
                    $"What dune made as '{target}' is refused: {Unpacker.Printable(path)}: {Unpacker.Printable(why)}. Change the rule that makes it, so that it makes a file.",
                    new Place(Path.Combine(Root, target))
                )
        );
        built.CopyOut(target, place, cancellation, throughLinks: true);
    }

    /// <summary>A path as dune prints it, as the user knows it.</summary>
    /// <param name="path">Relative to the workspace.</param>
    /// <param name="files">What was mirrored.</param>
    public string Resolve(string path, IEnumerable<(string Path, string File)> files)
    {
        // Rules run inside _build/<context>/ or the project's part of it, and some tools print the path from there.
        var relative = path.Replace('\\', '/');
        if (relative.StartsWith(Root + "/", StringComparison.Ordinal))
            relative = relative[(Root.Length + 1)..];
        if (relative.StartsWith("_build/", StringComparison.Ordinal) && relative.Split('/', 3) is [_, _, var rest])
            relative = rest;
        var source = relative.StartsWith("src/", StringComparison.Ordinal) ? relative[4..] : relative;
        return files.FirstOrDefault(file => file.Path.Replace('\\', '/') == source).File ?? Path.Combine(Root, relative);
    }

    static void WriteIfChanged(ConfinedFolder all, string path, byte[] content)
    {
        if (
            all.Look(path) is not { Kind: EntryKind.File } there
            || there.Length != content.Length
            || !all.ReadBytes(path, int.MaxValue)!.AsSpan().SequenceEqual(content)
        )
            all.Write(path, content);
    }

    static void CopyIfChanged(ConfinedFolder all, string from, string to, CancellationToken cancellation)
    {
        // A link is what it leads to.
        var source = File.ResolveLinkTarget(from, returnFinalTarget: true) as FileInfo ?? new FileInfo(from);
        if (all.Look(to) is { } copy)
        {
            if (copy.Kind == EntryKind.File && copy.Length == source.Length && copy.Ticks == source.LastWriteTimeUtc.Ticks)
                return;
            all.Delete(to);
        }

        all.CopyIn(from, to, cancellation);
    }
}
