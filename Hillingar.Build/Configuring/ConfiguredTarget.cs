using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Requests;
using Hillingar.Build.Switches;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Configuring;

/// <summary>What <c>mirage configure</c> wrote for a target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Folder">The folder that it was written into, in the layout of mirage 4 (<c>functoria/lib.ml</c>).</param>
sealed record ConfiguredTarget(string Target, string Folder)
{
    // What mirage's own Makefile builds by; we lock, vendor and build ourselves.
    static readonly string[] s_notBuilt = ["Makefile", "dune-workspace"],
        s_notBuiltBelow = ["dune.config", "mirage/context", "mirage/dune-workspace.config", Described];

    // What 'mirage describe' said, beside what mirage wrote.
    const string Described = "mirage/described";
    const int MaxRead = 1 << 20;

    /// <summary>The folder of <c>config.ml</c> below it, with a slash at its end; empty for the folder itself.</summary>
    public string Below { get; init; } = "";

    /// <summary>What a target of a project is configured as, be it there or not.</summary>
    /// <param name="request">The project.</param>
    /// <param name="folder">The folder that holds a folder for each target.</param>
    /// <param name="target">The target.</param>
    public static ConfiguredTarget Of(Request request, string folder, string target) =>
        new(target, Path.Combine(folder, target)) { Below = request.ConfigFolder };

    /// <summary>The file that is there when a target is configured.</summary>
    public static string StampOf(string folder, string target) => Path.Combine(folder, target + ".stamp");

    // It ran config.ml, which may be anybody's.
    ConfinedFolder Open() =>
        ConfinedFolder.Open(
            Folder,
            (path, why) =>
                new HillingarException(
                    "HIL5071",
                    $"mirage configured {Target}, and '{Unpacker.Printable(path)}' of what it wrote into {Folder} is refused: {Unpacker.Printable(why)}. Look at what config.ml does."
                )
        );

    /// <summary>The files that dune needs, by their paths below the folder.</summary>
    /// <exception cref="HillingarException">HIL5071: there is something else than files and folders.</exception>
    public IReadOnlyList<string> Files
    {
        get
        {
            using var folder = Open();
            return
            [
                .. folder
                    .Walk()
                    .Where(entry => entry.Kind != EntryKind.Folder)
                    .Select(entry => entry.Kind == EntryKind.File ? entry.Path : throw folder.Refuse(entry.Path, "it is no file"))
                    .Where(path =>
                        !s_notBuilt.Contains(path)
                        && !s_notBuiltBelow.Any(name => path == Below + name)
                        && !path.EndsWith(".opam", StringComparison.Ordinal)
                        && !path.StartsWith(Below + "dist/", StringComparison.Ordinal)
                    )
                    .Order(StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>dune's contexts with their stanzas.</summary>
    public IReadOnlyList<(string Name, string Stanza)> Contexts
    {
        get
        {
            using var folder = Open();
            var text =
                DuneText.Read(folder, "dune-workspace", Path.Combine(Folder, "dune-workspace"))
                ?? throw folder.Refuse("dune-workspace", "it is not there");
            return [.. text.Stanzas.Where(stanza => stanza.Head == "context").Select(stanza => (NameOf(stanza), text.Of(stanza)))];
        }
    }

    /// <summary>The package that mirage describes: what the target depends on. opam-monorepo is left out, whose work we do.</summary>
    /// <param name="unikernel">What the project calls the unikernel, after which the package is named: <c>config.ml</c> may call it otherwise.</param>
    /// <exception cref="HillingarException">HIL5071: there is none. Of the 1000s: it cannot be read.</exception>
    public PackageFile Package(string unikernel)
    {
        using var folder = Open();
        var mirage = Below + "mirage";
        var files = folder.HasFolder(mirage)
            ? folder.Walk(mirage, enter: _ => false).Where(entry => entry.Name.EndsWith(".opam", StringComparison.Ordinal)).ToList()
            : [];
        if (files is not [{ Kind: EntryKind.File } file])
            throw new HillingarException(
                "HIL5071",
                $"mirage configured {Target} and left {files.Count} opam files in {Path.Combine(Folder, mirage)}, where one was expected. Choose a mirage of version 4: OpamDependency Include=\"mirage\"."
            );
        var path = Path.Combine(Folder, file.Path);
        var read = LocalRepository.Read(path, Roots.Version);
        var writer = new PackageWriter();
        foreach (var item in read.Document.Items)
            writer.Add(
                item is Field { Name: "depends" or "x-opam-monorepo-opam-provided", Value: ListValue list } field
                    ? new Field(field.Name, Make.List(list.Items.Where(value => Named(value) != HostUses.Replaced)))
                    : item
            );
        return new PackageFile(
            Document.Parse(writer.ToString(), path),
            new OpamPackage(new PackageName($"{unikernel}-{Target}"), read.Version!.Value)
        );
    }

    /// <summary>Keeps what <c>mirage describe</c> said.</summary>
    public void Remember(string described)
    {
        using var folder = Open();
        folder.Write(Below + Described, Encoding.UTF8.GetBytes(described));
    }

    /// <summary>What mirage knows of the unikernel.</summary>
    /// <param name="unikernel">What the project calls it.</param>
    /// <param name="sources">The text of a module's source by the file's name, such as <c>unikernel.ml</c>; null where there is none.</param>
    /// <exception cref="HillingarException">As of <see cref="Package"/>.</exception>
    public MirageDescription Describe(string unikernel, Func<string, string?> sources)
    {
        using var folder = Open();
        return new MirageDescription(Target)
        {
            Keys = DescriptionReader.Keys(Text(Described)),
            Devices = DescriptionReader.Devices(Text("mirage/manifest.json")),
            Packages =
            [
                .. Package(unikernel).Document.Elements("depends").Select(value => value.ToString()!).Order(StringComparer.Ordinal),
            ],
            Arguments = DescriptionReader.Arguments(Text("mirage/main.ml"), sources),
        };

        string Text(string path) => Encoding.UTF8.GetString(folder.ReadBytes(Below + path, MaxRead) ?? []);
    }

    static string? Named(Value value) =>
        value switch
        {
            OptionValue { Value: StringValue name } => name.Text,
            StringValue name => name.Text,
            _ => null,
        };

    // (context default), (context (default (name solo5) …))
    static string NameOf(DuneNode stanza) =>
        stanza.Items is [_, { Text: null } described, ..] ? described.Value("name") ?? described.Head ?? "default" : "default";
}
