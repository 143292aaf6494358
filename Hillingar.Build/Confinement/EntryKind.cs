namespace Hillingar.Build.Confinement;

/// <summary>What a name in a folder is, without following it.</summary>
enum EntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A FIFO, a socket or a device: opening it may wait for ever, or do something.</summary>
    Special,
}
