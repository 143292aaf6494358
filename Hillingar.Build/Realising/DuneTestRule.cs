using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>A rule that dune runs for its alias <c>runtest</c>.</summary>
/// <param name="Folder">The folder of its dune file, below the sources; empty for that of the sources.</param>
/// <param name="Program">What dune calls it: the program that it runs.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Words">The words of it, among them the files that it compares.</param>
sealed record DuneTestRule(string Folder, string Program, Place Place, IReadOnlySet<string> Words)
{
    /// <summary>The name of its result.</summary>
    public string Name => Folder.Length == 0 ? Program : $"{Folder}/{Program}";

    /// <summary>The rules of a project's dune files, in the order of the files; what only <c>include</c> or OCaml makes is known when it runs.</summary>
    /// <param name="sources">The project's files.</param>
    public static IEnumerable<DuneTestRule> Of(IEnumerable<(string Path, string File)> sources)
    {
        foreach (var (path, text) in DuneFiles.Of(sources))
        {
            var folder = path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "";
            foreach (var stanza in text.Stanzas)
            foreach (var program in Programs(stanza))
                yield return new(folder, program, text.PlaceOf(stanza.Start), stanza.Atoms.Select(atom => atom.Text!).ToHashSet());
        }
    }

    static IEnumerable<string> Programs(DuneNode stanza) =>
        stanza.Head switch
        {
            "test" or "tests" => (stanza.Field("name") ?? stanza.Field("names"))?.Items.Skip(1).Select(item => item.Text).OfType<string>()
                ?? [],
            "rule" when stanza.Value("alias") == "runtest" || stanza.Field("aliases")?.Atoms.Any(atom => atom.Text == "runtest") == true =>
            [
                Action(stanza),
            ],
            "alias" when stanza.Value("name") == "runtest" && stanza.Field("action") is not null => [Action(stanza)],
            _ => [],
        };

    // ./t.exe, %{exe:t.exe}, %{dep:t.exe}
    static string Action(DuneNode stanza)
    {
        var words = stanza.Atoms.Select(atom => atom.Text!).ToList();
        var verb = words.FindIndex(word => word is "run" or "diff" or "diff?" or "cmp");
        if (verb < 0 || verb + 1 == words.Count)
            return "runtest";
        var named = words[verb + 1];
        return words[verb] == "run" ? Path.GetFileNameWithoutExtension(named.TrimEnd('}').Split(':')[^1]) : $"diff {named}";
    }
}
