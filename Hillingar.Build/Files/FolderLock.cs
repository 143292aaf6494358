namespace Hillingar.Build.Files;

/// <summary>Takes turns between processes by a file that stays: deleting it under a waiter would let a third one in.</summary>
static class FolderLock
{
    /// <summary>Waits for the turn; disposing of the result gives it up, and so does the end of the process.</summary>
    public static Task<IDisposable> Take(string path, CancellationToken cancellation) =>
        Open(path, FileAccess.ReadWrite, FileShare.None, cancellation);

    /// <summary>Waits until nobody has the turn, and keeps it from everybody until disposed of; any number may do so at once.</summary>
    public static Task<IDisposable> Share(string path, CancellationToken cancellation) =>
        Open(path, FileAccess.Read, FileShare.Read, cancellation);

    /// <summary>Takes the turn if nobody has it now; null if somebody does.</summary>
    public static IDisposable? Try(string path) => Open(path, FileAccess.ReadWrite, FileShare.None);

    static async Task<IDisposable> Open(string path, FileAccess access, FileShare share, CancellationToken cancellation)
    {
        while (true)
        {
            if (Open(path, access, share) is { } turn)
                return turn;
            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }
    }

    static FileStream? Open(string path, FileAccess access, FileShare share)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, access, share);
        }
        catch (IOException exception) when (IsTaken(exception))
        {
            return null;
        }
    }

    // Linux's EWOULDBLOCK, macOS's, Windows' ERROR_SHARING_VIOLATION. Any other fault, such as a read-only disk, will not pass by waiting.
    static bool IsTaken(IOException exception) => (exception.HResult & 0xffff) is 11 or 35 or 32;
}
