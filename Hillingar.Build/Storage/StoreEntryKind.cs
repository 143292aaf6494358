namespace Hillingar.Build.Storage;

/// <summary>What lies in a store.</summary>
public enum StoreEntryKind
{
    /// <summary>A source archive, by one of its checksums.</summary>
    Source,

    /// <summary>A git repository of sources.</summary>
    Repository,

    /// <summary>A host package that was built.</summary>
    Package,

    /// <summary>A switch that was assembled of them.</summary>
    Switch,
}
