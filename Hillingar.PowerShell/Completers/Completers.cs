using System.Collections;
using System.Globalization;
using Hillingar.Build.Locks;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;

namespace Hillingar.PowerShell.Completers;

/// <summary>Completes mirage targets.</summary>
public sealed class TargetCompleter : Completer
{
    // The project's own come first, as its lock knows them: to ask MSBuild takes longer than one waits for a completion.
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound)
    {
        var own = Shell.LockOf(bound, orTheOneHere: true)?.Targets ?? [];
        return own.Select(target => (target, $"{target}: of the project"))
            .Concat(
                MirageTarget
                    .Known.Except(own)
                    .Select(target =>
                        (target, MirageTarget.IsCross(target) ? $"{target}: for another system" : $"{target}: for this machine")
                    )
            );
    }
}

/// <summary>Completes MSBuild's usual configurations.</summary>
public sealed class ConfigurationCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        [("Debug", "Debug"), ("Release", "Release")];
}

/// <summary>Completes locks in the current folder and in the folders below it that are not hidden.</summary>
public sealed class LockCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound)
    {
        var folder = Shell.Location;
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 2,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
        };
        var dotted = word.StartsWith("./", StringComparison.Ordinal) ? "./" : "";
        return Directory
            .EnumerateFiles(folder, LockLocation.Pattern, options)
            .Take(200)
            .Select(path => (dotted + Path.GetRelativePath(folder, path).Replace('\\', '/'), path));
    }
}

/// <summary>Completes locks, and the git revisions that a lock may have been at.</summary>
public sealed class RevisionCompleter : Completer
{
    const int Most = 100;

    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        new LockCompleter()
            .Of(word, bound)
            .Concat([("HEAD", "HEAD: the commit that is checked out"), ("HEAD~1", "HEAD~1: the commit before it")])
            .Concat(Shell.GitRefs(Most));
}

/// <summary>Completes lengths of time.</summary>
public sealed class DurationCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? s_units.Select(unit => ($"{number}{unit.Letter}", $"{number} {unit.Name}"))
            :
            [
                ("90s", "90 seconds"),
                ("30m", "30 minutes"),
                ("12h", "12 hours"),
                ("7d", "7 days"),
                ("30d", "30 days"),
                ("26w", "26 weeks"),
            ];

    static readonly (char Letter, string Name)[] s_units =
    [
        ('s', "seconds"),
        ('m', "minutes"),
        ('h', "hours"),
        ('d', "days"),
        ('w', "weeks"),
    ];
}

/// <summary>Completes the names of registered opam repositories.</summary>
public sealed class RepositoryCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        Shell
            .Try(() => RepositoryRegistry.Default.List())
            ?.Select(repository => (repository.Name, $"{repository.Name}: {repository.Location}"))
        ?? [];
}

/// <summary>Completes the names of packages: of a lock where one is named, else of the repositories.</summary>
public sealed class PackageCompleter : Completer
{
    const int Most = 200;

    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        Shell.LockOf(bound) is { } locked
            ? locked.Packages.Select(item => (item.Package.Name.Text, item.Package.ToString()))
            : Shell
                .Packages(bound)
                ?.Find(word + "*")
                .Take(Most)
                .Select(found => (found.Name, $"{found.Name} {found.Version}: {found.Synopsis}"))
                ?? [];
}

/// <summary>Completes the names of the packages that the lock in question has.</summary>
public sealed class LockedPackageCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        Shell.LockOf(bound, orTheOneHere: true) is { } locked
            ? locked.Packages.Select(item => (item.Package.Name.Text, item.Package.ToString()))
            : [];
}

/// <summary>Completes the versions of the package that is named.</summary>
public sealed class VersionCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        bound["Name"] is { } names && Shell.Packages(bound) is { } index
            ? ((names as IEnumerable<object>)?.Select(name => $"{name}") ?? [$"{names}"])
                .SelectMany(name => index.Find(name))
                .Take(1)
                .SelectMany(found => found.Versions.Select(version => (version, $"{found.Name} {version}")))
                .Prepend(("latest", "the latest version"))
            : [("latest", "the latest version")];
}
