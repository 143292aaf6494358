using System.Text.Json.Nodes;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Nix;

/// <summary>
/// Writes a lock as the file that opam-nix materialises its packages in (<c>materialize</c> in its <c>opam.nix</c>), which its
/// <c>materializedDefsToScope</c> reads: every package with its opam file as JSON.
/// </summary>
/// <param name="locked">The lock.</param>
/// <param name="descriptions">The opam file of a locked package, or null where no repository has it.</param>
sealed class PackageDefs(LockFile locked, Func<OpamPackage, RepositoryPackage?> descriptions)
{
    // A shell of opam-nix-regen's reads these words.
    static readonly string[] s_regenerate = ["dotnet", "msbuild", "-t:HillingarWritePackageDefs"];

    // An opam file has no say about these: opam-nix sets or drops them.
    static readonly string[] s_added = ["files", "files-contents", "isLocal", "opamFile", "repo", "src"];

    readonly FlakeSources _sources = new(locked);

    /// <summary>The file's text.</summary>
    /// <exception cref="HillingarException">
    /// HIL5093: the lock takes tools of this machine, or no repository describes a package. HIL5092: something that the file cannot hold. HIL5081: a git source whose hash is not known.
    /// HIL4024: a file of <c>extra-files</c> is missing, or is not what its checksum says.
    /// </exception>
    public override string ToString()
    {
        if (locked.Provided.Count > 0)
            throw new HillingarException(
                "HIL5093",
                $"The lock takes {string.Join(", ", locked.Provided.Order())} of the machine that made it, and opam-nix builds everything itself. Set HillingarHostSwitch to 'locked' and restore again."
            );
        var packages = locked
            .Packages.Select(item => item.Package)
            .Concat(locked.HostSwitch)
            .Distinct()
            .Where(package => !locked.RootPackages.Contains(package.Name.Text));
        return JsonText.Of(
            JsonText.Members(
                packages
                    .Select(package => (package.Name.Text, (JsonNode?)Of(package)))
                    .Append(("__opam_nix_env", Environment()))
                    .Append(("__opam_nix_regen", JsonText.Strings(s_regenerate)))
                    .OrderBy(member => member.Item1, StringComparer.Ordinal)
            )
        );
    }

    // opam-nix knows the platform better: the file may be read on any. What it cannot know is that the packages were chosen as parts of a
    // monorepo, which changes what some depend on; 1 is how its own queryToMonorepo says so.
    JsonObject Environment() =>
        JsonText.Members(
            locked
                .Variables.Where(pair => !HostPlatform.Variables.Contains(pair.Name))
                .Select(pair =>
                    (pair.Name, pair.Value.IsBool ? (JsonNode?)(pair.Value.Truth == true) : Opam2JsonWriter.Text(pair.Value.ToString()))
                )
                .Append(("monorepo", 1))
                .OrderBy(member => member.Item1, StringComparer.Ordinal)
        );

    JsonObject Of(OpamPackage package)
    {
        var description =
            descriptions(package)
            ?? throw new HillingarException(
                "HIL5093",
                $"No repository of the project describes {package}, which the lock selects. Name the repository that does, or lock again: {Advice.LockAnew}."
            );
        if (package.Name.Text.StartsWith("__", StringComparison.Ordinal))
            throw new HillingarException("HIL5092", $"opam-nix keeps names such as '{package.Name}' for itself. Do not use the package.");
        var members = Opam2JsonWriter.Of(description.Read().Document.Items);
        foreach (var name in s_added)
            members.Remove(name);
        members["name"] = package.Name.Text;
        members["version"] = package.Version.Text;
        members["files-contents"] = JsonText.Members(
            (Preparation.Of(description, package.Name.Text)?.Files ?? [])
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => (Opam2JsonWriter.Checked(file.Name), (JsonNode?)Contents(package, file)))
        );
        var git = Git(package, description);
        members["isLocal"] = git is not null;
        if (git is not null)
        {
            // It would be fetched while Nix evaluates, and first.
            members.Remove("url");
            members["src"] = git;
        }
        return JsonText.Members(members.Select(member => (member.Key, member.Value)));
    }

    JsonObject? Git(OpamPackage package, RepositoryPackage description)
    {
        if (description.Url is not { } url)
            return null;
        var source = new Source(locked.Pins.FirstOrDefault(pin => pin.Package == package)?.Url ?? url.Url, [.. url.Checksums], [], []);
        if (!source.IsGit)
            return null;
        var fetched = _sources.Of(source, package.ToString());
        return JsonText.Object(
            ("hash", fetched["narHash"]!.DeepClone()),
            ("rev", fetched["rev"]!.DeepClone()),
            ("subdir", Opam2JsonWriter.Text("/" + url.Subpath)),
            ("url", fetched["url"]!.DeepClone())
        );
    }

    static JsonNode Contents(OpamPackage package, AddedFile file) =>
        FlakeSources.File(file.Content.AsSpan())["text"]?.GetValue<string>() is { } text
            ? Opam2JsonWriter.Text(text)
            : throw new HillingarException(
                "HIL5092",
                $"The file '{Unpacker.Printable(file.Name)}' that {package} adds to its sources is no text, and opam-nix's file holds only such. Build with the flake that HillingarWriteFlake writes."
            );
}
