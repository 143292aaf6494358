using System.Collections.Immutable;
using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Sources;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locks;

/// <summary>A file that comes with a package's description.</summary>
/// <param name="Name">Its path in the package's folder.</param>
/// <param name="Content">Its bytes.</param>
public sealed record AddedFile(string Name, ImmutableArray<byte> Content);

/// <summary>
/// What opam does to a package's sources before it builds them (<c>OpamAction.prepare_package_build</c>): <c>subpath</c>,
/// <c>extra-source</c>, <c>extra-files</c>, <c>patches</c>, <c>substs</c>. A lock holds it whole, so that restoring needs no repository.
/// </summary>
public sealed record Preparation
{
    readonly PackageFile _fields;

    Preparation(OpamPackage package, string folder, string? subpath, ImmutableArray<AddedFile> files, IReadOnlyList<Item> fields) =>
        (Package, Folder, Subpath, Files, _fields) = (package, folder, subpath, files, new PackageFile(Document.Create(fields), package));

    /// <summary>The package.</summary>
    public OpamPackage Package { get; }

    /// <summary>The duniverse's folder that holds it.</summary>
    public string Folder { get; }

    /// <summary>The folder inside that is the package's, or null for all of it.</summary>
    public string? Subpath { get; }

    /// <summary><c>extra-files</c>, with their contents.</summary>
    public ImmutableArray<AddedFile> Files { get; }

    /// <summary><c>extra-source</c>.</summary>
    public ImmutableArray<ExtraSource> Sources => _fields.ExtraSources;

    /// <summary><c>patches</c>, in the order they are applied.</summary>
    public ImmutableArray<Filtered<string>> Patches => _fields.Patches;

    /// <summary><c>substs</c>.</summary>
    public ImmutableArray<string> Substs => _fields.Substs;

    /// <summary>What a package of a repository asks for, or null when its archive is all.</summary>
    /// <param name="package">The package.</param>
    /// <param name="folder">The duniverse's folder that holds it.</param>
    /// <exception cref="HillingarException">HIL4024: a file of <c>extra-files</c> is missing, or is not what its checksum says. HIL4025: there is more than a lock can hold.</exception>
    public static Preparation? Of(RepositoryPackage package, string folder)
    {
        var file = package.Read();
        var files = file.ExtraFiles.Select(extra => new AddedFile(extra.Name, [.. Read(package, extra)])).ToList();
        // Older descriptions name patches that lie in files/ without listing them.
        foreach (
            var patch in file
                .Patches.Select(patch => patch.Value)
                .Where(name => files.All(extra => extra.Name != name) && file.ExtraSources.All(extra => extra.Name != name))
        )
            if (package.ReadExtra(patch) is { } content)
                files.Add(new AddedFile(patch, [.. content]));
        if (files.Sum(extra => extra.Content.Length) is > (4 << 20) and var bytes)
            throw new HillingarException(
                "HIL4025",
                $"The files that {package} adds to its sources have {bytes >> 20} MiB, and a lock holds no more than 4. Make an archive of them, and name it as extra-source."
            );
        IReadOnlyList<Item> fields =
        [
            .. file.Document.Items.Where(item =>
                (item is Field { Name: "patches" or "substs" } or Section { Kind: "extra-source" }) && IsOfItsShape(item)
            ),
        ];
        return fields.Count == 0 && files.Count == 0 && file.Url?.Subpath is null
            ? null
            : new Preparation(package.Package, folder, file.Url?.Subpath, [.. files], fields);
    }

    /// <summary>The sources of <c>extra-source</c>, with a lock's mirrors.</summary>
    internal IEnumerable<Source> ExtraSources(LockFile locked) =>
        Sources.Select(extra =>
            locked.SourceOf(new LockedSource(extra.Source.Url, extra.Name, extra.Source.Checksums)) with
            {
                Mirrors = extra.Source.Mirrors,
            }
        );

    /// <summary>How a lock writes it: <c>["NAME.VERSION" "FOLDER" [subpath…] [["NAME" "text=…"]…] [patches…] [substs…] [["NAME" "URL" ["CHECKSUM"…]]…]]</c>.</summary>
    internal Value ToValue() =>
        Make.List(
            Make.Text(Package.ToString()),
            Make.Text(Folder),
            Make.Strings(Subpath is null ? [] : [Subpath]),
            Make.List(Files.Select(file => Make.Strings(file.Name, Write(file.Content)))),
            _fields.Document.Field("patches")?.Value is { } patches
                ? patches is ListValue
                    ? patches
                    : Make.List(patches)
                : Make.List(),
            Make.Strings(Substs),
            Make.List(
                Sources.Select(extra =>
                    Make.List(
                        Make.Text(extra.Name),
                        Make.Text(Address.WithoutCredentials(extra.Source.Url)),
                        Make.Strings(extra.Source.Checksums.Select(checksum => checksum.ToString())),
                        Make.Strings(extra.Source.Mirrors.Select(Address.WithoutCredentials))
                    )
                )
            )
        );

