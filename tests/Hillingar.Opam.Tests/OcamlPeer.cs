using System.Text;

namespace Hillingar.Tests;

/// <summary>OCaml's own parser and printer of the format (Debian: libopam-file-format-ocaml-dev, ocaml-findlib), compiled when the first test asks.</summary>
static class OcamlPeer
{
    // Reads paths; for each prints the length of what OpamPrinter makes of the file and the text, or -1 where the file is refused.
    const string Source = """
        let read f = let ic = open_in_bin f in let s = really_input_string ic (in_channel_length ic) in close_in ic; s
        let () =
          try while true do
            let f = input_line stdin in
            match OpamPrinter.FullPos.opamfile (OpamParser.FullPos.string (read f) f) with
            | text -> Printf.printf "%d\n%s\n" (String.length text) text
            | exception _ -> Printf.printf "-1\n\n"
          done with End_of_file -> ()
        """;

    static readonly Lazy<string?> Folder = new(Build);

    static string? Build()
    {
        var folder = Scratch.Create("peer");
        File.WriteAllText(Path.Combine(folder, "peer.ml"), Source);
        try
        {
            Program.Run("ocamlfind", start => start.WorkingDirectory = folder, "ocamlopt", "-package", "opam-file-format", "-linkpkg", "peer.ml", "-o", "peer");
            return folder;
        }
        catch (Xunit.Sdk.XunitException)
        {
            return null;
        }
    }

    /// <summary>What OCaml printed, with the blank escaped that a text of several lines begins with: OCaml's printer loses it.</summary>
    public static string Readable(byte[] printed) =>
        Encoding.UTF8.GetString(printed).Replace("\"\"\"\\\n ", "\"\"\"\\\n\\ ", StringComparison.Ordinal);

    /// <summary>What OCaml prints for each file, or null where it refuses it.</summary>
    public static List<byte[]?> Print(IEnumerable<string> paths)
    {
        Program.Require("ocamlfind");
        Assert.SkipWhen(Folder.Value is null, "needs OCaml's library opam-file-format");
        var output = Path.Combine(Folder.Value!, Guid.NewGuid().ToString("N"));
        Program.Feed("sh", start => start.WorkingDirectory = Folder.Value, string.Join('\n', paths) + "\n", "-c", "./peer > \"$1\"", "sh", output);
        var bytes = File.ReadAllBytes(output);
        var results = new List<byte[]?>();
        for (var position = 0; position < bytes.Length;)
        {
            var line = Array.IndexOf(bytes, (byte)'\n', position);
            var length = int.Parse(Encoding.ASCII.GetString(bytes, position, line - position));
            results.Add(length < 0 ? null : bytes[(line + 1)..(line + 1 + length)]);
            position = line + 2 + Math.Max(length, 0);
        }
        return results;
    }
}
