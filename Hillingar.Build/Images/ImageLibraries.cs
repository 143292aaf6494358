using System.Buffers.Binary;
using System.Text;

namespace Hillingar.Build;

/// <summary>Which library defines a symbol, as the static libraries that dune built say.</summary>
public sealed class ImageLibraries
{
    const int MaxIndex = 256 << 20;

    // Modules of the compiler's own libraries beside the standard one, and its runtime's.
    static readonly HashSet<string> s_compiler =
    [
        "Stdlib", "Std_exit", "Unix", "UnixLabels", "Thread", "ThreadUnix", "Mutex", "Condition", "Event", "Semaphore", "Str", "Dynlink", "Bigarray", "Profiling", "Runtime_events",
    ];

    readonly Dictionary<string, string> _modules = new(StringComparer.Ordinal), _functions = new(StringComparer.Ordinal);

    /// <summary>No libraries are known: only names tell.</summary>
    public static ImageLibraries None { get; } = new();

    /// <summary>Reads the libraries of a dune build.</summary>
    /// <param name="build">The folder of one of dune's contexts, <c>_build/default</c>; one that is not there has none.</param>
    /// <param name="cancellation">Stops between two libraries.</param>
    /// <exception cref="HillingarException">HIL5031: a static library is damaged.</exception>
    public static ImageLibraries Read(string build, CancellationToken cancellation = default)
    {
        var libraries = new ImageLibraries();
        var duniverse = Path.Combine(build, "duniverse");
        if (!Directory.Exists(duniverse))
            return libraries;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var archive in Directory.EnumerateFiles(duniverse, "*.a", options).Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var library = Path.GetRelativePath(duniverse, archive).Split(Path.DirectorySeparatorChar)[0];
            foreach (var symbol in Index(archive))
                if (Module(symbol) is { } module && module.EndsWith("__code_begin", StringComparison.Ordinal))
                    libraries._modules.TryAdd(module[..^"__code_begin".Length], library);
                else if (!symbol.StartsWith("caml", StringComparison.Ordinal) || Module(symbol) is null)
                    libraries._functions.TryAdd(symbol, library);
        }

        return libraries;
    }

    /// <summary>The library that a symbol belongs to, or null when nothing tells: a static function of C.</summary>
    internal string? Of(string symbol, bool isGlobal)
    {
        if (_functions.TryGetValue(symbol, out var library))
            return library;
        if (Module(symbol) is not { } module)
            return symbol.StartsWith("caml_", StringComparison.Ordinal) ? "ocaml" : isGlobal ? "(C)" : null;
        // Lwt_unix__read_123 (or .read_123, since OCaml 5.2) is of Lwt_unix, Dune__exe__Main of itself.
        for (var end = module.Length; end > 0; end = Math.Max(module.LastIndexOf("__", end - 1, StringComparison.Ordinal), module.AsSpan(0, end).LastIndexOfAny('.', '$')))
            if (_modules.TryGetValue(module[..end], out library))
                return library;
        var outer = module.Split("__")[0].Split('.', '$')[0];
        return s_compiler.Contains(outer) || outer.StartsWith("Camlinternal", StringComparison.Ordinal) ? "ocaml" : "(project)";
    }

    static string? Module(string symbol) => symbol.StartsWith("caml", StringComparison.Ordinal) && symbol.Length > 4 && char.IsAsciiLetterUpper(symbol[4]) ? symbol[4..] : null;

    // The first member of a static library is its index (System V's ar): a count and offsets, big-endian, then the names.
    static List<string> Index(string archive)
    {
        using var stream = File.OpenRead(archive);
        var header = new byte[68];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.AsSpan().StartsWith("!<arch>\n/ "u8))
            return [];
        var text = Encoding.ASCII.GetString(header.AsSpan(56, 10)).Trim();
        if (!int.TryParse(text, out var size) || size is < 4 or > MaxIndex || size > stream.Length - header.Length)
            throw Damaged();
        var index = new byte[size];
        stream.ReadExactly(index);
        var count = BinaryPrimitives.ReadUInt32BigEndian(index);
        if (count > (size - 4) / 4)
            throw Damaged();
        return [.. Encoding.Latin1.GetString(index.AsSpan(4 + (int)count * 4)).Split('\0', StringSplitOptions.RemoveEmptyEntries)];

        HillingarException Damaged() => new("HIL5031", $"The static library is damaged at offset 8: its index has {text} bytes. Build again.", new Place(archive));
    }
}
