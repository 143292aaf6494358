namespace Hillingar.Build.Files;

/// <summary>Takes turns between processes by a file that stays: deleting it under a waiter would let a third one in.</summary>
static class FolderLock
{
    // Who waits for no longer has not noticed it.
    static readonly TimeSpan s_moment = TimeSpan.FromSeconds(2);

    /// <summary>Waits for the turn; disposing of the result gives it up, and so does the end of the process.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <param name="waiting">Is called once where somebody else has it for longer than a moment, to tell what is waited for.</param>
    public static Task<IDisposable> Take(string path, CancellationToken cancellation, Action? waiting = null) =>
        Open(path, FileAccess.ReadWrite, FileShare.None, waiting, cancellation);

    /// <summary>Waits until nobody has the turn, and keeps it from everybody until disposed of; any number may do so at once.</summary>
    /// <inheritdoc cref="Take"/>
    public static Task<IDisposable> Share(string path, CancellationToken cancellation, Action? waiting = null) =>
        Open(path, FileAccess.Read, FileShare.Read, waiting, cancellation);

    /// <summary>Takes the turn if nobody has it now; null if somebody does.</summary>
    public static IDisposable? Try(string path) => Open(path, FileAccess.ReadWrite, FileShare.None);

    static async Task<IDisposable> Open(string path, FileAccess access, FileShare share, Action? waiting, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (Open(path, access, share) is { } turn)
                return turn;
            if (waiting is not null && TimeProvider.System.GetElapsedTime(start) > s_moment)
            {
                waiting();
                waiting = null;
            }

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
