using System.Globalization;
using Hillingar.Build.Auditing;
using Hillingar.Build.Depext;
using Hillingar.Build.Images;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Running;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>Makes a project of the facts that MSBuild knows of it. The names are those of the properties and items that <c>docs/sdk.md</c> describes.</summary>
public sealed class ProjectFacts
{
    readonly ILookup<string, ProjectFact> _facts;
    readonly ProjectFact _project;
    readonly string _file;

    /// <summary>Facts.</summary>
    /// <param name="facts">The facts.</param>
    /// <exception cref="HillingarException">HIL7001: they are of no project.</exception>
    public ProjectFacts(IEnumerable<ProjectFact> facts)
    {
        _facts = facts.ToLookup(fact => fact.Type, StringComparer.Ordinal);
        _project =
            _facts["Project"].FirstOrDefault()
            ?? throw new HillingarException(
                "HIL7001",
                "MSBuild told nothing of the project. Use the same version of Hillingar.Sdk and of the module."
            );
        _file = _project["ProjectFile"];
    }

    string Folder => Path.GetDirectoryName(_file)!;

    // Where MSBuild evaluated the project for a target, these are that target's.
    IReadOnlyList<(string Path, string File)> Sources =>
        ProjectSources.Of(
            Folder,
            _facts["DuneSource"].Select(fact => (fact["FullPath"], fact["Link"])),
            _facts["DnsZone"].Select(fact => fact["FullPath"])
        );

    /// <summary>The project.</summary>
    /// <exception cref="HillingarException">HIL6004: a property has a value that it cannot have.</exception>
    public HillingarProject Project()
    {
        var workspace = Full("HillingarWorkspace");
        return new HillingarProject(Request(), Value("Configuration"), Full("HillingarLockFile"), workspace, Full("RestoreStamp"))
        {
            ConfiguredFolder = Optional("MirageGeneratedFolder") is null
                ? new Workspace(workspace).ConfiguredFolder
                : Full("MirageGeneratedFolder"),
            Runtime = Value("RuntimeIdentifier"),
            Profile = Value("DuneProfile"),
            Offline = Is("HillingarOffline"),
            CacheFolder = Optional("HillingarCache") is null ? null : Full("HillingarCache"),
            Audit = Is("HillingarAudit")
                ? new AuditOptions([.. _facts["OpamAuditSuppress"].Select(fact => fact.Identity)], Word<AuditLevel>("HillingarAuditLevel"))
                {
                    Source = Value("HillingarAuditSource"),
                }
                : null,
            Version = Optional("Version"),
            Devices = [.. Devices("UnikernelNet", DeviceKind.Network, "Tap"), .. Devices("UnikernelBlock", DeviceKind.Block, "File")],
            Memory = int.TryParse(Value("UnikernelMemory"), NumberStyles.None, CultureInfo.InvariantCulture, out var memory) ? memory : 0,
            Tender = Optional("UnikernelTender"),
            CreateTaps = Is("UnikernelCreateTaps"),
            EditorFiles = Is("HillingarEditorFiles"),
            WarningsAreErrors = Is("WarningsAreErrors"),
            SystemPackages = Word<SystemPackageCheck>("HillingarSystemPackages"),
            Sandbox = Word<SandboxMode>("HillingarSandbox"),
            Isolation = BuildIsolation.Of(Word<SandboxMode>("HillingarBuildSandbox"), List("HillingarBuildEnvironment"), _file),
            Backend = Optional("HillingarBackend") is { } backend
                ? OneOf.Of("HillingarBackend", backend, Backends.Names, _file)
                : Backends.Default,
            Options = _facts["Backend"].ToDictionary(fact => fact.Identity, fact => new BackendOptions(fact.Metadata)),
        };
    }

