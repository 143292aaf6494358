using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Confinement;

/// <summary>Turns what the file system refuses into a message to the user.</summary>
public static class FileFault
{
    /// <summary>Does file work; what the file system refuses names the folder that the work is in.</summary>
    /// <exception cref="HillingarException">HIL4007: the disk is full, read-only or broken, or a permission is missing.</exception>
    public static async Task<T> Guard<T>(string place, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (Is(exception))
        {
            throw Of(exception, place);
        }
    }

    /// <inheritdoc cref="Guard{T}(string, Func{Task{T}})"/>
    public static Task Guard(string place, Func<Task> work) =>
        Guard(
            place,
            async () =>
            {
                await work().ConfigureAwait(false);
                return true;
            }
        );

    /// <summary>Whether the file system refused something.</summary>
    public static bool Is(Exception exception) =>
        // Data that ends too soon is no fault of the disk.
        exception is IOException and not EndOfStreamException or UnauthorizedAccessException;

    /// <summary>Whether there is no space left: trying again, or elsewhere, will not help.</summary>
    public static bool IsFull(Exception exception) =>
        exception is IOException
        // ENOSPC, EDQUOT (Linux, macOS); ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL.
        && (OperatingSystem.IsWindows() ? (exception.HResult & 0xffff) is 112 or 39 : exception.HResult is 28 or 122 or 69);

    /// <summary>The message.</summary>
    public static HillingarException Of(Exception exception, string place) =>
        new(
            "HIL4007",
            IsFull(exception)
                ? $"The disk is full: '{place}' could not be written ({exception.Message}). Make room, prune the source store, or put it elsewhere (HILLINGAR_CACHE); then run again, nothing is lost."
                : $"'{place}' could not be written or read: {exception.Message} Check the disk and the permissions, then run again.",
            null,
            exception
        );
}
