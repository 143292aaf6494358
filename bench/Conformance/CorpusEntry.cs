using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Conformance;

/// <summary>A unikernel that somebody has written: a line of a list, its cells separated by tabs.</summary>
/// <param name="Repository">Its repository, as GitHub names it (<c>OWNER/NAME</c>), or an address.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Folder">The folder that a project for it is put into, below the repository's.</param>
/// <param name="Config">mirage's configuration, below that folder.</param>
/// <param name="Targets">The targets.</param>
/// <param name="Keys">The keys that it is configured with.</param>
/// <param name="Boot">What shows that it has started.</param>
/// <param name="Arguments">What it is told when it starts.</param>
sealed record CorpusEntry(string Repository, string Commit, string Folder, string Config, IReadOnlyList<string> Targets, IReadOnlyList<MirageKey> Keys, BootSign Boot, IReadOnlyList<string> Arguments)
{
    const int Cells = 7;

    /// <summary>What people call it: the repository, and the folder where it has several.</summary>
    public string Name => Folder.Length == 0 ? Repository : $"{Repository} {Folder}";

    /// <summary>The address that it is cloned from where nothing nearer has it.</summary>
    public string Address => Repository.Contains(':', StringComparison.Ordinal) ? Repository : $"https://github.com/{Repository}.git";

    /// <summary>Reads a list. Empty lines, and those that begin with <c>#</c>, say nothing.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HillingarException">HIL1003: a line has not the shape of one.</exception>
    public static IReadOnlyList<CorpusEntry> Read(string path) =>
        [.. File.ReadLines(path).Select((text, at) => (text, at)).Where(line => line.text.Trim().Length > 0 && line.text[0] != '#').Select(line => Parse(line.text, new Place(path, line.at + 1)))];

    static CorpusEntry Parse(string line, Place place)
    {
        var cells = line.Split('\t', StringSplitOptions.TrimEntries);
        if (cells.Length is < 4 or > Cells)
            throw Fault($"has {cells.Length} cells. Write repository, commit, folder and targets, and where they are needed keys, boot and arguments, with tabs between them.");
        cells = [.. cells, .. Enumerable.Repeat("", Cells - cells.Length)];
        var (folder, config) = cells[2].Split(':') is [var first, var second] ? (first, second) : (cells[2], Request.DefaultConfig);
        // Both become paths below a folder of ours.
        if (new[] { folder, config }.Any(path => Path.IsPathRooted(path) || path.Split('/').Contains("..")))
            throw Fault($"names the folder '{cells[2]}', which is none below the repository's. Write FOLDER, or FOLDER:CONFIG.");
        if (!cells[1].All(char.IsAsciiHexDigitLower) || cells[1].Length != 40)
            throw Fault($"names the commit '{cells[1]}'. Write all 40 digits: a branch may be another commit tomorrow.");
        return new(cells[0], cells[1], folder == "." ? "" : folder, config, Words(cells[3], ';'),
            [.. Words(cells[4], ' ').Select(key => key.Split('=', 2)).Select(key => new MirageKey(key[0], key.ElementAtOrDefault(1) ?? "", ""))],
            BootSign.Parse(cells[5]) ?? throw Fault($"says of its boot '{cells[5]}'. Write one of {BootSign.Forms}."), Words(cells[6], ' '));

        HillingarException Fault(string what) => new("HIL1003", $"A line of the list of unikernels {what}", place);
    }

    static string[] Words(string cell, char separator) => cell.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
