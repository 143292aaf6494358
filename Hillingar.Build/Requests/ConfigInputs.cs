using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Requests;

/// <summary>What <c>mirage configure</c> sees of a project: all of its files, as <c>config.ml</c> is a program and may read any of them.</summary>
static partial class ConfigInputs
{
    // What is compiled is not read by config.ml; to configure anew whenever a line of code changes would make every build slow.
    static readonly HashSet<string> s_code = new(StringComparer.OrdinalIgnoreCase) { ".ml", ".mli", ".mll", ".mly", ".c", ".h", ".s" };

    // A larger file is no program that a person wrote.
    const int MaxConfig = 1 << 20;

    /// <summary>The files that <c>config.ml</c> names in a string, by their paths from the project's folder or its own: what they hold decides the lock as it does itself.</summary>
    public static IReadOnlyList<(string Path, string File)> Named(Request request)
    {
        if (request.Sources.Count == 0 || new FileInfo(request.ConfigFile).Length > MaxConfig)
            return [];
        var words = Strings()
            .Matches(File.ReadAllText(request.ConfigFile))
            .Select(match => match.Groups["text"].Value)
            .Where(word => word.Length > 0)
            .SelectMany(word => new[] { "", request.ConfigFolder }.Select(folder => PathBelow.Inside(folder, word.TrimStart('/'))))
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Seen(request)
                .Where(source => source.Path != request.Config && words.Contains(source.Path))
                .OrderBy(source => source.Path, StringComparer.Ordinal),
        ];
    }

    /// <summary>The SHA-256, in hex, of what <c>config.ml</c> may read: which files there are, and what those hold that are no code.</summary>
    public static string Digest(Request request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var named = Named(request).Select(source => source.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, file) in Seen(request).OrderBy(source => source.Path, StringComparer.Ordinal))
            hash.AppendData(
                Encoding.UTF8.GetBytes(
                    s_code.Contains(Path.GetExtension(path)) && !named.Contains(path)
                        ? $"{path}\n"
                        : $"{path} {Hashes.OfFile(file, [ChecksumKind.Sha256])[0]}\n"
                )
            );
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Copies the files into a folder, at their paths.</summary>
    /// <param name="request">The project.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellation">Stops between two files.</param>
    /// <returns>The paths, for <see cref="TakeAway"/>.</returns>
    /// <exception cref="HillingarException">HIL5020: a path that leaves the folder.</exception>
    public static IReadOnlyList<string> Lay(Request request, string folder, CancellationToken cancellation)
    {
        var seen = Seen(request)
            .Where(source => source.Path != request.Config)
            .Append((Path: request.Config, File: request.ConfigFile))
            .ToList();
        foreach (var (path, file) in seen)
        {
            cancellation.ThrowIfCancellationRequested();
            var place = Path.GetFullPath(path, folder);
            if (!place.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new HillingarException(
                    "HIL5020",
                    $"'{file}' would be built as '{path}', outside the workspace. Give it a Link below the project."
                );
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place, overwrite: true);
        }

        return [.. seen.Select(source => source.Path)];
    }

    /// <summary>Takes the copies away again, so that what mirage wrote is left.</summary>
    public static void TakeAway(IReadOnlyList<string> seen, string folder)
    {
        foreach (var path in seen)
        {
            File.Delete(Path.GetFullPath(path, folder));
            for (
                var above = Path.GetDirectoryName(Path.GetFullPath(path, folder))!;
                above != folder && Directory.Exists(above) && !Directory.EnumerateFileSystemEntries(above).Any();
                above = Path.GetDirectoryName(above)!
            )
                Directory.Delete(above);
        }
    }

    // Without what mirage is to write itself: a dune file of the project's includes dune.build, which is not there yet, and mirage would leave it so.
    static IEnumerable<(string Path, string File)> Seen(Request request) =>
        request
            .Sources.Select(source => (Path: source.Path.Replace('\\', '/'), source.File))
            .Where(source =>
                source.Path != "dune-workspace"
                && source.Path != request.ConfigFolder + "dune"
                && !MirageLeftover.Is(source.Path, source.File, request.ConfigFolder)
            );

    // "…" with its escapes, and {|…|}.
    [GeneratedRegex(
        """
            "(?<text>(?:[^"\\\n]|\\.)*)"|\{(?<name>[a-z_]*)\|(?<text>.*?)\|\k<name>\}
            """,
        RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Strings();
}
