using Hillingar.Build.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Switches;

/// <summary>The hash of everything that goes into a built package.</summary>
static class PackageKey
{
    // Another version of this code may build differently.
    const string Version = "hillingar package 1";

    /// <summary>The key of a package whose dependencies are built.</summary>
    /// <param name="steps">What is done, for a single job: how many there are does not count.</param>
    /// <param name="globals">The variables that <c>substs</c> see.</param>
    /// <param name="closure">What it sees in its prefix.</param>
    /// <param name="environment">The environment of its commands.</param>
    /// <param name="system">The system's fingerprint.</param>
    /// <param name="sandboxed">Whether it is built in a sandbox: without one, who knows what went in.</param>
    public static string Of(
        PackageSteps steps,
        OpamEnvironment globals,
        IEnumerable<BuiltPackage> closure,
        IReadOnlyDictionary<string, string> environment,
        string system,
        bool sandboxed
    ) =>
        Hashes.OfText(
            Text([
                [Version, steps.Package.ToString(), $"{sandboxed}", system, steps.About.Layout.Prefix, steps.About.BuildFolder ?? ""],
                steps.Source is { } source
                    ? [.. source.Checksums.Select(checksum => checksum.ToString()).DefaultIfEmpty(source.Url), source.Subpath ?? ""]
                    : [],
                [steps.Preparation?.ToValue().ToString() ?? "", .. steps.Patches],
                [.. globals.Variables.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")],
                [.. environment.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")],
                .. steps.Build,
                ["install"],
                .. steps.Install,
                ["dependencies"],
                [.. steps.Dependencies.Select(package => package.ToString())],
                [.. closure.Select(package => $"{package.About.Package} {package.Key}")],
            ])
        );

    /// <summary>Lists of texts as one text, which two different lists never share.</summary>
    public static string Text(IEnumerable<IEnumerable<string>> lists) =>
        string.Concat(
            lists
                .Select(list => list.ToList())
                .Select(list => $"{list.Count}:{string.Concat(list.Select(text => $"{text.Length}:{text}"))}")
        );
}
