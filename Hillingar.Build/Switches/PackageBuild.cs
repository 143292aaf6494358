using System.Collections.Immutable;
using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Unpacking;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Switches;

/// <summary>Builds one package into the store: fetches and prepares its sources, runs its steps, and keeps what they left in the prefix.</summary>
sealed class PackageBuild(
    SwitchStore store,
    Sandbox sandbox,
    BuildLimits limits,
    SourceFetcher fetcher,
    SourceStore sources,
    SwitchRequest request,
    IReporter reporter
)
{
    const int TailLines = 20;
    const int MaxLeft = 16 << 20;
    static readonly UnpackLimits s_unpacking = new() { OnlyHere = true };

    /// <summary>Builds a package. Only for whoever has its turn.</summary>
    /// <param name="steps">What is done.</param>
    /// <param name="preparing">The steps that say what <c>substs</c> see.</param>
    /// <param name="key">Its key.</param>
    /// <param name="closure">What it is to see in its prefix.</param>
    /// <param name="environment">The environment of its commands, without home and temporary folder.</param>
    /// <param name="cancellation">Stops, leaving nothing.</param>
    /// <exception cref="HillingarException">HIL5064: it cannot be built. Of the 4000s: its sources cannot be had, or are refused.</exception>
    public async Task Run(
        PackageSteps steps,
        PackageSteps preparing,
        string key,
        ImmutableArray<BuiltPackage> closure,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellation
    )
    {
        var staging = store.Staging(key);
        var finished = Path.Combine(staging, "result");
        try
        {
            // Many packages only depend on others. To put a compiler before each of them would take longer than all else.
            if (steps is { Source: null, Preparation: null, Build: [], Install: [] })
            {
                Directory.CreateDirectory(Path.Combine(finished, "tree"));
                SwitchStore.Seal(finished, cancellation);
                AtomicFile.ReplaceFolder(finished, store.PackageFolder(key));
                return;
            }

            var unpacked = sandbox.IsOn ? Path.Combine(staging, "build") : steps.About.BuildFolder!;
            var prefix = sandbox.IsOn ? Path.Combine(staging, "prefix") : steps.About.Layout.Prefix;
            Tree.Delete(unpacked);
            Tree.Delete(prefix);
            var build = await Prepare(preparing, unpacked, cancellation).ConfigureAwait(false);
            Directory.CreateDirectory(prefix);
            foreach (var package in closure.Where(package => package.Tree is not null))
                PrefixTree.Add(package.Tree!, prefix, cancellation);
            foreach (var folder in SwitchLayout.Standard)
                Directory.CreateDirectory(Path.Combine(prefix, folder));
            var before = PrefixTree.Read(prefix, cancellation);

            await Commands(steps, key, staging, build, prefix, environment, cancellation).ConfigureAwait(false);

            CheckDepth(steps.Package, build, cancellation);
            var gone = PrefixTree.Collect(prefix, before, Path.Combine(finished, "tree"), cancellation);
            foreach (var path in gone)
                reporter.Detail($"{steps.Package} removed {path} of another package, which keeps it");
            if (Left(build, steps.Package.Name + ".config") is { } config)
                await File.WriteAllBytesAsync(Path.Combine(finished, steps.Package.Name + ".config"), config, cancellation)
                    .ConfigureAwait(false);
            SwitchStore.Seal(finished, cancellation);
            AtomicFile.ReplaceFolder(finished, store.PackageFolder(key));
        }
        finally
        {
            Tree.Delete(staging);
            if (!sandbox.IsOn)
                Tree.Delete(steps.About.BuildFolder!);
        }
    }

    /// <summary>Has the archives of a package in the store of sources before anything is compiled. What comes from git is fetched when it is built.</summary>
    /// <exception cref="HillingarException">Of the 4000s: one cannot be had.</exception>
    public async Task Fetch(SwitchPackage package, CancellationToken cancellation)
    {
        var file = package.Description.Read();
        var archives = new[] { file.Url }
            .OfType<SourceUrl>()
            .Select(url =>
                (Name: package.Package.ToString(), Source: new Source(url.Url, url.Checksums, url.Mirrors, request.ArchiveMirrors))
            )
            .Concat(
                (Preparation.Of(package.Description, package.Package.Name.Text)?.Sources ?? []).Select(extra =>
                    (
                        Name: $"{package.Package} ({extra.Name})",
                        Source: new Source(extra.Source.Url, extra.Source.Checksums, extra.Source.Mirrors, request.ArchiveMirrors)
                    )
                )
            );
        foreach (var (name, source) in archives.Where(archive => !archive.Source.IsGit))
            await fetcher.Fetch(source, name, cancellation).ConfigureAwait(false);
    }

    // The folder of the package's own sources, ready to build.
    async Task<string> Prepare(PackageSteps steps, string folder, CancellationToken cancellation)
    {
        if (steps.Source is { } url)
        {
            var source = new Source(url.Url, url.Checksums, url.Mirrors, request.ArchiveMirrors);
            if (source.IsGit)
                await GitSource.Unpack(source.Url, folder, sources.Folder, fetcher.Offline, cancellation).ConfigureAwait(false);
            else
                Unpacker.Unpack(
                    await fetcher.Fetch(source, steps.Package.ToString(), cancellation).ConfigureAwait(false),
                    folder,
                    s_unpacking,
                    cancellation
                );
        }

        Directory.CreateDirectory(folder);
        if (steps.Preparation is { } preparation)
            await new Preparer(folder, _ => steps.Files)
                .Prepare(
                    [preparation],
                    extra =>
                        fetcher.Fetch(
                            new Source(extra.Source.Url, extra.Source.Checksums, extra.Source.Mirrors, request.ArchiveMirrors),
                            $"{steps.Package} ({extra.Name})",
                            cancellation
                        ),
                    cancellation
                )
                .ConfigureAwait(false);
        if (steps.Source?.Subpath is not { } subpath)
            return folder;
        using var all = ConfinedFolder.Open(folder, (_, _) => Preparer.Outside(steps.Package, subpath));
        using var inner = all.Folder(string.Join('/', subpath.Split('/').Where(part => part is not ("" or "."))));
        return inner.Path;
    }

    async Task Commands(
        PackageSteps steps,
        string key,
        string staging,
        string build,
        string prefix,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellation
    )
    {
        var (home, temporary) = (
            Directory.CreateDirectory(Path.Combine(staging, "home")).FullName,
            Directory.CreateDirectory(Path.Combine(staging, "tmp")).FullName
        );
        // The user's own variables are not for strangers, and would make results depend on them.
        var variables = Environment.GetEnvironmentVariables().Keys.Cast<string>().ToDictionary(name => name, _ => (string?)null);
        foreach (var (name, value) in environment)
            variables[name] = value;
        variables["HOME"] = sandbox.IsOn ? "/home/build" : home;
        variables["TMPDIR"] = sandbox.IsOn ? "/tmp" : temporary;
        (string, string)[] writable = [(build, steps.About.BuildFolder!), (prefix, steps.About.Layout.Prefix), (home, "/home/build")];

        var log = store.LogOf(steps.Package, key);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var writer = new StreamWriter(log, append: false) { AutoFlush = true };
        await using (writer.ConfigureAwait(false))
        {
            var runner = new StepRunner(sandbox.Bounds, limits, Log);
            var (commands, done) = (steps.Build.Length + steps.Install.Length, 0);
            foreach (var words in steps.Build.Concat(steps.Install))
            {
                reporter.Progress(
                    new Progress(
                        $"{steps.Package}",
                        $"{steps.Package}: {string.Join(' ', words.Take(2))}",
                        done++,
                        commands,
                        ProgressUnit.Items
                    )
                );
                Log($"+ {string.Join(' ', words)}");
                if (words[0].Length == 0)
                    throw Failed(steps.Package, string.Join(' ', words), "names no program", log);
                await Step(new Command(words[0], [.. words.Skip(1)]), string.Join(' ', words)).ConfigureAwait(false);
            }

            var install = Left(build, steps.Package.Name + ".install") is { } list
                ? InstallFile.Parse(Encoding.UTF8.GetString(list), Path.Combine(build, steps.Package.Name + ".install"), steps.Package.Name)
                : InstallFile.Empty;
            await Step(new Command("sh", ["-s"]) { Input = InstallScript.Of(install, steps.About.Layout) }, $"{steps.Package.Name}.install")
                .ConfigureAwait(false);

            async Task Step(Command command, string name)
            {
                if (
                    await runner
                        .Run(
                            sandbox.Enter(
                                command with
                                {
                                    Environment = variables,
                                },
                                steps.About.BuildFolder!,
                                temporary,
                                request.Machine.Folders,
                                writable
                            ),
                            cancellation
                        )
                        .ConfigureAwait(false) is
                    { } fault
                )
                {
                    await writer.FlushAsync(cancellation).ConfigureAwait(false);
                    throw Failed(steps.Package, name, fault, log);
                }
            }
        }

        void Log(string line)
        {
            lock (writer)
                writer.WriteLine(line);
            reporter.Detail(line);
        }
    }

    // Who nests folders without end means harm; it is told here, where the package is known.
    static void CheckDepth(OpamPackage package, string build, CancellationToken cancellation)
    {
        using var folder = ConfinedFolder.Open(
            build,
            (path, why) =>
                new HillingarException(
                    "HIL5064",
                    $"{package} could not be built: in the folder of its build {why} ('{Unpacker.Printable(path)}')."
                )
        );
        _ = folder.Walk(cancellation: cancellation).Count();
    }

    // A file that the build left for us to read. Read as the user, it must not be one of the user's, nor one that waits for somebody.
    static byte[]? Left(string build, string name)
    {
        using var folder = ConfinedFolder.Open(
            build,
            (path, why) =>
                new HillingarException(
                    "HIL5061",
                    $"'{name}' is refused: {Unpacker.Printable(why)} ('{Unpacker.Printable(path)}'). Tell the package's maintainers.",
                    new Place(Path.Combine(build, name))
                )
        );
        return folder.ReadBytes(name, MaxLeft, throughLinks: true);
    }

    static HillingarException Failed(OpamPackage package, string command, string fault, string log)
    {
        string[] lines;
        using (var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)))
            lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new HillingarException(
            "HIL5064",
            $"{package} could not be built: '{(command.Length > 200 ? command[..200] + "…" : command)}' {fault}. Its log is {log}, and ends so:\n{string.Join('\n', lines.TakeLast(TailLines))}",
            new Place(log)
        );
    }
}
