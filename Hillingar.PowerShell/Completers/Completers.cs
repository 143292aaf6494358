using System.Collections;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;

namespace Hillingar.PowerShell.Completers;

/// <summary>Completes mirage targets.</summary>
public sealed class TargetCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        MirageTarget.Known.Select(target => (target, MirageTarget.IsCross(target) ? $"{target}: for another system" : $"{target}: for this machine"));
}

/// <summary>Completes MSBuild's usual configurations.</summary>
public sealed class ConfigurationCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) => [("Debug", "Debug"), ("Release", "Release")];
}

/// <summary>Completes locks in the current folder and in the folders below it that are not hidden.</summary>
public sealed class LockCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound)
    {
        var folder = Shell.Location;
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        var dotted = word.StartsWith("./", StringComparison.Ordinal) ? "./" : "";
        return Directory.EnumerateFiles(folder, LockLocation.Pattern, options).Take(200)
            .Select(path => (dotted + Path.GetRelativePath(folder, path).Replace('\\', '/'), path));
    }
}

/// <summary>Completes the names of packages: of a lock where one is named, else of the repositories.</summary>
public sealed class PackageCompleter : Completer
{
    const int Most = 200;

    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) => Shell.LockOf(bound) is { } locked
        ? locked.Packages.Select(item => (item.Package.Name.Text, item.Package.ToString()))
        : Shell.Packages(bound)?.Find(word + "*").Take(Most).Select(found => (found.Name, $"{found.Name} {found.Version}: {found.Synopsis}")) ?? [];
}

/// <summary>Completes the names of the packages that the lock in question has.</summary>
public sealed class LockedPackageCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        Shell.LockOf(bound, orTheOneHere: true) is { } locked ? locked.Packages.Select(item => (item.Package.Name.Text, item.Package.ToString())) : [];
}

/// <summary>Completes the versions of the package that is named.</summary>
public sealed class VersionCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        bound["Name"] is { } names && Shell.Packages(bound) is { } index
            ? ((names as IEnumerable<object>)?.Select(name => $"{name}") ?? [$"{names}"]).SelectMany(name => index.Find(name)).Take(1)
                .SelectMany(found => found.Versions.Select(version => (version.Text, $"{found.Name} {version}"))).Prepend(("latest", "the latest version"))
            : [("latest", "the latest version")];
}
