using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Hillingar.Build.Files;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Switches;

/// <summary>The building of one switch.</summary>
sealed class SwitchWork : IDisposable
{
    readonly SwitchStore _store;
    readonly SwitchRequest _request;
    readonly SwitchOptions _options;
    readonly Sandbox _sandbox;
    readonly IReporter _reporter;
    readonly PackageBuild _build;
    readonly SemaphoreSlim _slots;
    readonly string _system;
    readonly string _place;
    readonly SwitchLayout _layout;
    readonly IReadOnlyDictionary<string, string> _environment;
    readonly ConcurrentDictionary<OpamPackage, Lazy<Task<HillingarException?>>> _fetched = new();
    IReadOnlyList<(SwitchPackage Package, ImmutableArray<OpamPackage> Dependencies)> _all = [];
    int _done;

    public SwitchWork(
        Stores stores,
        SwitchRequest request,
        SwitchOptions options,
        Sandbox sandbox,
        SourceFetcher fetcher,
        IReporter reporter
    )
    {
        (_store, _request, _options, _sandbox, _reporter) = (stores.Switches, request, options, sandbox, reporter);
        _system = SystemFingerprint.Of(request.Machine.Path);
        _build = new PackageBuild(_store, sandbox, options.Limits, fetcher, stores.Sources, request, reporter);
        // Without mounts a prefix can only be where it is, and only one package at a time can have it to itself.
        _slots = new SemaphoreSlim(sandbox.IsOn ? Math.Max(1, options.Jobs) : 1);
        _place = Hashes.OfText(
            PackageKey.Text([
                [_system],
                request.Machine.Packages.Select(package => package.Package.ToString()),
                .. request.Packages.Select(package => new[] { package.ToString(), package.Read().Document.Print() }),
            ])
        );
        _layout = new SwitchLayout(sandbox.IsOn ? _store.MountPoint : Path.Combine(_store.SwitchFolder(_place), "prefix"));
        _environment = Basics();
    }

    public void Dispose() => _slots.Dispose();

    OpamEnvironment Globals(int jobs) =>
        SwitchVariables.Globals(HostPlatform.Current, jobs, _layout.Prefix, "hillingar").With("user", "build").With("group", "build");

    // What every command finds; nothing of the user's own environment.
    IReadOnlyDictionary<string, string> Basics()
    {
        var environment = DuneEnvironment
            .Variables.Where(pair => pair.Value is not null)
            .ToDictionary(pair => pair.Key, pair => pair.Value!);
        environment["PATH"] = _request.Machine.Path;
        environment["LC_ALL"] = "C";
        environment["SHELL"] = "/bin/sh";
        environment["USER"] = environment["LOGNAME"] = "build";
        // 1980, the first year that every archive format knows.
        environment["SOURCE_DATE_EPOCH"] = "315532800";
        return SwitchEnvironment.Apply(environment, OfProvided());
    }

    // The machine's own findlib and compiler look for libraries and stubs where the machine has them; the switch's are elsewhere.
    IEnumerable<VariableUpdate> OfProvided()
    {
        if (_request.Machine.Packages.Any(package => package.Package.Name.Text == "ocamlfind"))
        {
            yield return new("OCAMLPATH", UpdateOperator.Prepend, _layout.Folder("lib")!);
            yield return new("OCAMLFIND_DESTDIR", UpdateOperator.Set, _layout.Folder("lib")!);
        }

        if (_request.Machine.Packages.Any(package => package.Package.Name.Text == "ocaml"))
            yield return new("CAML_LD_LIBRARY_PATH", UpdateOperator.Prepend, _layout.Folder("stublibs")!);
    }

    // The machine's findlib and pkg-config find a cross compiler of the switch, and what belongs to it.
    IEnumerable<VariableUpdate> OfCross(string? view) =>
        view is null
            ? []
            :
            [
                new("OCAMLFIND_CONF", UpdateOperator.Set, view),
                new("PKG_CONFIG_PATH", UpdateOperator.Prepend, $"{_layout.Folder("share")}/pkgconfig"),
                new("PKG_CONFIG_PATH", UpdateOperator.Prepend, $"{_layout.Folder("lib")}/pkgconfig"),
            ];

