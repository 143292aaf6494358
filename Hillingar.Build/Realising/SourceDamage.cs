using System.Text;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>What editors and git leave in a source, at which compilers stumble in words that name neither.</summary>
static class SourceDamage
{
    /// <summary>The error that a file's own errors stand for; null where it has no such damage.</summary>
    /// <param name="file">A file of the project's.</param>
    public static Diagnostic? Of(string file)
    {
        var bytes = File.ReadAllBytes(file);
        if (MergeMarks.Find(Encoding.Latin1.GetString(bytes)) is var (line, told))
            return new Diagnostic(Severity.Error, "HIL5010", $"The file has {told}.", new Place(file, line, 1));
        return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble)
            ? new Diagnostic(
                Severity.Error,
                "HIL5010",
                "The file begins with a byte order mark, which OCaml does not read. Save it as UTF-8 without one.",
                new Place(file, 1, 1)
            )
            : null;
    }
}
