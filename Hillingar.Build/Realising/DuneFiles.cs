using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>Reading dune files for what they say, where dune itself tells what is wrong with them.</summary>
static class DuneFiles
{
    /// <summary>Those among a project's files that can be read, with their paths.</summary>
    /// <param name="sources">The project's files.</param>
    public static IEnumerable<(string Path, DuneText Text)> Of(IEnumerable<(string Path, string File)> sources) =>
        from source in sources
            .Select(source => (Path: source.Path.Replace('\\', '/'), source.File))
            .OrderBy(source => source.Path, StringComparer.Ordinal)
        where Path.GetFileName(source.Path) == "dune"
        let text = Read(() =>
            new FileInfo(source.File) is { Exists: true, Length: <= DuneText.MaxLength }
                ? DuneText.Parse(File.ReadAllBytes(source.File), source.File)
                : null
        )
        where text is not null
        select (source.Path, text);

    /// <summary>The text, or null where it is none: a program, or what dune has complained of already.</summary>
    public static DuneText? Read(Func<DuneText?> read)
    {
        try
        {
            return read();
        }
        catch (HillingarException)
        {
            return null;
        }
    }
}