    /// <summary>Reads what <see cref="ToValue"/> wrote, or null where it is something else.</summary>
    internal static Preparation? FromValue(Value value)
    {
        if (
            value
                is not ListValue
                {
                    Items: [
                        StringValue name,
                        StringValue folder,
                        ListValue subpath,
                        ListValue files,
                        ListValue patches,
                        ListValue substs,
                        ListValue sources,
                    ]
                }
            || !OpamPackage.TryParse(name.Text, out var package)
            || files.Items.Any(file => file is not ListValue { Items: [StringValue, StringValue] })
            || sources.Items.Any(source => source is not ListValue { Items: [StringValue, StringValue, ListValue, ListValue] })
        )
            return null;
        var read = new Preparation(
            package,
            folder.Text,
            subpath.Items.OfType<StringValue>().FirstOrDefault()?.Text,
            [
                .. files
                    .Items.OfType<ListValue>()
                    .Select(file => new AddedFile(((StringValue)file.Items[0]).Text, Content(((StringValue)file.Items[1]).Text))),
            ],
            [
                Make.Field("patches", patches),
                Make.Field("substs", substs),
                .. sources
                    .Items.OfType<ListValue>()
                    .Select(source =>
                        Make.Section(
                            "extra-source",
                            ((StringValue)source.Items[0]).Text,
                            Make.Field("src", source.Items[1]),
                            Make.Field("checksum", source.Items[2]),
                            Make.Field("mirrors", source.Items[3])
                        )
                    ),
            ]
        );
        // What would be left out is not what was locked.
        return read._fields.Check().IsEmpty ? read : null;
    }

    // Others are left out, as opam does; whoever locks is told of them.
    static bool IsOfItsShape(Item item) => new PackageFile(Document.Create([item])).Check().IsEmpty;

    /// <summary>Everything that decides what preparing does on a platform: a patch may be for one system only, and a file made of its variables.</summary>
    internal string Stamp(OpamEnvironment platform) =>
        string.Join(
            '\n',
            [
                ToValue().ToString(),
                .. Patches.Where(patch => patch.Filter.Holds(platform.For(Package))).Select(patch => patch.Value),
                .. Substs.Length == 0
                    ? []
                    : platform.Variables.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"),
            ]
        );

    static byte[] Read(RepositoryPackage package, ExtraFile extra)
    {
        var content =
            package.ReadExtra(extra.Name)
            ?? throw new HillingarException(
                "HIL4024",
                $"The repository {package.Repository.Location} has no files/{extra.Name}, which {package} adds to its sources. Update the repository, or tell its maintainers."
            );
        return Hashes.Of(new MemoryStream(content), [extra.Checksum.Kind]).Contains(extra.Checksum)
            ? content
            : throw new HillingarException(
                "HIL4024",
                $"The file files/{extra.Name} of {package} in {package.Repository.Location} does not have the checksum {extra.Checksum}. Update the repository, or tell its maintainers."
            );
    }

    // Text stays readable in a lock that people review; opam's strings cannot hold every byte.
    static string Write(ImmutableArray<byte> content)
    {
        var bytes = content.AsSpan();
        var text = Encoding.UTF8.GetString(bytes);
        return
            !text.Any(c => (char.IsControl(c) && c is not ('\n' or '\t')) || c == '\ufffd')
            && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes)
            ? "text=" + text
            : "base64=" + Convert.ToBase64String(bytes);
    }

    static ImmutableArray<byte> Content(string text)
    {
        if (text.StartsWith("text=", StringComparison.Ordinal))
            return [.. Encoding.UTF8.GetBytes(text[5..])];
        var bytes = new byte[text.Length];
        return text.StartsWith("base64=", StringComparison.Ordinal) && Convert.TryFromBase64String(text[7..], bytes, out var length)
            ? [.. bytes.AsSpan(0, length)]
            : throw new HillingarException(
                "HIL3001",
                "This is no lock that can be restored: in 'x-hillingar-prepared' a file's contents are neither text= nor base64=. Delete the lock and restore again."
            );
    }
}
