using System.Globalization;
using System.Text;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Sdk.Tasks;

/// <summary>
/// What a restore leaves for the next one in the workspace, so that MSBuild itself sees that there is nothing to do, without loading us:
/// what was asked for and the lock's time (<c>restore.inputs</c>), the folders that have to be there (<c>restore.folders</c>), and the
/// warnings that are told again (<c>restore.told.targets</c>, which the SDK imports), as NuGet's no-op restore tells its own again.
/// </summary>
static class RestoreMemory
{
    /// <summary>Forgets: until the next restore is through, nothing is known.</summary>
    public static void Forget(string workspace)
    {
        if (Directory.Exists(workspace))
            File.Delete(Path.Combine(workspace, "restore.inputs"));
    }

    /// <summary>Remembers.</summary>
    /// <param name="workspace">The workspace's folder.</param>
    /// <param name="inputs">What was asked for, as Hillingar.Restore.targets writes it.</param>
    /// <param name="lockFile">The lock.</param>
    /// <param name="folders">The folders of the duniverse.</param>
    /// <param name="told">The warnings.</param>
    public static void Keep(string workspace, string inputs, string lockFile, IEnumerable<string> folders, IReadOnlyList<Diagnostic> told)
    {
        File.WriteAllLines(Path.Combine(workspace, "restore.folders"), folders);
        File.WriteAllText(Path.Combine(workspace, "restore.told.targets"), Targets(told));
        File.WriteAllText(
            Path.Combine(workspace, "restore.inputs"),
            string.Create(CultureInfo.InvariantCulture, $"{inputs}|{File.GetLastWriteTime(lockFile).Ticks}")
        );
    }

    /// <summary>A project that tells warnings. Their text comes from strangers: nothing in it may be read as XML or as MSBuild's own syntax.</summary>
    internal static string Targets(IEnumerable<Diagnostic> told)
    {
        var text = new StringBuilder("<Project>\n  <Target Name=\"_HillingarTellAgain\">\n");
        foreach (var diagnostic in told)
            text.Append(
                CultureInfo.InvariantCulture,
                $"    <TellWarning Code=\"{diagnostic.Code}\" File=\"{MSBuildText.Escape(diagnostic.Place?.File ?? "")}\" Line=\"{diagnostic.Place?.Line ?? 0}\" Column=\"{diagnostic.Place?.Column ?? 0}\" Text=\"{MSBuildText.Escape(diagnostic.Message)}\" />\n"
            );
        return text.Append("  </Target>\n</Project>\n").ToString();
    }
}
