using System.Text.RegularExpressions;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Depext;

/// <summary>The system packages that a lock needs on a machine.</summary>
/// <param name="Needed">All of them, by name.</param>
/// <param name="Missing">Those that are not installed; all of them where nobody can tell.</param>
/// <param name="Install">What installs the missing ones, or null when none is missing or the machine's package manager is not known.</param>
public sealed record SystemPackages(IReadOnlyList<string> Needed, IReadOnlyList<string> Missing, Command? Install);

/// <summary>What to do about system packages that a lock needs and the machine lacks.</summary>
public enum SystemPackageCheck
{
    /// <summary>Do not look.</summary>
    Off,

    /// <summary>Warn.</summary>
    Warn,

    /// <summary>Install them.</summary>
    Install,
}

/// <summary>System packages, opam's <c>depexts</c>: which a lock needs, which are missing, and installing them.</summary>
public static partial class Depexts
{
    static readonly SystemPackages s_none = new([], [], null);

    /// <summary>The system packages that a lock needs on a platform.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="platform">The platform that builds.</param>
    /// <exception cref="HillingarException">HIL4063: a name is none that a package can have.</exception>
    public static IReadOnlyList<string> Of(LockFile locked, OpamEnvironment platform)
    {
        var names = locked
            .Depexts.Where(depext => depext.Filter.Holds(platform))
            .SelectMany(depext => depext.Value)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        // They become arguments of a program that may run as root.
        return names.Find(name => !Name().IsMatch(name)) is { } odd
            ? throw new HillingarException(
                "HIL4063",
                $"The lock asks for a system package '{Unpacker.Printable(odd)}', which is no name of one. Do not use the package that brought it, or lock again."
            )
            : names;
    }

    /// <summary>Looks which system packages of a lock are missing on this machine. Nothing is installed.</summary>
    /// <exception cref="HillingarException">HIL4063: a name is none that a package can have.</exception>
    public static Task<SystemPackages> Check(LockFile locked, CancellationToken cancellation) =>
        Check(
            locked,
            HostPlatform.Current,
            program => ProcessRunner.Find(program) is not null,
            command => ProcessRunner.Ask(command, cancellation)
        );

    /// <summary>Installs the missing ones, as root or by <c>sudo</c> without asking.</summary>
    /// <exception cref="HillingarException">HIL4061: this machine's package manager is not known. HIL4062: it failed.</exception>
    public static async Task Install(SystemPackages packages, IReporter reporter, CancellationToken cancellation)
    {
        if (packages.Missing.Count == 0)
            return;
        if (packages.Install is not { } command)
            throw new HillingarException(
                "HIL4061",
                $"This machine's package manager is not known (apt-get, dnf, yum, zypper, apk, pacman and brew are). Install these yourself: {string.Join(' ', packages.Missing)}."
            );
        reporter.Step($"Installing {string.Join(", ", packages.Missing)}: {command}");
        var result = await ProcessRunner.Run(command, cancellation, reporter.Detail).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException(
                "HIL4062",
                $"'{command}' ended with {result.ExitCode}: {result.Error.Trim()} Run it yourself in a terminal."
            );
    }

    /// <summary>Tells in one warning what is missing and how to install it.</summary>
    public static void Report(SystemPackages packages, Place? place, IReporter reporter)
    {
        if (packages.Missing.Count > 0)
            reporter.Report(Lacking(packages, "These system packages are needed and not installed", Severity.Warning, place));
    }

    /// <summary>What is told when a build failed on a machine that lacks packages.</summary>
    internal static Diagnostic Blame(SystemPackages packages, Place? place) =>
        Lacking(packages, "The build failed, and the reason may be that these system packages are not installed", Severity.Error, place);

    static Diagnostic Lacking(SystemPackages packages, string what, Severity severity, Place? place) =>
        new(
            severity,
            "HIL4060",
            $"{what}: {string.Join(", ", packages.Missing)}.{(packages.Install is { } command ? $" Run: {command}" : "")}",
            place
        );

    /// <summary>Looks, and warns or installs, as a build does before its first compile.</summary>
    /// <exception cref="HillingarException">HIL4061 to HIL4063: as of <see cref="Install"/> and <see cref="Of"/>.</exception>
    /// <param name="locked">The lock.</param>
    /// <param name="check">What to do.</param>
    /// <param name="place">The lock's file, for messages.</param>
    /// <param name="reporter">Is told.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="narrow">The lock with only what is about to be built, which is asked for where something is missing; null for all of it.</param>
    /// <returns>What there was to say; nothing is missing where it was not looked, or installed.</returns>
    public static async Task<SystemPackages> Ensure(
        LockFile locked,
        SystemPackageCheck check,
        Place? place,
        IReporter reporter,
        CancellationToken cancellation,
        Func<Task<LockFile>>? narrow = null
    )
    {
        if (check == SystemPackageCheck.Off)
            return s_none;
        var packages = await Check(locked, cancellation).ConfigureAwait(false);
        if (packages.Missing.Count > 0 && narrow is not null)
            packages = await Check(await narrow().ConfigureAwait(false), cancellation).ConfigureAwait(false);
        if (check == SystemPackageCheck.Install)
        {
            await Install(packages, reporter, cancellation).ConfigureAwait(false);
            return s_none;
        }

        Report(packages, place, reporter);
        return packages;
    }

    internal static async Task<SystemPackages> Check(
        LockFile locked,
        OpamEnvironment platform,
        Func<string, bool> isThere,
        Func<Command, Task<ProcessResult>> run
    )
    {
        var needed = Of(locked, platform);
        if (needed.Count == 0 || PackageManager.Of(platform, isThere) is not { } manager)
            return new SystemPackages(needed, needed, null);
        var query = manager.Query(needed) with { Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C" } };
        var missing = manager
            .Missing(needed, (await run(query).ConfigureAwait(false)).Whole)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        IEnumerable<string> words = [manager.Name, .. manager.Install, .. missing];
        if (manager.NeedsRoot && !Environment.IsPrivilegedProcess && isThere("sudo"))
            words = ["sudo", "-n", .. words];
        return new SystemPackages(
            needed,
            missing,
            missing.Count == 0
                ? null
                : new Command(
                    words.First(),
                    [.. words.Skip(1)],
                    Environment: new Dictionary<string, string?> { ["DEBIAN_FRONTEND"] = "noninteractive" }
                )
        );
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9+._:@/-]*\\z")]
    private static partial Regex Name();
}
