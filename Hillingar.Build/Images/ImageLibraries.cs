using System.Globalization;
using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Images;

/// <summary>Which library defines a symbol, as the static libraries that dune built say.</summary>
public sealed class ImageLibraries
{
    const int MaxArchive = 1 << 30;
    const string Duniverse = "duniverse";

    const string FirstOfModule = "__code_begin";

    // Modules of the compiler's own libraries beside the standard one, and its runtime's.
    static readonly HashSet<string> s_compiler =
    [
        "Stdlib",
        "Std_exit",
        "Unix",
        "UnixLabels",
        "Thread",
        "ThreadUnix",
        "Mutex",
        "Condition",
        "Event",
        "Semaphore",
        "Str",
        "Dynlink",
        "Bigarray",
        "Profiling",
        "Runtime_events",
    ];

    readonly Dictionary<string, string> _modules = new(StringComparer.Ordinal),
        _functions = new(StringComparer.Ordinal);

    // Static functions and variables of C, by name and source file; null where two libraries have the same.
    readonly Dictionary<(string Name, string File), string?> _statics = [];

    /// <summary>No libraries are known: only names tell.</summary>
    public static ImageLibraries None { get; } = new();

    /// <summary>Reads the libraries of a dune build.</summary>
    /// <param name="build">The folder of one of dune's contexts, <c>_build/default</c>; one that is not there has none.</param>
    /// <param name="cancellation">Stops between two libraries.</param>
    /// <exception cref="HillingarException">HIL5031: a static library is damaged.</exception>
    public static ImageLibraries Read(string build, CancellationToken cancellation = default)
    {
        var libraries = new ImageLibraries();
        if (!Directory.Exists(build))
            return libraries;
        using var folder = ConfinedFolder.Open(
            build,
            (path, why) =>
                new HillingarException(
                    "HIL5031",
                    $"'{Unpacker.Printable(path)}' cannot be read: {Unpacker.Printable(why)}. Build again.",
                    new Place(Path.Combine(build, Unpacker.Printable(path)))
                )
        );
        if (!folder.HasFolder(Duniverse))
            return libraries;
        foreach (
            var archive in folder
                .Walk(Duniverse, cancellation: cancellation)
                .Where(entry => entry.Kind == EntryKind.File && entry.Name.EndsWith(".a", StringComparison.Ordinal))
                .Select(entry => entry.Path)
                .Order(StringComparer.Ordinal)
        )
        {
            cancellation.ThrowIfCancellationRequested();
            var library = archive.Split('/')[1];
            foreach (
                var symbol in Members(folder.ReadBytes(archive, MaxArchive)!, Path.Combine(build, archive))
                    .SelectMany(member => member.Symbols())
            )
                libraries.Add(symbol, library);
        }

        return libraries;
    }

    /// <summary>The library that a symbol belongs to, or null when nothing tells: a static function of C.</summary>
    internal string? Of(ElfSymbol symbol)
    {
        if (symbol.IsGlobal && _functions.TryGetValue(symbol.Name, out var library))
            return library;
        if (Module(symbol.Name) is not { } module)
            return symbol.Name.StartsWith("caml_", StringComparison.Ordinal) ? "ocaml"
                : symbol.IsGlobal ? "(C)"
                : _statics.GetValueOrDefault((symbol.Name, symbol.File!));
        // Lwt_unix__read_123 (or .read_123, since OCaml 5.2) is of Lwt_unix, Dune__exe__Main of itself.
        for (
            var end = module.Length;
            end > 0;
            end = Math.Max(module.LastIndexOf("__", end - 1, StringComparison.Ordinal), module.AsSpan(0, end).LastIndexOfAny('.', '$'))
        )
            if (_modules.TryGetValue(module[..end], out library))
                return library;
        var outer = module.Split("__")[0].Split('.', '$')[0];
        return s_compiler.Contains(outer) || outer.StartsWith("Camlinternal", StringComparison.Ordinal) ? "ocaml" : "(project)";
    }

    static string? Module(string symbol) =>
        symbol.StartsWith("caml", StringComparison.Ordinal) && symbol.Length > 4 && char.IsAsciiLetterUpper(symbol[4]) ? symbol[4..] : null;

    void Add(ElfSymbol symbol, string library)
    {
        if (Module(symbol.Name) is { } module)
        {
            if (module.EndsWith(FirstOfModule, StringComparison.Ordinal))
                _modules.TryAdd(module[..^FirstOfModule.Length], library);
        }
        else if (symbol.IsGlobal)
            _functions.TryAdd(symbol.Name, library);
        else if (!_statics.TryAdd((symbol.Name, symbol.File!), library) && _statics[(symbol.Name, symbol.File!)] != library)
            _statics[(symbol.Name, symbol.File!)] = null;
    }

    // System V's ar: a line of magic; then each member behind a header of 60 bytes, at even offsets.
    static IEnumerable<ElfFile> Members(byte[] bytes, string archive)
    {
        const int header = 60;
        if (!bytes.AsSpan().StartsWith("!<arch>\n"u8))
            yield break;
        for (var at = 8; at <= bytes.Length - header; )
        {
            var text = Encoding.ASCII.GetString(bytes.AsSpan(at + 48, 10)).Trim();
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size > bytes.Length - header - at)
                throw Damaged(at, $"a member has '{text}' bytes");
            if (bytes.AsSpan(at + header, size).StartsWith("\u007fELF"u8))
                yield return new ElfFile(bytes[(at + header)..(at + header + size)], archive);
            at += header + size + (size & 1);
        }

        HillingarException Damaged(int offset, string what) =>
            new("HIL5031", $"The static library is damaged at offset {offset}: {what}. Build again.", new Place(archive));
    }
}
