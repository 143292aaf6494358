using System.Globalization;
using System.Text.RegularExpressions;
using Hillingar.Build.Auditing;
using Hillingar.Build.Depext;
using Hillingar.Build.Images;
using Hillingar.Build.Nix;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Running;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>Reads projects of Hillingar.Sdk.</summary>
public static partial class ProjectReader
{
    static readonly string[] s_properties =
    [
        "UsingHillingarSdk", "UnikernelName", "MirageTargets", "MirageConfigure", "MirageConfigFile", "MirageGeneratedFolder", "RuntimeIdentifier", "Configuration", "HillingarLockFile", "HillingarWorkspace", "_HillingarRestoreStamp", "HillingarOffline", "HillingarAllowPrivateRedirects",
        "HillingarCache", "HillingarAudit", "HillingarAuditSource", "HillingarAuditLevel", "HillingarSystemPackages", "HillingarSandbox", "HillingarBuildSandbox", "HillingarBuildEnvironment", "HillingarBuildPlatforms", "HillingarEditorFiles", "Version", "UnikernelMemory", "UnikernelTender", "UnikernelCreateTaps",
        "HillingarBackend", "HillingarHostSwitch", "HillingarSolveTimeout", "HillingarTests", "HillingarAllowNoChecksum", "HillingarArchiveRepository", "HillingarNixpkgs", "HillingarNixSystem", "HillingarNixBuilders", "HillingarNixStore", "HillingarNixSubstituters", "HillingarNixTrustedKeys", "HillingarNixCopyTo", "HillingarNixSettings",
    ];

    static readonly string[] s_items = ["OpamRepository", "OpamOverlay", "OpamDependency", "MirageKey", "_HillingarOpamFile", "OpamAuditSuppress", "DuneSource", "DnsZone", "UnikernelNet", "UnikernelBlock"];

    /// <summary>The project's file: the path itself, or the one project in a folder.</summary>
    /// <exception cref="HillingarException">HIL7002: there is none, or more than one.</exception>
    public static string Find(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (File.Exists(full))
            return full;
        var found = Directory.Exists(full) ? Directory.GetFiles(full, "*.*proj") : [];
        return found switch
        {
            [var only] => only,
            [] => throw new HillingarException("HIL7002", $"There is no project '{path}'. Name a project file, or a folder that holds one."),
            _ => throw new HillingarException("HIL7002", $"'{path}' holds several projects: {string.Join(", ", found.Select(System.IO.Path.GetFileName))}. Name one of them."),
        };
    }

