using System.Text;
using System.Text.RegularExpressions;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Reporting;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Auditing;

/// <summary>The OCaml security advisories (<c>ocaml/security-advisories</c>), as a folder or an archive.</summary>
public static partial class Advisories
{
    const int MaxBytes = 1 << 20;

    /// <summary>Reads all advisories.</summary>
    /// <param name="location">A clone's folder, or an archive of one.</param>
    /// <param name="reporter">Is told of advisories that cannot be read; the others count all the same.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The advisories, by id.</returns>
    /// <exception cref="HillingarException">HIL4050: there are none. HIL4010 to HIL4017: the archive is refused.</exception>
    public static IReadOnlyList<Advisory> Read(string location, IReporter reporter, CancellationToken cancellation)
    {
        if (Directory.Exists(location))
            return ReadFolder(location, location, reporter);
        if (!File.Exists(location))
            throw new HillingarException(
                "HIL4050",
                $"There are no security advisories at '{location}'. Name a clone of ocaml/security-advisories, or an archive of one."
            );
        RequireFile(location);
        var scratch = Directory.CreateTempSubdirectory("hillingar-advisories-").FullName;
        try
        {
            var folder = Path.Combine(scratch, "all");
            Unpacker.Unpack(location, folder, new UnpackLimits(Bytes: 256 << 20), cancellation);
            return ReadFolder(folder, location, reporter);
        }
        finally
        {
            Tree.Delete(scratch);
        }
    }

    /// <summary>Refuses what has no contents, or no end of them: a lock that somebody else wrote may name it.</summary>
    /// <exception cref="HillingarException">HIL4050: it is neither a file nor a folder.</exception>
    internal static void RequireFile(string location)
    {
        if (UnixFile.Of(location, follow: true) is { IsRegular: false, IsFolder: false })
            throw new HillingarException(
                "HIL4050",
                $"'{location}' is a pipe, a socket or a device, and no security advisories are read from it. Name a clone of ocaml/security-advisories, or an archive of one."
            );
    }

    static IReadOnlyList<Advisory> ReadFolder(string folder, string location, IReporter reporter)
    {
        var advisories = new List<Advisory>();
        using var all = ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException("HIL4050", $"'{Unpacker.Printable(path)}' in '{location}' is refused: {Unpacker.Printable(why)}.")
        );
        foreach (
            var file in all.Walk(enter: entry => !entry.Name.StartsWith('.'))
                .Where(entry => entry.Kind == EntryKind.File && Name().IsMatch(entry.Name))
        )
            try
            {
                if (file.Length > MaxBytes)
                    throw new HillingarException(
                        "HIL1002",
                        $"the file has more than the {MaxBytes >> 20} MiB that are read",
                        new Place(Path.Combine(folder, file.Path))
                    );
                var advisory = new Advisory(Encoding.UTF8.GetString(all.ReadBytes(file.Path, MaxBytes)!), file.Name);
                _ = (advisory.Id, advisory.Affected, advisory.SeverityScore);
                advisories.Add(advisory);
            }
            catch (HillingarException exception)
            {
                reporter.Report(
                    exception.Diagnostic with
                    {
                        Severity = Severity.Warning,
                        Code = "HIL4050",
                        Message = $"This security advisory cannot be read and is left out: {exception.Message}",
                    }
                );
            }

        return advisories.Count > 0
            ? [.. advisories.OrderBy(advisory => advisory.Id, StringComparer.Ordinal)]
            : throw new HillingarException(
                "HIL4050",
                $"There are no security advisories in '{location}'. Name a clone of ocaml/security-advisories, or an archive of one."
            );
    }

    [GeneratedRegex("^OSEC-[0-9]{4}-[0-9]+\\.md\\z")]
    private static partial Regex Name();
}
