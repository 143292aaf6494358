using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO.Enumeration;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Syntax;

namespace Hillingar.Conformance;

/// <summary>Reads opam files and prints them again from their trees.</summary>
static class ParseVerb
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "The folder below which every file named opam or *.opam is read." };
        var verb = new Command("parse", "Parses opam files and prints them back byte for byte.") { folder };
        verb.SetAction(parsed => Run(parsed.GetRequiredValue(folder)));
        return verb;
    }

    static int Run(DirectoryInfo folder)
    {
        var watch = Stopwatch.StartNew();
        var (found, parsed, identical) = (0, 0, 0);
        // A link is followed to a file, not to a folder: the walk ends.
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
        foreach (var path in Files(folder.FullName, options))
        {
            found++;
            try
            {
                var source = File.ReadAllBytes(path);
                var document = Document.Parse(source, path);
                parsed++;
                if (document.Reprint().AsSpan().SequenceEqual(source))
                    identical++;
                else
                    Console.WriteLine($"{path}: is printed otherwise");
            }
            catch (HillingarException e)
            {
                Console.WriteLine(e.Diagnostic);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.WriteLine($"{path}: {e.Message}");
            }
        }
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"parsed {parsed} of {found}, reprinted {identical} of {found} identical, {seconds:f2} s, {found / seconds:f0} files/s"));
        return parsed < found || identical < found ? 1 : 0;
    }

    static FileSystemEnumerable<string> Files(string folder, EnumerationOptions options) => new(
        folder, (ref entry) => entry.ToFullPath(), options)
    {
        ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && (entry.FileName.SequenceEqual("opam") || entry.FileName.EndsWith(".opam", StringComparison.Ordinal)),
        ShouldRecursePredicate = (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    };
}