    /// <summary>Whether a path is that of a project, or of a folder, which may hold one.</summary>
    public static bool IsProject(string path) => Directory.Exists(path) || Path.GetExtension(path).EndsWith("proj", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a project.</summary>
    /// <param name="path">Its file, or its folder.</param>
    /// <param name="configuration">MSBuild's configuration; null for the project's own default.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL7001: MSBuild cannot evaluate it. HIL7002: there is no project, or it is none of Hillingar.Sdk. HIL6004: a property has a value that it cannot have.</exception>
    public static Task<HillingarProject> Read(string path, string? configuration, CancellationToken cancellation) => Read(path, configuration, new Dictionary<string, string>(), cancellation);

    /// <summary>Reads a project with properties set, as <c>-p:NAME=VALUE</c> sets them.</summary>
    /// <param name="path">Its file, or its folder.</param>
    /// <param name="configuration">MSBuild's configuration; null for the project's own default.</param>
    /// <param name="properties">The other properties.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">As of <see cref="Read(string, string, CancellationToken)"/>. HIL7011: a property's name is none.</exception>
    public static async Task<HillingarProject> Read(string path, string? configuration, IReadOnlyDictionary<string, string> properties, CancellationToken cancellation)
    {
        var file = Find(path);
        var evaluation = await Evaluation.Of(file, s_properties, s_items, Global(configuration, properties), cancellation).ConfigureAwait(false);
        if (evaluation.Property("UsingHillingarSdk") != "true")
            throw new HillingarException("HIL7002", "This project is none of Hillingar.Sdk: it builds no unikernel. Begin it with <Project Sdk=\"Hillingar.Sdk/VERSION\">.", new Place(file));
        var request = new Request(
            evaluation.Property("UnikernelName"),
            file,
            List(evaluation.Property("MirageTargets")),
            [.. evaluation.Items("OpamRepository").Select(item => item["Identity"])],
            [.. evaluation.Items("OpamDependency").Select(item => new Dependency(item["Identity"], item.GetValueOrDefault("Version", "")))],
            [.. evaluation.Items("_HillingarOpamFile").Select(item => item["FullPath"])])
        {
            Platforms = List(evaluation.Property("HillingarBuildPlatforms")),
            Tests = Is("HillingarTests"),
            AllowNoChecksum = Is("HillingarAllowNoChecksum"),
            ArchiveRepository = evaluation.Property("HillingarArchiveRepository"),
            Overlays = [.. evaluation.Items("OpamOverlay").Select(item => item["Identity"])],
            Configure = Word<MirageConfigure>("MirageConfigure"),
            Config = Request.PathOf(evaluation.Property("MirageConfigFile"), file),
            Sources = Sources(Path.GetDirectoryName(file)!, evaluation),
            SolveTimeout = SolveTimeout.Parse(evaluation.Property("HillingarSolveTimeout"), file),
            Keys = [.. evaluation.Items("MirageKey").Select(item => new MirageKey(item["Identity"], item.GetValueOrDefault("Value", ""), item.GetValueOrDefault("Target", "")))],
            AllowPrivateRedirects = Is("HillingarAllowPrivateRedirects"),
        }.WithTools(evaluation.Property("HillingarHostSwitch"));
        var workspace = Full(evaluation.Property("HillingarWorkspace"));
        return new HillingarProject(request, evaluation.Property("Configuration"), Full(evaluation.Property("HillingarLockFile")), workspace, Full(evaluation.Property("_HillingarRestoreStamp")))
        {
            Properties = properties,
            ConfiguredFolder = evaluation.Property("MirageGeneratedFolder") is { Length: > 0 } generated ? Full(generated) : new Workspace(workspace).ConfiguredFolder,
            Runtime = evaluation.Property("RuntimeIdentifier"),
            Offline = Is("HillingarOffline"),
            CacheFolder = evaluation.Property("HillingarCache") is { Length: > 0 } cache ? Full(cache) : null,
            Audit = Is("HillingarAudit")
                ? new AuditOptions([.. evaluation.Items("OpamAuditSuppress").Select(item => item["Identity"])], Word<AuditLevel>("HillingarAuditLevel")) { Source = evaluation.Property("HillingarAuditSource") }
                : null,
            Version = evaluation.Property("Version") is { Length: > 0 } version ? version : null,
            Devices = [.. Devices("UnikernelNet", DeviceKind.Network, "Tap"), .. Devices("UnikernelBlock", DeviceKind.Block, "File")],
            Memory = int.TryParse(evaluation.Property("UnikernelMemory"), NumberStyles.None, CultureInfo.InvariantCulture, out var memory) ? memory : 0,
            Tender = evaluation.Property("UnikernelTender") is { Length: > 0 } tender ? tender : null,
            CreateTaps = Is("UnikernelCreateTaps"),
            EditorFiles = Is("HillingarEditorFiles"),
            SystemPackages = Word<SystemPackageCheck>("HillingarSystemPackages"),
            Sandbox = Word<SandboxMode>("HillingarSandbox"),
            Isolation = BuildIsolation.Of(Word<SandboxMode>("HillingarBuildSandbox"), List(evaluation.Property("HillingarBuildEnvironment")), file),
            Backend = Word<Backend>("HillingarBackend"),
            Nix = new NixOptions
            {
                Nixpkgs = evaluation.Property("HillingarNixpkgs"),
                System = evaluation.Property("HillingarNixSystem"),
                Builders = evaluation.Property("HillingarNixBuilders"),
                Store = evaluation.Property("HillingarNixStore"),
                Substituters = List(evaluation.Property("HillingarNixSubstituters")),
                TrustedKeys = List(evaluation.Property("HillingarNixTrustedKeys")),
                CopyTo = evaluation.Property("HillingarNixCopyTo"),
                Settings = List(evaluation.Property("HillingarNixSettings")),
            },
        };

        bool Is(string property) => evaluation.Property(property).Equals("true", StringComparison.OrdinalIgnoreCase);
        IEnumerable<HostDevice> Devices(string item, DeviceKind kind, string host) => evaluation.Items(item).Select(device => new HostDevice(kind, device["Identity"], device.GetValueOrDefault(host, "")) { Address = device.GetValueOrDefault("Address", "") is { Length: > 0 } address ? address : null });
        string Full(string relative) => System.IO.Path.GetFullPath(relative, request.Folder);
        T Word<T>(string property)
            where T : struct, Enum =>
            // An older SDK does not know what a newer module asks for.
            evaluation.Property(property) is { Length: > 0 } value ? OneOf.Word<T>(property, value, file) : default;
    }

    /// <summary>Reads what one target of a project builds.</summary>
    /// <param name="project">The project.</param>
    /// <param name="target">The target, one of the project's.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL6005: the project's lock is not made for the target. HIL6012: it has no way to build it. HIL7001: MSBuild cannot evaluate the project.</exception>
    public static async Task<ProjectTarget> ReadTarget(HillingarProject project, string target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(project);
        if (!project.Targets.Contains(target))
            throw MirageTarget.NotOf(target, project.Targets, project.Path);
        MirageTarget.Check(project.Request);
        var evaluation = await Evaluation.Of(project.Path, ["DuneTarget", "DuneContext", "DuneProfile", "_HillingarImage", "_HillingarFacts"], ["DuneSource", "DnsZone"],
            [.. Global(project.Configuration, project.Properties), ("MirageTarget", target)], cancellation).ConfigureAwait(false);
        if (MirageTarget.IsCross(target) && evaluation.Property("DuneContext") == "default")
            throw MirageTarget.NoContext(target, project.Path);
        var sources = Sources(project.Folder, evaluation);
        return new ProjectTarget(project, target,
            new LocalBuild(new Workspace(project.Workspace), sources, evaluation.Property("DuneTarget"), evaluation.Property("DuneContext"), evaluation.Property("DuneProfile"), evaluation.Property("_HillingarImage")),
            System.IO.Path.GetFullPath(evaluation.Property("_HillingarFacts"), project.Folder));
    }

    /// <summary>Reads all targets of a project as a flake has them.</summary>
    /// <param name="project">The project.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">As of <see cref="ReadTarget"/>.</exception>
    public static async Task<IReadOnlyList<ProjectTarget>> ReadTargets(HillingarProject project, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(project);
        return await Task.WhenAll(project.Targets.Select(target => ReadTarget(project, target, cancellation))).ConfigureAwait(false);
    }

    static IReadOnlyList<(string Path, string File)> Sources(string folder, Evaluation evaluation) => ProjectSources.Of(folder,
        evaluation.Items("DuneSource").Select(item => (item["FullPath"], item.GetValueOrDefault("Link", ""))), evaluation.Items("DnsZone").Select(item => item["FullPath"]));

    static (string, string)[] Global(string? configuration, IReadOnlyDictionary<string, string> properties)
    {
        if (properties.Keys.FirstOrDefault(name => !PropertyName().IsMatch(name)) is { } wrong)
            throw new HillingarException("HIL7011", $"'{wrong}' is no name of a property of MSBuild: a letter or '_', then letters, digits, '_' and '-'.");
        return [.. properties.Select(pair => (pair.Key, pair.Value)), .. configuration is null ? Array.Empty<(string, string)>() : [("Configuration", configuration)]];
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_-]*\z")]
    private static partial Regex PropertyName();

    static string[] List(string text) => text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
