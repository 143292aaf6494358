using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Switches;

namespace Hillingar.Build.Realising;

/// <summary>
/// Tells merlin and ocaml-lsp what dune knows of a project's sources. They look for dune beside the sources, and ours builds elsewhere;
/// so each folder of sources gets a <c>.merlin</c> file, which both read first. dune is asked as they ask it, by <c>dune ocaml-merlin</c>
/// (merlin's <c>dot_protocol.mli</c>), since what it writes out for people leaves the flags away.
/// </summary>
static class EditorFiles
{
    const string Mark = "# Written by Hillingar at each build; leave it out of version control.\n";

    /// <summary>Writes the files. One that somebody else wrote is left alone, and so is a folder that cannot be written.</summary>
    public static async Task Write(
        DuneBuild build,
        HostTools tools,
        string projectFolder,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        var sources = build
            .Sources.Where(source =>
                Path.GetExtension(source.File) is ".ml" && source.Path.StartsWith(build.Below, StringComparison.Ordinal)
            )
            .Select(source => (Path: source.Path[build.Below.Length..], source.File))
            .Where(source => Path.GetFullPath(Path.Combine(projectFolder, source.Path)) == Path.GetFullPath(source.File))
            .ToLookup(source => Path.GetDirectoryName(source.Path)!, source => source.Path);
        var place = build.Workspace.For(tools);
        var mirror = Path.Combine(build.Workspace.SourceFolder, build.Below).TrimEnd(Path.DirectorySeparatorChar);
        foreach (var folder in sources)
        {
            var file = Path.Combine(projectFolder, folder.Key, ".merlin");
            if (File.Exists(file) && !File.ReadAllText(file).StartsWith(Mark, StringComparison.Ordinal))
                continue;
            var questions = string.Concat(folder.Select(source => $"(4:File{Atom($"src/{build.Below}{source.Replace('\\', '/')}")})"));
            var command = tools.Dune(["ocaml-merlin", "--root", "."], place).With([]) with { Input = questions };
            var result = await ProcessRunner.Ask(command, cancellation).ConfigureAwait(false);
            try
            {
                if (Lines(Encoding.UTF8.GetBytes(result.Whole), place, mirror, projectFolder) is { Count: > 0 } lines)
                    AtomicFile.WriteText(file, Mark + string.Concat(lines.Select(line => line + "\n")));
                else
                    reporter.Detail($"dune tells nothing of {file} for an editor: {result.Output}{result.Error.Trim()}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                reporter.Detail($"{file} was not written: {exception.Message}");
            }
        }
    }

    static string Atom(string text) => $"{Encoding.UTF8.GetByteCount(text)}:{text}";

    // The modules of a folder share a file, so each gets what all of them get. What older versions do not know, they refuse the file for.
    static List<string> Lines(ReadOnlySpan<byte> answers, BuildPlace place, string mirror, string projectFolder)
    {
        var lines = new List<string>();
        foreach (var words in Lists(answers).Select(words => words.ConvertAll(place.Here)))
        {
            var line = words[0] switch
            {
                "S" when words[1] == mirror => "S " + projectFolder,
                "S" when words[1].StartsWith(mirror + Path.DirectorySeparatorChar, StringComparison.Ordinal) => "S "
                    + Path.Combine(projectFolder, words[1][(mirror.Length + 1)..]),
                "B" or "S" or "STDLIB" or "FLG" => string.Join(' ', words),
                _ => null,
            };
            if (line is not null && !lines.Contains(line))
                lines.Add(line);
        }

        return lines;
    }

    // A directive is (NAME ATOM) or (NAME (ATOM …)) in canonical s-expressions: each atom is its length in bytes, a colon, and itself.
    static List<List<string>> Lists(ReadOnlySpan<byte> answers)
    {
        var directives = new List<List<string>>();
        var (depth, at) = (0, 0);
        while (at < answers.Length)
            switch (answers[at])
            {
                case (byte)'(':
                    // Around an answer, then around each of its directives, then around the words of one.
                    if (++depth == 2)
                        directives.Add([]);
                    at++;
                    break;
                case (byte)')':
                    depth--;
                    at++;
                    break;
                case >= (byte)'0'
                and <= (byte)'9'
                    when answers[at..].IndexOf((byte)':') is var digits and > 0
                        && int.TryParse(answers.Slice(at, digits), out var length)
                        && length <= answers.Length - at - digits - 1:
                    if (depth >= 2)
                        directives[^1].Add(Encoding.UTF8.GetString(answers.Slice(at + digits + 1, length)));
                    at += digits + 1 + length;
                    break;
                default:
                    at++;
                    break;
            }
        return [.. directives.Where(words => words.Count > 1)];
    }
}
