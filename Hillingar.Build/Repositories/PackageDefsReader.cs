using System.Text;
using System.Text.Json;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Repositories;

/// <summary>
/// Reads the file that opam-nix materialises its packages in (<c>materialize</c> in its <c>opam.nix</c>) as an opam repository, so that a
/// project of opam-nix can move. The project's own packages, which have no source there, are left out.
/// </summary>
public static class PackageDefsReader
{
    /// <summary>Whether a repository's location is such a file's.</summary>
    /// <param name="location">A path or an address.</param>
    public static bool IsPackageDefs(string location) =>
        location.EndsWith(".json", StringComparison.Ordinal)
        && (!RepositoryOpener.IsAddress(location) || location.StartsWith("file://", StringComparison.Ordinal));

    /// <summary>Reads the file.</summary>
    /// <param name="location">Its path, or <c>file://</c> and its path.</param>
    /// <exception cref="HillingarException">
    /// HIL1004: it cannot be read. HIL1002: it is too large. HIL5090: it is no JSON. HIL5091: it is not what opam-nix writes. HIL1006: a file's name leads out of its folder.
    /// </exception>
    public static Repository Read(string location)
    {
        var path = location.StartsWith("file://", StringComparison.Ordinal) ? new Uri(location).LocalPath : location;
        var reader = new Opam2JsonReader(path);
        try
        {
            using var json = Parse(path);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw reader.Fault(".", "an object of packages was expected");
            var repository = new MemoryRepository(path);
            foreach (var member in json.RootElement.EnumerateObject())
                if (!s_about.Contains(member.Name))
                    Add(repository, reader, member);
            return repository;
        }
        catch (InvalidOperationException exception)
        {
            // .NET's reader says so of an escape that is half a character.
            throw new HillingarException(
                "HIL5090",
                $"This is no JSON: {exception.Message} Generate the file again.",
                new Place(path),
                exception
            );
        }
    }

    // What opam-nix notes about the file itself.
    static readonly HashSet<string> s_about = ["__opam_nix_env", "__opam_nix_regen"];

    // What opam-nix adds to the opam file, or takes from it.
    static readonly HashSet<string> s_added = ["files-contents", "isLocal", "src"];

    static JsonDocument Parse(string path)
    {
        try
        {
            return new FileInfo(path).Length is > Document.MaxBytes and var length
                ? throw new HillingarException(
                    "HIL1002",
                    $"The file has {length} bytes, more than the {Document.MaxBytes} that are read.",
                    new Place(path)
                )
                : JsonDocument.Parse(File.ReadAllBytes(path), new() { MaxDepth = JsonText.MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new HillingarException(
                "HIL5090",
                $"This is no JSON: {exception.Message} Generate the file again.",
                new Place(path, (int)(exception.LineNumber + 1 ?? 0), (int)(exception.BytePositionInLine + 1 ?? 0)),
                exception
            );
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            throw new HillingarException("HIL1004", $"The file cannot be read: {exception.Message}", new Place(path), exception);
        }
    }

    static void Add(MemoryRepository repository, Opam2JsonReader reader, JsonProperty member)
    {
        var at = member.Name;
        if (member.Value.ValueKind != JsonValueKind.Object)
            throw reader.Fault(at, "a package's members were expected");
        var members = member.Value.EnumerateObject().ToDictionary(inner => inner.Name);
        var version = members.TryGetValue("version", out var written)
            ? reader.Text(written.Value, $"{at}.version")
            : throw reader.Fault(at, "there is no 'version'");
        if (
            !PackageName.IsValid(at)
            || !OpamVersion.IsValid(version)
            || (members.TryGetValue("name", out var name) && reader.Text(name.Value, $"{at}.name") != at)
        )
            throw reader.Fault(at, $"'{at}' and '{version}' are no package's name, the same in its 'name', and version");
        var git = members.TryGetValue("src", out var src) && !members.ContainsKey("url") ? Source(reader, src.Value, $"{at}.src") : null;
        if (
            git is null
            && !members.ContainsKey("url")
            && members.TryGetValue("isLocal", out var isLocal)
            && isLocal.Value.ValueKind == JsonValueKind.True
        )
            return;
        var package = new OpamPackage(new(at), new(version));
        var document = reader.Read(members.Values.Where(inner => !s_added.Contains(inner.Name)), package.ToString());
        var file = new PackageFile(git is null ? document : Document.Create(document.Items.Add(git), document.Path), package);
        // A package whose source cannot be understood is not one without any.
        if (file.Document.Section("url") is not null && file.Url is null)
            throw reader.Fault($"{at}.{(git is null ? "url" : "src")}", "this says no source's address, checksums and folder");
        repository.Add(
            package,
            file,
            members.TryGetValue("files-contents", out var files) ? Extras(reader, files.Value, $"{at}.files-contents") : null
        );
    }

    static Section Source(Opam2JsonReader reader, JsonElement src, string at)
    {
        var (url, revision) = (Part("url", null), Part("rev", null));
        var folder = Part("subdir", "").Trim('/');
        // Both are arguments of git later on.
        return Git.IsCommit(revision) && url.All(c => c > ' ' && c is not '#' and not '\u007f')
            ? Make.Section(
                "url",
                null,
                [
                    Make.Field("src", $"{(url.StartsWith("git+", StringComparison.Ordinal) ? "" : "git+")}{url}#{revision}"),
                    .. folder.Length > 0 ? (Item[])[Make.Field("subpath", folder)] : [],
                ]
            )
            : throw reader.Fault(at, "this is no git repository's address and commit");

        string Part(string name, string? missing) =>
            src.ValueKind == JsonValueKind.Object && src.TryGetProperty(name, out var part)
                ? reader.Text(part, $"{at}.{name}")
                : missing ?? throw reader.Fault(at, $"there is no '{name}'");
    }

    static Dictionary<string, byte[]> Extras(Opam2JsonReader reader, JsonElement files, string at) =>
        files.ValueKind == JsonValueKind.Object
            ? files
                .EnumerateObject()
                .ToDictionary(file => file.Name, file => Encoding.UTF8.GetBytes(reader.Text(file.Value, $"{at}.{file.Name}")))
            : throw reader.Fault(at, "an object of files was expected");
}
