namespace Hillingar.Build.Confinement;

/// <summary>Something in a folder that strangers filled, looked at without following it.</summary>
/// <param name="Path">Its path below the folder, with <c>/</c> between the parts.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Length">A file's size, in bytes.</param>
/// <param name="Ticks">When it was last written: <see cref="DateTime.Ticks"/> in UTC.</param>
/// <param name="Mode">Its permissions, where the system has them.</param>
/// <param name="Identity">What tells it from every other entry of this machine, where the system says so.</param>
readonly record struct Entry(string Path, EntryKind Kind, long Length, long Ticks, UnixFileMode Mode, (ulong Device, ulong Number) Identity)
{
    /// <summary>The last part of its path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
