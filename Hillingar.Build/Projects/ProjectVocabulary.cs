namespace Hillingar.Build.Projects;

/// <summary>The properties and items that Hillingar.Sdk reads, and the metadata of the items. What its targets read and this does not name is an error of ours, which a test finds.</summary>
static class ProjectVocabulary
{
    /// <summary>What the names of ours begin with, and of nobody else that a project is likely to have.</summary>
    public static IReadOnlyList<string> Prefixes { get; } =
    ["Opam", "Mirage", "Hillingar", "Unikernel", "Dns", "Dune", "EnableDefaultDune", "EnableDefaultOpam"];

    /// <summary>The properties.</summary>
    public static IReadOnlyList<string> Properties { get; } =
    [
        "DuneContext",
        "DuneProfile",
        "DuneTarget",
        "EnableDefaultDuneSources",
        "EnableDefaultOpamOverlays",
        "HillingarAllowNoChecksum",
        "HillingarAllowPrivateRedirects",
        "HillingarArchive",
        "HillingarArchiveRepository",
        "HillingarArchiveUrl",
        "HillingarAudit",
        "HillingarAuditLevel",
        "HillingarAuditSource",
        "HillingarBackend",
        "HillingarBuildDependsOn",
        "HillingarBuildEnvironment",
        "HillingarBuildPlatforms",
        "HillingarBuildSandbox",
        "HillingarCache",
        "HillingarEditorFiles",
        "HillingarFlakeFolder",
        "HillingarHostSwitch",
        "HillingarLockFile",
        "HillingarNixBuilders",
        "HillingarNixCopyTo",
        "HillingarNixSettings",
        "HillingarNixStore",
        "HillingarNixSubstituters",
        "HillingarNixSystem",
        "HillingarNixTrustedKeys",
        "HillingarNixpkgs",
        "HillingarOffline",
        "HillingarPackageDefs",
        "HillingarPackageVersion",
        "HillingarPublishDependsOn",
        "HillingarReference",
        "HillingarReferenceManifest",
        "HillingarRepairStore",
        "HillingarRepository",
        "HillingarRestoreDependsOn",
        "HillingarSandbox",
        "HillingarSolveTimeout",
        "HillingarStoreLimit",
        "HillingarSummaryFile",
        "HillingarSystemPackages",
        "HillingarTasksAssembly",
        "HillingarTests",
        "HillingarUpdate",
        "HillingarWorkspace",
        "MirageConfigFile",
        "MirageConfigure",
        "MirageGeneratedFolder",
        "MirageTarget",
        "MirageTargets",
        "UnikernelCreateTaps",
        "UnikernelFileName",
        "UnikernelMemory",
        "UnikernelName",
        "UnikernelTender",
    ];

    /// <summary>Items of .NET's own that a unikernel has no use for.</summary>
    public static IReadOnlyList<string> ForeignItems { get; } =
    ["PackageReference", "Compile", "EmbeddedResource", "Reference", "FrameworkReference"];

    /// <summary>The items, with their metadata.</summary>
    public static IReadOnlyDictionary<string, string[]> Items { get; } =
        new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase)
        {
            ["DnsZone"] = [],
            ["DuneSource"] = ["Link"],
            ["MirageDescription"] = ["Type", "MirageTarget", "Value", "IsDefault", "Kind", "Names"],
            ["MirageKey"] = ["Value", "MirageTarget"],
            ["OpamAuditSuppress"] = [],
            ["OpamDependency"] = ["Version"],
            ["OpamOverlay"] = [],
            ["OpamRepository"] = [],
            ["UnikernelBlock"] = ["File"],
            ["UnikernelImage"] = ["MirageTarget", "Size", "Sha256", "Abi", "BuildFolder", "TargetPath"],
            ["UnikernelNet"] = ["Tap", "Address"],
        };
}