    /// <summary>The targets of the project that the facts tell of.</summary>
    /// <param name="project">The project.</param>
    public IReadOnlyList<ProjectTarget> Targets(HillingarProject project)
    {
        ArgumentNullException.ThrowIfNull(project);
        var sources = Sources;
        return
        [
            .. _facts["Target"]
                .Select(fact => new ProjectTarget(
                    project,
                    fact.Identity,
                    new DuneBuild(
                        new Workspace(project.Workspace),
                        sources,
                        fact["DuneTarget"],
                        fact["DuneContext"],
                        fact["DuneProfile"],
                        fact["Image"]
                    )
                    {
                        WarningsAreErrors = project.WarningsAreErrors,
                    },
                    Path.GetFullPath(fact["FactsFile"], Folder)
                )),
        ];
    }

    /// <summary>The one target that is picked, or that the project has; null where it is to be built for several.</summary>
    public string? Picked => _facts["Target"].Select(fact => fact.Identity).FirstOrDefault();

    /// <summary>The items that a project names and that .NET, not we, would compile, reference or embed.</summary>
    public IReadOnlyList<ForeignItem> Foreign =>
        [
            .. _facts
                .Where(group => ProjectVocabulary.ForeignItems.Contains(group.Key))
                .SelectMany(group => group)
                .Select(fact => new ForeignItem(
                    fact.Type,
                    fact.Identity,
                    fact["Version"],
                    fact["PrivateAssets"].Equals("all", StringComparison.OrdinalIgnoreCase)
                )),
        ];

    /// <summary>The files that the project names and that are not there, as errors at the items.</summary>
    /// <param name="types">The items' types.</param>
    public IReadOnlyList<Diagnostic> MissingFiles(params string[] types) =>
        ProjectSources.Missing(_file, types.SelectMany(type => _facts[type].Select(fact => (type, fact.Identity, fact["FullPath"]))));

    /// <summary>What the project asks for.</summary>
    Request Request() =>
        new Request(
            Value("UnikernelName"),
            _file,
            List("MirageTargets"),
            [.. _facts["OpamRepository"].Select(fact => fact.Identity)],
            [.. _facts["OpamDependency"].Select(fact => new Dependency(fact.Identity, fact["Version"]))],
            [.. _facts["OpamFile"].Select(fact => fact["FullPath"])]
        )
        {
            Platforms = List("HillingarBuildPlatforms"),
            Tests = Is("HillingarTests"),
            AllowNoChecksum = Is("HillingarAllowNoChecksum"),
            ArchiveRepository = Value("HillingarArchiveRepository"),
            Overlays = [.. _facts["OpamOverlay"].Select(fact => fact.Identity)],
            Configure = Word<MirageConfigure>("MirageConfigure"),
            Config = Requests.Request.PathOf(Value("MirageConfigFile"), _file),
            Sources = Sources,
            SolveTimeout = SolveTimeout.Parse(Value("HillingarSolveTimeout"), _file),
            Keys = [.. _facts["MirageKey"].Select(fact => new MirageKey(fact.Identity, fact["Value"], fact["MirageTarget"]))],
            AllowPrivateRedirects = Is("HillingarAllowPrivateRedirects"),
        }.WithTools(Value("HillingarHostSwitch"));

    IEnumerable<HostDevice> Devices(string item, DeviceKind kind, string host) =>
        _facts[item]
            .Select(fact => new HostDevice(kind, fact.Identity, fact[host])
            {
                Address = fact["Address"] is { Length: > 0 } address ? address : null,
            });

    string Value(string name) => _project[name];

    string? Optional(string name) => Value(name) is { Length: > 0 } value ? value : null;

    bool Is(string name) => Value(name).Equals("true", StringComparison.OrdinalIgnoreCase);

    string[] List(string name) => Value(name).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    string Full(string name) => Path.GetFullPath(Value(name), Folder);

    // An older SDK does not know what a newer module asks for.
    T Word<T>(string name)
        where T : struct, Enum => Optional(name) is { } value ? OneOf.Word<T>(name, value, _file) : default;
}
