using System.Text;

namespace Hillingar.Build;

/// <summary>The texts of the licences of what is vendored, and a list of what each package states.</summary>
static class Licences
{
    /// <summary>The folder's name.</summary>
    public const string Folder = "LICENSES";

    const int MaxText = 1 << 20;

    static readonly string[] s_beginnings = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

    /// <summary>Writes the folder.</summary>
    public static void Write(UnikernelPublication publication, LockFile locked, Materials materials, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var summary = new StringBuilder($"# Licences of {publication.Name}\n\nAs the locked packages state them; the texts are those that lie at the top of their sources.\n\n| package | licence | texts |\n| --- | --- | --- |\n");
        foreach (var file in Texts(publication.Folder))
            UnikernelPublisher.Copy(file, Path.Combine(folder, Path.GetFileName(file)), isProgram: false);
        foreach (var source in locked.Duniverse.OrderBy(source => source.Folder, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var file in Texts(Path.Combine(publication.Duniverse, source.Folder)))
                UnikernelPublisher.Copy(file, Path.Combine(folder, source.Folder, Path.GetFileName(file)), isProgram: false);
        }

        foreach (var material in materials.Packages)
        {
            var texts = material.Source is { } source ? Texts(Path.Combine(publication.Duniverse, source.Folder)).Select(file => $"{source.Folder}/{Path.GetFileName(file)}") : ["not vendored"];
            summary.Append("| ").Append(material.Package).Append(" | ").Append(Cell(material.Licences)).Append(" | ").Append(Cell(texts)).Append(" |\n");
        }

        File.WriteAllText(Path.Combine(folder, "README.md"), summary.ToString());
    }

    static string Cell(IEnumerable<string> words) => string.Join(", ", words.DefaultIfEmpty("not stated")).ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    static List<string> Texts(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(file => file.Length <= MaxText && PortableName.Fault(file.Name) is null && s_beginnings.Any(beginning => file.Name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)))
            .Select(file => file.FullName).Order(StringComparer.Ordinal)];
}
