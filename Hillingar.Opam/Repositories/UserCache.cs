namespace Hillingar.Opam.Repositories;

/// <summary>Where a user's caches are: indexes of repositories, archives, tools that were built.</summary>
public static class UserCache
{
    /// <summary>
    /// <c>HILLINGAR_CACHE</c>, else <c>hillingar</c> in the folder that the system has for caches (<c>XDG_CACHE_HOME</c> or <c>~/.cache</c>;
    /// <c>~/Library/Caches</c>; <c>%LOCALAPPDATA%</c>). It need not exist.
    /// </summary>
    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("HILLINGAR_CACHE") is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.Combine(System(), "hillingar");

    static string System() =>
        OperatingSystem.IsWindows() ? Special(Environment.SpecialFolder.LocalApplicationData)
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg) ? xdg
        : Path.Combine(Special(Environment.SpecialFolder.UserProfile), OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");

    // Without DoNotVerify a folder that is not there yet has no name, and what is combined with it lies wherever we run.
    static string Special(Environment.SpecialFolder folder) =>
        Environment.GetFolderPath(folder, Environment.SpecialFolderOption.DoNotVerify);
}