    /// <summary>Has the sources of all that is not in the store, and compiles nothing.</summary>
    /// <exception cref="HillingarException">Of the 4000s: sources cannot be had. The others are told.</exception>
    public async Task Fetch(CancellationToken cancellation)
    {
        using var use = await Share(cancellation).ConfigureAwait(false);
        var there = Machine().ToDictionary(package => package.About.Package);
        var absent = new List<SwitchPackage>();
        foreach (var (package, dependencies) in Ordered())
            if (
                dependencies.All(there.ContainsKey)
                && BuiltPackage.Together(dependencies.Select(dependency => there[dependency])) is var closure
                && Plan(package, closure) is var plan
                && _store.Has(plan.Key)
            )
                there[package.Package] = OfStore(plan, there.Count, closure);
            else
                absent.Add(package);
        _ = await Task.WhenAll(
                absent.Select(package => _fetched.GetOrAdd(package.Package, _ => new(() => Fetch(package, cancellation))).Value)
            )
            .ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        Throw([.. Missing()]);
    }

    public async Task<HostSwitch> Run(CancellationToken cancellation)
    {
        using var use = await Share(cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(_layout.Prefix);
        foreach (var left in _store.RemoveLeftovers())
            _reporter.Detail($"What a killed build left could not be removed: {left}");
        using var alone = _sandbox.IsOn
            ? null
            : await _store
                .Turn(_place, cancellation, Told("another build is done, which builds the same host switch"))
                .ConfigureAwait(false);
        var all = Ordered();
        _all = all;
        var tasks = new Dictionary<OpamPackage, Task<BuiltPackage>>();
        foreach (var package in Machine())
            tasks[package.About.Package] = Task.FromResult(package);
        foreach (var (package, dependencies) in all)
        {
            var order = tasks.Count;
            var below = dependencies.Select(dependency => tasks[dependency]).ToList();
            tasks[package.Package] = Task.Run(() => Realise(package, order, below, all.Count, cancellation), cancellation);
        }

        await Task.WhenAll((IEnumerable<Task>)tasks.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        // All sources that are missing, and not only the first: who has to get them gets them once.
        Throw([.. tasks.Values.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException!).Concat(Missing()).Distinct()]);
        var built = BuiltPackage.Together(tasks.Values.Select(task => task.Result));
        var variables = new SwitchVariables(Globals(1), built.Select(package => package.About));
        // Without mounts there is one prefix, in which packages were built that see all of it.
        var presented = _request.Presented.Count == 0 || !_sandbox.IsOn ? null : variables.Needed(_request.Presented, build: false);
        return await Assemble([.. built.Where(package => presented?.Contains(package.About.Package) ?? true)], cancellation)
            .ConfigureAwait(false);
    }

    IEnumerable<Exception> Missing() =>
        _fetched
            .Values.Where(fetching => fetching.Value is { IsCompletedSuccessfully: true, Result: not null })
            .Select(Exception (fetching) => fetching.Value.Result!);

    // The first is thrown, the others are told.
    void Throw(IReadOnlyList<Exception> failures)
    {
        foreach (var failure in failures.Skip(1).OfType<HillingarException>())
            _reporter.Report(failure.Diagnostic);
        if (failures.Count > 0)
            ExceptionDispatchInfo.Throw(failures[0]);
    }

    Task<IDisposable> Share(CancellationToken cancellation) =>
        FolderLock.Share(_store.UseLock, cancellation, Told("another process is done, which prunes or repairs the store"));

    Action Told(string until) => () => _reporter.Step($"Waiting until {until}");

    IEnumerable<BuiltPackage> Machine() =>
        _request.Machine.Packages.Select(
            (package, order) =>
                new BuiltPackage(
                    package,
                    Hashes.OfText(
                        PackageKey.Text([
                            [package.Package.ToString(), _system],
                            package.Config.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"),
                        ])
                    ),
                    null,
                    order,
                    []
                )
        );

    // The packages that the switch is for and all below them, each after those that it depends on, all else by name; with those that it depends on.
    List<(SwitchPackage Package, ImmutableArray<OpamPackage> Dependencies)> Ordered()
    {
        var packages = _request
            .Packages.Select(package => new SwitchPackage(package, _layout))
            .OrderBy(package => package.Package)
            .ToList();
        var variables = new SwitchVariables(Globals(1), packages.Concat(_request.Machine.Packages));
        var rest = packages.ConvertAll(package => (Package: package, Dependencies: variables.Dependencies(package)));
        var there = _request.Machine.Packages.Select(package => package.Package).ToHashSet();
        var ordered = new List<(SwitchPackage, ImmutableArray<OpamPackage>)>();
        while (rest.Count > 0)
        {
            var ready = rest.FindIndex(item => item.Dependencies.All(there.Contains));
            if (ready < 0)
                throw new HillingarException(
                    "HIL5063",
                    $"These packages depend on each other in a circle, so that none can be built first: {string.Join(", ", rest.Select(item => item.Package.Package))}. Leave one out of the host switch, or tell their maintainers."
                );
            there.Add(rest[ready].Package.Package);
            ordered.Add(rest[ready]);
            rest.RemoveAt(ready);
        }

        if (_request.Presented.Count > 0 && variables.Needed(_request.Presented, build: true) is var needed)
            ordered.RemoveAll(item => !needed.Contains(item.Item1.Package));
        return ordered;
    }

    async Task<BuiltPackage> Realise(
        SwitchPackage package,
        int order,
        List<Task<BuiltPackage>> below,
        int total,
        CancellationToken cancellation
    )
    {
        var closure = BuiltPackage.Together(await Task.WhenAll(below).ConfigureAwait(false));
        var plan = Plan(package, closure);
        var (about, preparing, environment, key) = plan;
        if (!_store.Has(key))
        {
            await Sources(package, cancellation).ConfigureAwait(false);
            using var turn = await _store
                .Turn(key, cancellation, Told($"another build is done with {package.Package}, which this one needs too"))
                .ConfigureAwait(false);
            await _slots.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                // Whoever had the turn before may have built it.
                if (!_store.Has(key))
                {
                    var there = Volatile.Read(ref _done);
                    _reporter.Step($"Building {package.Package} into the store ({there} of {total} are there)");
                    _reporter.Progress(new Progress("Host switch", $"building {package.Package}", there, total, ProgressUnit.Items));
                    var steps = PackageSteps.Of(
                        about with
                        {
                            BuildId = key,
                        },
                        new SwitchVariables(Globals(Math.Max(1, _options.Jobs)), closure.Select(other => other.About))
                    );
                    if (!_sandbox.IsOn)
                        File.Delete(Path.Combine(_store.SwitchFolder(_place), "whole"));
                    await _build.Run(steps, preparing, key, closure, environment, cancellation).ConfigureAwait(false);
                }
            }
            finally
            {
                _slots.Release();
            }
        }

        _reporter.Progress(
            new Progress("Host switch", package.Package.ToString(), Interlocked.Increment(ref _done), total, ProgressUnit.Items)
        );
        SwitchStore.Touch(_store.PackageFolder(key));
        return OfStore(plan, order, closure);
    }

