namespace Hillingar.Build;

/// <summary>Takes turns between processes by a file that stays: deleting it under a waiter would let a third one in.</summary>
static class FolderLock
{
    /// <summary>Waits for the turn; disposing of the result gives it up, and so does the end of the process.</summary>
    public static async Task<IDisposable> Take(string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(50, cancellation).ConfigureAwait(false);
            }
    }
}
