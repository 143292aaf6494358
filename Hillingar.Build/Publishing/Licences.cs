using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Publishing;

/// <summary>The texts of the licences of what is vendored, and a list of what each package states.</summary>
static class Licences
{
    /// <summary>The folder's name.</summary>
    public const string Folder = "LICENSES";

    const int MaxText = 1 << 20;

    static readonly string[] s_beginnings = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

    /// <summary>Writes the folder.</summary>
    public static void Write(
        UnikernelPublication publication,
        LockFile locked,
        Materials materials,
        string folder,
        CancellationToken cancellation
    )
    {
        Directory.CreateDirectory(folder);
        var summary = new StringBuilder(
            $"# Licences of {MarkdownText.Plain(publication.Name)}\n\nAs the locked packages state them; the texts are those that lie at the top of their sources.\n\n| package | licence | texts |\n| --- | --- | --- |\n"
        );
        using (var own = Open(publication.Folder))
            Copy(own, "", folder, cancellation);
        using var duniverse = Open(publication.Duniverse);
        foreach (var source in locked.Duniverse.OrderBy(source => source.Folder, StringComparer.Ordinal))
            Copy(duniverse, source.Folder, Path.Combine(folder, source.Folder), cancellation);

        foreach (var material in materials.Packages)
        {
            var texts = material.Source is { } source ? Texts(duniverse, source.Folder) : ["not vendored"];
            summary
                .Append("| ")
                .Append(MarkdownText.Plain($"{material.Package}"))
                .Append(" | ")
                .Append(Cell(material.Licences))
                .Append(" | ")
                .Append(Cell(texts))
                .Append(" |\n");
        }

        File.WriteAllText(Path.Combine(folder, "README.md"), summary.ToString());
    }

    static string Cell(IEnumerable<string> words) => MarkdownText.Plain(string.Join(", ", words.DefaultIfEmpty("not stated")));

    static void Copy(ConfinedFolder sources, string path, string folder, CancellationToken cancellation)
    {
        foreach (var file in Texts(sources, path))
        {
            Directory.CreateDirectory(folder);
            var place = Path.Combine(folder, Path.GetFileName(file));
            sources.CopyOut(file, place, cancellation);
            UnikernelPublisher.SetMode(place, isProgram: false);
        }
    }

    static ConfinedFolder Open(string folder) =>
        ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException(
                    "HIL5041",
                    $"'{Unpacker.Printable(path)}' in '{folder}' cannot be published: {Unpacker.Printable(why)}. Restore and build, then publish."
                )
        );

    // What lies at the top, links left out.
    static List<string> Texts(ConfinedFolder sources, string folder) =>
        [
            .. sources
                .Walk(folder, enter: _ => false)
                .Where(file =>
                    file.Kind == EntryKind.File
                    && file.Length <= MaxText
                    && PortableName.Fault(file.Name) is null
                    && s_beginnings.Any(beginning => file.Name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                )
                .Select(file => file.Path)
                .Order(StringComparer.Ordinal),
        ];
}
