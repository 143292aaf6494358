using Hillingar.Build.Files;

namespace Hillingar.Build.Realising;

/// <summary>An image that a backend made.</summary>
static class BuiltImage
{
    /// <summary>Puts an image into its place: the old one stays until the new one is whole.</summary>
    /// <param name="image">The place.</param>
    /// <param name="write">Writes a file.</param>
    public static void Place(string image, Action<string> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(image)!);
        var temporary = AtomicFile.Beside(image);
        try
        {
            write(temporary);
            // dune's and Nix's results are read-only; users strip and sign theirs.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(
                    temporary,
                    UnixFileMode.UserRead
                        | UnixFileMode.UserWrite
                        | UnixFileMode.UserExecute
                        | UnixFileMode.GroupRead
                        | UnixFileMode.GroupExecute
                        | UnixFileMode.OtherRead
                        | UnixFileMode.OtherExecute
                );
            File.SetLastWriteTimeUtc(temporary, DateTime.UtcNow);
            File.Move(temporary, image, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
