using System.Globalization;
using Hillingar.Build.Confinement;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;

namespace Hillingar.Build.Storage;

/// <summary>
/// The root of the user's stores: made for its owner alone, and refused where somebody else owns it or may change what is in it, as what was
/// built there is run. Windows keeps what is below a user's folder from other users by itself.
/// </summary>
static class StoreFolder
{
    // What group and others may do; what they may change.
    const int Others = 0b000_111_111,
        Writing = 0b000_010_010,
        GroupWriting = 0b000_010_000,
        AnybodyWriting = 0b000_000_010,
        Sticky = 0x200,
        Permissions = 0xfff;

    /// <summary>The root as it is to be used: by its real path, so that no link can be changed after it was looked at.</summary>
    /// <param name="root">The root as it was named. It is made where it is not there.</param>
    /// <exception cref="HillingarException">HIL4070: others may change what is in it.</exception>
    public static string Use(string root)
    {
        root = Path.GetFullPath(root);
        if (OperatingSystem.IsWindows())
            return root;
        CheckLinks(root, root);
        Make(root);
        // What is open is looked at and changed: a path might lead elsewhere a moment later.
        using var folder = UnixFile.OpenFolder(root);
        if ((folder is null ? UnixFile.Of(root, follow: true) : UnixFile.Of(folder)) is not { } status)
            return root;
        if (!MayUse(UnixFile.Me, status.Owner, Environment.GetEnvironmentVariable("SUDO_UID")))
            throw Refused(
                root,
                $"it belongs to another user, number {status.Owner}, and this is user {UnixFile.Me}",
                $"Name a folder of your own in HILLINGAR_CACHE, or run 'chown -R {UnixFile.Me} {root}' if all in it is yours"
            );
        if (folder is not null)
            Close(root, folder, status);
        var real = UnixFile.Real(root);
        for (var above = Path.GetDirectoryName(real); above is not null; above = Path.GetDirectoryName(above))
            if (UnixFile.Of(above, follow: true) is { } outer && (outer.Mode & (AnybodyWriting | Sticky)) == AnybodyWriting)
                throw Refused(
                    root,
                    $"anybody may replace it, as anybody may write into '{above}'",
                    $"Run 'chmod o-w {above}', or name another folder in HILLINGAR_CACHE"
                );
        return real;
    }

    /// <summary>Whether a user may use what another one owns: root what the user owns that called it by sudo, as git has it, and else nobody.</summary>
    internal static bool MayUse(uint me, uint owner, string? caller) =>
        me == owner || me == 0 && uint.TryParse(caller, NumberStyles.None, CultureInfo.InvariantCulture, out var sudo) && sudo == owner;

    // Whoever owns a link has it lead where he likes: to a folder of ours, which would be closed to others and filled.
    static void CheckLinks(string root, string path, int links = 0)
    {
        // So many the kernel follows.
        if (links > 40)
            return;
        var at = Path.GetPathRoot(path)!;
        foreach (var part in path[at.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Combine(at, part);
            if (UnixFile.Of(at, follow: false) is not { IsLink: true } link)
                continue;
            if (link.Owner != 0 && !MayUse(UnixFile.Me, link.Owner, Environment.GetEnvironmentVariable("SUDO_UID")))
                throw Refused(
                    root,
                    $"'{at}' is a link of another user, number {link.Owner}, who can have it lead anywhere",
                    "Name a folder of your own in HILLINGAR_CACHE"
                );
            if (new FileInfo(at).LinkTarget is { } target)
                CheckLinks(root, at = Path.GetFullPath(target, Path.GetDirectoryName(at)!), links + 1);
        }
    }

    static void Make(string root)
    {
        if (Directory.Exists(root) || OperatingSystem.IsWindows())
            return;
        try
        {
            // For its owner alone from the first moment; what is above it is nobody else's to write, whatever the umask.
            const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            if (Path.GetDirectoryName(root) is { } above)
                Directory.CreateDirectory(
                    above,
                    Owner | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute
                );
            Directory.CreateDirectory(root, Owner);
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            // Whoever writes into it says so; much can be done without.
            return;
        }
    }

    static void Close(string root, Microsoft.Win32.SafeHandles.SafeFileHandle folder, UnixFile.Status status)
    {
        // Where each user has a group of the same number, that group is the user.
        var writing = status.Mode & Writing & (status.Group == status.Owner ? ~GroupWriting : ~0);
        if (writing != 0)
            throw Refused(
                root,
                "others may write into it, so that what is in it may not be what was put there",
                $"Run 'chmod go-rwx {root}', then {Advice.Say("'dotnet msbuild -t:HillingarTestStore -p:HillingarRepairStore=true'", "Test-HillingarStore -Repair")}, which removes what is not as it was; or remove the folder"
            );
        if ((status.Mode & Others) == 0)
            return;
        // Not on a file system that may only be read, or keeps no permissions. To be read by others is no harm; what was written there is public.
        if (
            !UnixFile.SetMode(folder, status.Mode & Permissions & ~Others) && (status.Mode & Writing) != 0
            || UnixFile.Of(folder) is { } now && (now.Mode & Writing) != 0
        )
            throw Refused(root, "its file system keeps no permissions", "Name a folder on another disk in HILLINGAR_CACHE");
    }

    static HillingarException Refused(string root, string why, string advice) =>
        new("HIL4070", $"The store '{root}' is not used: {why}. {advice}.", new Place(root));
}
