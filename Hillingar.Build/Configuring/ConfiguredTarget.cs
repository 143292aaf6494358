using Hillingar.Opam;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build;

/// <summary>What <c>mirage configure</c> wrote for a target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Folder">The folder that it was written into, in the layout of mirage 4 (<c>functoria/lib.ml</c>).</param>
sealed record ConfiguredTarget(string Target, string Folder)
{
    // What mirage's own Makefile builds by; we lock, vendor and build ourselves.
    static readonly string[] s_notBuilt = ["Makefile", "dune.config", "dune-workspace", "config.ml", "mirage/context", "mirage/dune-workspace.config"];

    /// <summary>The files that dune needs, by their paths below the folder.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/'))
        .Where(path => !s_notBuilt.Contains(path) && !path.EndsWith(".opam", StringComparison.Ordinal) && !path.StartsWith("dist/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    /// <summary>dune's contexts with their stanzas.</summary>
    public IReadOnlyList<(string Name, string Stanza)> Contexts
    {
        get
        {
            var text = DuneText.Read(Path.Combine(Folder, "dune-workspace"), Path.Combine(Folder, "dune-workspace"));
            return [.. text.Stanzas.Where(stanza => stanza.Head == "context").Select(stanza => (NameOf(stanza), text.Of(stanza)))];
        }
    }

    /// <summary>The package that mirage describes: what the target depends on. opam-monorepo is left out, whose work we do.</summary>
    /// <exception cref="HillingarException">HIL5071: there is none. Of the 1000s: it cannot be read.</exception>
    public PackageFile Package()
    {
        var files = Directory.GetFiles(Path.Combine(Folder, "mirage"), "*.opam");
        if (files is not [var path])
            throw new HillingarException("HIL5071", $"mirage configured {Target} and left {files.Length} opam files in {Path.Combine(Folder, "mirage")}, where one was expected. Choose a mirage of version 4: OpamDependency Include=\"mirage\".");
        var read = LocalRepository.Read(path, Roots.Version);
        // mirage names it after the target only where it was not told what the image is called.
        var name = read.Name!.Value.Text is var written && written.EndsWith("-" + Target, StringComparison.Ordinal) ? written : $"{written}-{Target}";
        var writer = new PackageWriter();
        foreach (var item in read.Document.Items)
            writer.Add(item is Field { Name: "depends" or "x-opam-monorepo-opam-provided", Value: ListValue list } field
                ? new Field(field.Name, Make.List(list.Items.Where(value => Named(value) != "opam-monorepo"))) : item);
        return new PackageFile(Document.Parse(writer.ToString(), path), new OpamPackage(new PackageName(name), read.Version!.Value));
    }

    static string? Named(Value value) => value switch
    {
        OptionValue { Value: StringValue name } => name.Text,
        StringValue name => name.Text,
        _ => null,
    };

    // (context default), (context (default (name solo5) …))
    static string NameOf(DuneNode stanza) => stanza.Items is [_, { Text: null } described, ..] ? described.Value("name") ?? described.Head ?? "default" : "default";
}