    // How a package is built, and what it is known by.
    (SwitchPackage About, PackageSteps Steps, IReadOnlyDictionary<string, string> Environment, string Key) Plan(
        SwitchPackage package,
        ImmutableArray<BuiltPackage> closure
    )
    {
        var about = package with
        {
            BuildFolder = Path.Combine(
                _sandbox.IsOn ? _store.BuildPoint : Path.Combine(_store.SwitchFolder(_place), "build"),
                package.Package.ToString()
            ),
        };
        // How many jobs there are changes how fast a package is built, not what comes out.
        var variables = new SwitchVariables(Globals(1), closure.Select(other => other.About));
        var steps = PackageSteps.Of(about, variables);
        var environment = SwitchEnvironment.Apply(_environment, SwitchEnvironment.OfBuild(steps, variables));
        return (about, steps, environment, PackageKey.Of(steps, Globals(1), closure, environment, _system, _sandbox.IsOn));
    }

    BuiltPackage OfStore(
        (SwitchPackage About, PackageSteps Steps, IReadOnlyDictionary<string, string> Environment, string Key) plan,
        int order,
        ImmutableArray<BuiltPackage> closure
    )
    {
        var config = ConfigFile.Read(_store.ConfigOf(plan.Key, plan.About.Package.Name)).Variables;
        return new BuiltPackage(plan.About with { BuildId = plan.Key, Config = config }, plan.Key, _store.TreeOf(plan.Key), order, closure);
    }

