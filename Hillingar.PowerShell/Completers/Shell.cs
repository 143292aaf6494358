using System.Collections;
using System.Management.Automation;
using Hillingar.Build.Configuring;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Projects;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.PowerShell.Completers;

/// <summary>What completers know of the shell. They must never fail, wait for the network, or write: what cannot be had completes nothing.</summary>
static class Shell
{
    sealed class Silent : IReporter
    {
        public void Report(Diagnostic diagnostic) { }

        public void Step(string message) { }

        public void Detail(string message) { }
    }

    /// <summary>Whom nobody listens to.</summary>
    public static IReporter Nobody { get; } = new Silent();

    /// <summary>The shell's folder.</summary>
    public static string Location
    {
        get
        {
            using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
            return shell
                    .AddScript("$ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath")
                    .Invoke<string>()
                    .FirstOrDefault()
                ?? Environment.CurrentDirectory;
        }
    }

    /// <summary>The repositories that are named, or the shell's default for the parameter, or opam's own; null where they are not at hand.</summary>
    public static PackageIndex? Packages(IDictionary bound)
    {
        var named = (bound["Repository"] ?? Default("Repository")) switch
        {
            string one => [one],
            IEnumerable many => many.Cast<object>().Select(item => $"{item}").ToArray(),
            _ => Array.Empty<string>(),
        };
        var folder = Location;
        return Try(() =>
            PackageIndex
                .Open(
                    Array.ConvertAll(named, location => PackageIndex.IsAddress(location) ? location : Path.GetFullPath(location, folder)),
                    Stores.Default,
                    Nobody,
                    offline: true,
                    CancellationToken.None
                )
                .GetAwaiter()
                .GetResult()
        );
    }

    /// <summary>The lock that is named, or that of the project that is, or on demand the one in the shell's folder.</summary>
    public static LockFile? LockOf(IDictionary bound, bool orTheOneHere = false) =>
        bound["Lock"] is { } named
        || (named = First(bound["LiteralPath"]) ?? First(bound["Path"])) is not null
        || (named = orTheOneHere ? "." : null) is not null
            ? Try(() => LockFile.Read(LockLocation.Find(FolderOf(Path.GetFullPath($"{named}", Location)))))
            : null;

    /// <summary>What mirage recorded of the project that is named, or of the one in the shell's folder: by what lies at its usual place, as to ask MSBuild takes longer than one waits for a completion.</summary>
    public static IReadOnlyList<MirageDescription> Described(IDictionary bound)
    {
        if ((First(bound["Project"]) is PSObject wrapped ? wrapped.BaseObject : First(bound["Project"])) is HillingarProject project)
            return Try(() => project.Configured) ?? [];
        return Try(() =>
                MirageDescription.Recorded(
                    FolderOf(Path.GetFullPath($"{First(bound["LiteralPath"]) ?? First(bound["Path"]) ?? "."}", Location))
                )
            ) ?? [];
    }

    // A lock lies beside its project's file.
    static string FolderOf(string path) =>
        Path.GetExtension(path).EndsWith("proj", StringComparison.OrdinalIgnoreCase) ? Path.GetDirectoryName(path)! : path;

    static object? First(object? value) =>
        value is string ? value
        : value is IEnumerable many ? many.Cast<object>().FirstOrDefault()
        : value;

    /// <summary>The branches and tags of the repository that the shell is in.</summary>
    public static IReadOnlyList<(string Name, string Tip)> GitRefs(int most) =>
        Try(() =>
        {
            var answer = ProcessRunner
                .Ask(
                    new Command(
                        "git",
                        [
                            "for-each-ref",
                            $"--count={most}",
                            "--sort=-committerdate",
                            "--format=%(refname:short)\t%(contents:subject)",
                            "refs/heads",
                            "refs/tags",
                            "refs/remotes",
                        ],
                        Location
                    ),
                    CancellationToken.None
                )
                .GetAwaiter()
                .GetResult();
            return answer.ExitCode != 0
                ? []
                : answer
                    .Whole.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => line.Split('\t', 2))
                    .Select(parts => (parts[0], Printable.Line($"{parts[0]}: {parts[^1]}")))
                    .ToList();
        }) ?? [];

    // $PSDefaultParameterValues: '*-OpamPackage:Repository' and the like.
    static object? Default(string parameter)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        var defaults = shell.AddScript("$PSDefaultParameterValues").Invoke<IDictionary>().FirstOrDefault();
        return defaults
            ?.Keys.Cast<object>()
            .Select(key => $"{key}")
            .Where(key =>
                key.EndsWith(":" + parameter, StringComparison.OrdinalIgnoreCase)
                && key.Contains("Opam", StringComparison.OrdinalIgnoreCase)
            )
            .Select(key => defaults[key])
            .FirstOrDefault();
    }

    /// <summary>What something gives, or null where it fails.</summary>
    public static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (HillingarException)
        {
            return null;
        }
    }
}
