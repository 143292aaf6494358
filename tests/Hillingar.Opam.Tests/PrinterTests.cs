using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

public class PrinterTests
{
    [Fact]
    public void Every_file_is_laid_out_as_OCaml_lays_it_out()
    {
        var files = Directory.GetFiles(Corpus.Folder(Corpus.Repository), "opam", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Corpus.Folder(Corpus.Overlays), "opam", SearchOption.AllDirectories)).ToArray();
        if (!TestData.Full)
            files = [.. files.Where((_, i) => i % 5 == 0)];
        var theirs = OcamlPeer.Print(files);
        Assert.Equal(files.Length, theirs.Count);
        for (var i = 0; i < files.Length; i++)
            Assert.Equal($"{files[i]}\n{OcamlPeer.Readable(theirs[i]!)}\n", $"{files[i]}\n{Document.Read(files[i]).Print()}");
    }

    [Fact]
    public void Locks_are_laid_out_as_opam_monorepo_wrote_them()
    {
        var locks = Directory.GetFiles(TestData.Require("monorepo-cases"), "*.locked", SearchOption.AllDirectories);
        Assert.NotEmpty(locks);
        foreach (var path in locks)
        {
            var text = File.ReadAllText(path);
            var document = Document.Parse(text, path);
            Assert.Equal(text, document.Print());

            // The same from the meaning alone: fields in any order, formulas and filters built anew.
            var file = new PackageFile(document);
            var writer = new PackageWriter();
            foreach (var field in document.Items.OfType<Field>().Reverse())
                writer.Add(field.Name switch
                {
                    "depends" => new Field(field.Name, file.Depends.ToValue()),
                    "depexts" => new Field(field.Name, Make.List(file.Depexts.Select(depext => Make.Strings(depext.Value).When(depext.Filter)))),
                    "pin-depends" => new Field(field.Name, Make.List(file.PinDepends.Select(pin => Make.Strings(pin.Package.ToString(), pin.Url)))),
                    _ => field,
                });
            Assert.Equal(text, writer.ToString());
        }
    }

    [Fact]
    public void Formulas_are_written_as_they_were_read()
    {
        var compared = 0;
        foreach (var (path, content) in Corpus.Files(Corpus.Repository, "/opam"))
        {
            if (!TestData.Full && compared++ % 10 != 0)
                continue;
            var file = new PackageFile(Document.Parse(content, path));
            Assert.Equal(Show(file.Depends), Show(Again("depends", file.Depends.ToValue()).Depends));
            Assert.Equal(Show(file.Depopts), Show(Again("depopts", file.Depopts.ToDisjunctionValue()).Depopts));
            Assert.Equal(Show(file.Conflicts), Show(Again("conflicts", file.Conflicts.ToDisjunctionValue()).Conflicts));
            Assert.Equal($"{file.Available}", $"{Again("available", file.Available.ToValue()).Available}");
        }

        // Parentheses that change nothing come and go, as in opam: those of a & (b & c), and of !(x = y).
        static string Show(Formula<FilteredPackage> formula) => formula.PartialEvaluate(OpamEnvironment.Empty).ToString();

        static PackageFile Again(string name, Value value) => new(Document.Parse(new Field(name, value).ToString()));
    }

    [Fact]
    public void New_files_please_opam_lint_and_read_back_equal()
    {
        Program.Require("opam");
        using var folder = new TestFolder();
        var depends = (ListValue)Document.ParseValue("""["ocaml" {>= "4.14"} "dune" {>= "3.0" & build} ("lwt" {< "6" | > "7" & !dev} | "async") "alcotest" {with-test}]""");
        var writer = new PackageWriter()
            .Add("synopsis", "A \"quoted\" thing")
            .Add("description", "Two lines\nwith a \\ and \"\"\" in them.")
            .Add("maintainer", "Somebody <somebody@example.org>")
            .Add("authors", "Somebody", "Somebody else")
            .Add("license", "MIT")
            .Add("homepage", "https://example.org")
            .Add("bug-reports", "https://example.org/issues")
            .Add("dev-repo", "git+https://example.org/thing.git")
            .Add("x-maintenance-intent", Make.Strings("(latest)"))
            .Add("available", Document.ParseValue("os != \"win32\" & arch = \"x86_64\""))
            .Add("build", Document.ParseValue("""[["dune" "build" "-p" name "-j" jobs] ["dune" "runtest"] {with-test}]"""))
            .Add(new SourceUrl("https://example.org/thing-1.0.tbz", [new(ChecksumKind.Sha256, new string('0', 64))], []))
            .Add("depends", depends);
        var path = folder.Write("thing.opam", writer.ToString());
        Program.Run("opam", null, "lint", "--strict", path);
        Assert.True(Item.Equal(writer.ToDocument().Items, Document.Read(path).Items));
        Assert.True(Value.Equal(depends, PackageFile.Read(path).Depends.ToValue()));
    }
}
