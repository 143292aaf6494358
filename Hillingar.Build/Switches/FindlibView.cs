using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Storage;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Switches;

/// <summary>
/// What findlib, and dune with it, is to find of a prefix that holds more: libraries that are to come from the duniverse must be missing
/// by their names where they are missing there. findlib's files are copied with a folder of links in place of the prefix's libraries.
/// </summary>
static partial class FindlibView
{
    const string Configuration = "findlib.conf";
    const int MaxConfiguration = 1 << 20;

    /// <summary>Makes the view where it is not there yet.</summary>
    /// <param name="layout">The prefix.</param>
    /// <param name="libraries">What of its <c>lib/</c> is to be found.</param>
    /// <param name="views">The folder in which views are kept.</param>
    /// <returns>What is to be set for programs that are to look through it; nothing where the prefix has no findlib.</returns>
    public static ImmutableArray<VariableUpdate> Of(SwitchLayout layout, IReadOnlyList<string> libraries, string views)
    {
        var all = layout.Folder("lib")!;
        if (!Directory.Exists(layout.Prefix))
            return [];
        using var prefix = ConfinedFolder.Open(
            layout.Prefix,
            (path, why) =>
                new HillingarException(
                    "HIL5061",
                    $"findlib's file '{Unpacker.Printable(path)}' is refused: {Unpacker.Printable(why)}. Tell the package's maintainers.",
                    new Place(Path.Combine(layout.Prefix, Unpacker.Printable(path)))
                )
        );
        using var lib = prefix.HasFolder("lib") ? prefix.Folder("lib") : null;
        if (lib?.Look(Configuration) is null)
            return [];
        const string toolchains = Configuration + ".d";
        var files = (
            lib.HasFolder(toolchains)
                ? lib.Walk(toolchains, depth: 1)
                    .Select(entry => entry.Path)
                    .Where(path => path.EndsWith(".conf", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal)
                : Enumerable.Empty<string>()
        )
            .Prepend(Configuration)
            .Select(path => (Path: path, Text: Encoding.UTF8.GetString(lib.ReadBytes(path, MaxConfiguration, throughLinks: true) ?? [])))
            .ToList();
        var hostTools = HostTools([.. files.Select(file => file.Text)]);
        var folder = Path.Combine(
            views,
            Hashes.OfText(
                PackageKey.Text([
                    [all],
                    libraries,
                    [hostTools],
                    .. files.Select(file => new[] { file.Path, file.Text }),
                ])
            )
        );
        var conf = Path.Combine(folder, Configuration);
        if (!File.Exists(conf))
        {
            var making = AtomicFile.Beside(folder);
            Directory.CreateDirectory(Path.Combine(making, "lib"));
            foreach (var library in libraries.Where(name => lib.Look(name) is not null))
                File.CreateSymbolicLink(Path.Combine(making, "lib", library), Path.Combine(all, library));
            foreach (var (path, text) in files)
                AtomicFile.WriteText(
                    Path.Combine(making, path),
                    Elsewhere(text, all, Path.Combine(folder, "lib")) + (path == Configuration ? hostTools : "")
                );
            AtomicFile.ReplaceFolder(making, folder);
        }

        SwitchStore.Touch(folder);
        return [new("OCAMLFIND_CONF", UpdateOperator.Set, conf)];
    }

    /// <summary>
    /// Makes a view of the machine's own findlib that knows the toolchains of a switch as well: those are files in the folder beside
    /// findlib's configuration, and the machine's is not that of the switch.
    /// </summary>
    /// <param name="machine">The configuration of the machine's findlib.</param>
    /// <param name="folder">Where the switch's files are.</param>
    /// <param name="views">The folder in which views are kept.</param>
    /// <returns>The view's configuration; null where the switch has no toolchain.</returns>
    public static string? OfMachine(string machine, string folder, string views)
    {
        const string toolchains = "lib/" + Configuration + ".d";
        using var prefix = ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException(
                    "HIL5061",
                    $"findlib's file '{Unpacker.Printable(path)}' is refused: {Unpacker.Printable(why)}. Tell the package's maintainers.",
                    new Place(Path.Combine(folder, Unpacker.Printable(path)))
                )
        );
        if (!prefix.HasFolder("lib") || !prefix.HasFolder(toolchains))
            return null;
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.Exists(machine + ".d") ? Directory.GetFiles(machine + ".d", "*.conf") : [])
            files[Path.GetFileName(path)] = File.ReadAllText(path);
        foreach (
            var entry in prefix
                .Walk(toolchains, depth: 1)
                .Where(entry => entry.Kind == EntryKind.File && entry.Name.EndsWith(".conf", StringComparison.Ordinal))
        )
            files[entry.Name] = Encoding.UTF8.GetString(prefix.ReadBytes(entry.Path, MaxConfiguration) ?? []);
        var own = File.ReadAllText(machine);
        var text = own + HostTools([own, .. files.Values]);
        var view = Path.Combine(
            views,
            Hashes.OfText(
                PackageKey.Text([
                    [text],
                    .. files.Select(file => new[] { file.Key, file.Value }),
                ])
            )
        );
        var conf = Path.Combine(view, Configuration);
        if (!File.Exists(conf))
        {
            var making = AtomicFile.Beside(view);
            Directory.CreateDirectory(Path.Combine(making, Configuration + ".d"));
            AtomicFile.WriteText(Path.Combine(making, Configuration), text);
            foreach (var (name, content) in files)
                AtomicFile.WriteText(Path.Combine(making, Configuration + ".d", name), content);
            AtomicFile.ReplaceFolder(making, view);
        }

        SwitchStore.Touch(view);
        return conf;
    }

    // A tool that is named for a toolchain only is, for this machine, one without a name to dune (Dune_findlib.Config.tool), which fails at that since 3.24.
    static string HostTools(IReadOnlyList<string> texts)
    {
        var tools = texts
            .SelectMany(text => Tool().Matches(text))
            .ToLookup(match => match.Groups["toolchain"].Length > 0, match => match.Groups["name"].Value);
        return string.Concat(tools[true].Except(tools[false]).Order(StringComparer.Ordinal).Select(name => $"\n{name}=\"{name}\"\n"));
    }

    // ocamlc(solo5) = "/…/ocamlc", or ocamlc="ocamlc.opt"
    [GeneratedRegex(@"^\s*(?<name>ocaml[a-z]*)\s*(?<toolchain>\([^)]*\))?\s*=", RegexOptions.Multiline)]
    private static partial Regex Tool();

    // path="A:B", or for a toolchain path(NAME)="A:B": the folder, as one of the list, is another one. All else stays, destdir too.
    static string Elsewhere(string text, string folder, string other) =>
        string.Join(
            '\n',
            text.Split('\n')
                .Select(line =>
                    !line.StartsWith("path", StringComparison.Ordinal) || line.Split('"') is not [var before, var list, var after]
                        ? line
                        : $"{before}\"{string.Join(':', list.Split(':').Select(path => path.TrimEnd('/') == folder ? other : path))}\"{after}"
                )
        );
}