    // A package that is not in the store has to be built, and with it all that depend on it: their sources come first, before an hour of compiling.
    async Task Sources(SwitchPackage package, CancellationToken cancellation)
    {
        var above = new HashSet<OpamPackage> { package.Package };
        foreach (var (other, dependencies) in _all)
            if (dependencies.Any(above.Contains))
                above.Add(other.Package);
        var fetching = _all.Where(item => above.Contains(item.Package.Package))
            .Select(item => _fetched.GetOrAdd(item.Package.Package, _ => new(() => Fetch(item.Package, cancellation))).Value);
        if ((await Task.WhenAll(fetching).ConfigureAwait(false)).OfType<HillingarException>().FirstOrDefault() is { } fault)
            ExceptionDispatchInfo.Throw(fault);
    }

    async Task<HillingarException?> Fetch(SwitchPackage package, CancellationToken cancellation)
    {
        try
        {
            await _build.Fetch(package, cancellation).ConfigureAwait(false);
            return null;
        }
        catch (HillingarException exception)
        {
            return exception;
        }
    }

    async Task<HostSwitch> Assemble(ImmutableArray<BuiltPackage> packages, CancellationToken cancellation)
    {
        var key = _sandbox.IsOn ? Hashes.OfText(PackageKey.Text([packages.Select(package => package.Key)])) : _place;
        var folder = Path.Combine(_store.SwitchFolder(key), "prefix");
        var stamp = Path.Combine(_store.SwitchFolder(key), "whole");
        var contents = packages.Select(package => $"{package.About.Package} {package.Key}\n").ToList();
        if (!IsWhole())
        {
            using var turn = _sandbox.IsOn ? await _store.Turn(key, cancellation).ConfigureAwait(false) : null;
            if (!IsWhole())
            {
                Tree.Delete(folder);
                Directory.CreateDirectory(folder);
                foreach (var package in packages.Where(package => package.Tree is not null))
                    PrefixTree.Add(package.Tree!, folder, cancellation);
                SwitchStore.Seal(_store.SwitchFolder(key), cancellation);
                AtomicFile.WriteText(stamp, string.Concat(contents));
            }
        }

        SwitchStore.Touch(_store.SwitchFolder(key));
        var variables = new SwitchVariables(Globals(1), packages.Select(package => package.About));
        var view = _request.Machine.Findlib is { } findlib ? FindlibView.OfMachine(findlib, folder, _store.Views) : null;
        return new HostSwitch(
            _layout,
            folder,
            [.. packages.Select(package => package.About)],
            [.. OfProvided(), .. OfCross(view), .. SwitchEnvironment.OfSwitch(variables, _layout)]
        )
        {
            Reads = view is null ? [] : [Path.GetDirectoryName(view)!],
            Sandbox = _sandbox,
            Keys = packages.ToDictionary(package => package.About.Package.Name.Text, package => package.Key),
        };

        // Where there is one prefix for all that is built of a lock, another target's may lack what this one needs.
        bool IsWhole() =>
            File.Exists(stamp)
            && File.ReadAllText(stamp) is var there
            && contents.TrueForAll(line => there.Contains(line, StringComparison.Ordinal));
    }
}
