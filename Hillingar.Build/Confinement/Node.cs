using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Confinement;

/// <summary>Where a path leads.</summary>
enum Destination
{
    /// <summary>To something below the folder.</summary>
    Inside,

    /// <summary>Out of the folder.</summary>
    Outside,

    /// <summary>To nothing that is there.</summary>
    Nowhere,
}

/// <summary>
/// One opened folder. All calls take a single name in it and follow no link: what is opened is what was looked at, whatever else changes
/// meanwhile. How paths are made of such steps is <see cref="ConfinedFolder"/>'s.
/// </summary>
abstract class Node : IDisposable
{
    /// <summary>Opens a folder whose path is ours, links and all.</summary>
    public static Node Open(string path) => OperatingSystem.IsLinux() ? LinuxNode.OpenRoot(path) : new PathNode(path);

    /// <summary>The folder itself as an entry with an empty path.</summary>
    public abstract Entry Self();

    /// <summary>What a name is; null where it is nothing.</summary>
    public abstract Entry? Look(string name);

    /// <summary>A folder in this one.</summary>
    /// <exception cref="IOException">It is none, or cannot be opened.</exception>
    public abstract Node Folder(string name);

    /// <summary>The folder above, which has to be the one that this was opened from.</summary>
    /// <exception cref="IOException">It was moved elsewhere meanwhile.</exception>
    public abstract Node Above(Entry above);

    /// <summary>Where a link leads, as it is written.</summary>
    public abstract string Target(string name);

    /// <summary>Opens a regular file; null where the name is something else by now.</summary>
    public abstract SafeFileHandle? Read(string name);

    /// <summary>Makes a file; null where the name is taken.</summary>
    public abstract SafeFileHandle? Create(string name);

    /// <summary>Makes a folder; false where the name is taken.</summary>
    public abstract bool MakeFolder(string name);

    /// <summary>Makes a link; false where the name is taken.</summary>
    public abstract bool MakeLink(string name, string target);

    /// <summary>Gives a file or folder of this one another name or folder, in place of a file or link that may be there.</summary>
    public abstract void Move(string name, Node to, string newName);

    /// <summary>Deletes what is no folder.</summary>
    public abstract void DeleteFile(string name);

    /// <summary>Deletes an empty folder.</summary>
    public abstract void DeleteFolder(string name);

    /// <summary>Sets the permissions of a file.</summary>
    public abstract void SetMode(string name, UnixFileMode mode);

    /// <summary>Lets the user read and change this folder, or one in it.</summary>
    public abstract void Unlock(string? name);

    /// <summary>The names in it.</summary>
    public abstract IReadOnlyList<string> Names();

    /// <summary>The same folder, opened once more.</summary>
    public abstract Node Again();

    /// <summary>Opens the folder that a path leads to as the kernel walks it; null where it cannot be asked.</summary>
    public virtual Node? Descend(string path) => null;

    /// <summary>Where a path leads, links followed, as the kernel says; null where it cannot be asked.</summary>
    public virtual Destination? Lead(string path) => null;

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
