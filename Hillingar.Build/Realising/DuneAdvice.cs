using System.Text.RegularExpressions;
using Hillingar.Build.Confinement;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Realising;

/// <summary>Says in a project's own terms what dune says in its: which property names what dune cannot make, and which opam package has a library.</summary>
/// <param name="request">The project.</param>
/// <param name="build">What is built.</param>
/// <param name="locked">The lock.</param>
sealed partial class DuneAdvice(Request request, DuneBuild build, LockFile locked)
{
    // Those that OCaml itself brings; findlib is the package ocamlfind's.
    static readonly string[] s_ofOCaml =
    [
        "unix",
        "str",
        "threads",
        "dynlink",
        "bigarray",
        "stdlib",
        "compiler-libs",
        "runtime_events",
        "ocamldoc",
        "bytes",
    ];

    /// <summary>dune's errors, with what to do.</summary>
    /// <param name="errors">The errors.</param>
    /// <param name="packages">Gives the packages of the project's repositories; asked where it matters.</param>
    public async Task<IReadOnlyList<Diagnostic>> Of(IReadOnlyList<Diagnostic> errors, Func<Task<IReadOnlyCollection<string>>> packages)
    {
        var advised = new List<Diagnostic>();
        var damaged = errors
            .Select(error => error.Place?.File)
            .OfType<string>()
            .Distinct()
            .Where(file => build.Sources.Any(source => source.File == file))
            .Select(SourceDamage.Of)
            .OfType<Diagnostic>()
            .ToDictionary(fault => fault.Place!.Value.File);
        foreach (var error in errors)
            advised.Add(
                error.Place is { } place && damaged.TryGetValue(place.File, out var damage) ? damage
                : Unknown().Match(error.Message) is { Success: true } target
                && target.Groups["target"].Value == $"_build/{build.Context}/src/{build.DuneTarget}"
                && !Executables().Contains(build.DuneTarget)
                    ? NoTarget()
                : Library().Match(error.Message) is { Success: true } library
                    ? error with
                    {
                        Message = $"{library.Value}. {await Brings(library.Groups["name"].Value, packages).ConfigureAwait(false)}",
                    }
                : error
            );
        // One library that is missing is told at each place that names it, and the advice is the same.
        return [.. advised.Distinct()];
    }

    Diagnostic NoTarget()
    {
        var places = new ProjectPlaces(request.ProjectFile);
        var place = places.OfProperty("DuneTarget") is { Line: > 0 } own ? own : places.OfProperty("UnikernelName");
        var (known, files) = (Executables(), build.Sources.Any(source => Path.GetFileName(source.Path.Replace('\\', '/')) == "dune"));
        var name = Path.GetFileNameWithoutExtension(build.DuneTarget);
        var sketch = $"(executable (name {name}))";
        return new Diagnostic(
            Severity.Error,
            "HIL5015",
            known.Count > 0
                    ? $"There is no dune file that makes '{build.DuneTarget}', which DuneTarget asks for. {(Spelling.Nearest(build.DuneTarget, known) is { } near ? $"Did you mean {near}? " : "")}The executables that dune files define: {string.Join(", ", known.Take(10))}."
                : files
                    ? $"There is no dune file that makes '{build.DuneTarget}', which DuneTarget asks for, and none defines an executable. Write into one of them: {sketch}"
                : $"There is no dune file that makes '{build.DuneTarget}', as the project has none. Write a file named dune beside {name}.ml that says {sketch}",
            place
        );
    }

    /// <summary>What the project's dune files make, such as <c>main.exe</c>.</summary>
    List<string> Executables() =>
        [
            .. from file in DuneFiles.Of(build.Sources)
            from stanza in file.Text.Stanzas
            where stanza.Head is "executable" or "executables" or "test" or "tests"
            from name in (stanza.Field("name") ?? stanza.Field("names"))?.Atoms ?? []
            select $"{file.Path[..^"dune".Length]}{name.Text}.exe",
        ];

    // A public library is called as its package, or as that and what follows a dot: dune sees to that (https://dune.readthedocs.io, library, public_name).
    async Task<string> Brings(string library, Func<Task<IReadOnlyCollection<string>>> packages)
    {
        var package = library.Split('.')[0];
        if (s_ofOCaml.Contains(package))
            return $"It comes with OCaml, and the compiler that is used has none of that name{(package == "threads" ? ": write threads.posix" : "")}. Leave it out of libraries, or install findlib.";
        var there = Libraries();
        var near = Spelling.Nearest(library, there.Select(each => each.Name)) is { } other ? $" Did you mean {other}?" : "";
        var holder = library == "findlib" ? "ocamlfind" : package;
        if (locked.Version(holder) is { } version)
            return
                there.Where(each => each.Name.Split('.')[0] == holder).Select(each => each.Name).Order(StringComparer.Ordinal).ToList()
                    is { Count: > 0 } own
                ? $"The package {holder} {version} has no such library; it has {string.Join(", ", own.Take(8))}.{near}"
                : $"The package {holder} {version} is locked, and no library of that name is found in it: it may need another package, which it uses where that is there.{near}";
        if (near.Length > 0)
            return near.TrimStart();
        var known = await packages().ConfigureAwait(false);
        // lwt_unix is how the library of lwt was called once, and how its files still are.
        var found = known.Contains(holder)
            ? holder
            : known
                .Where(name => name.Length > 2 && package.StartsWith(name, StringComparison.Ordinal) && package[name.Length] is '_' or '-')
                .MaxBy(name => name.Length)
                ?? Spelling.Nearest(package, known);
        return found is null
                ? $"It should come with the opam package {holder}, which none of the project's repositories has: name one that has it (OpamRepository). {Add(holder)}"
            : found == holder ? $"It comes with the opam package {found}. {Add(found)}"
            : $"There is no opam package {holder}. {(locked.Version(found) is null ? $"Did you mean {found}? {Add(found)}" : $"Did you mean a library of {found}? It has {string.Join(", ", there.Select(each => each.Name).Where(name => name.Split('.')[0] == found).Order(StringComparer.Ordinal).Take(8))}.")}";
    }

    string Add(string package) =>
        request.IsConfigured
            ? $"Add it to config.ml: package \"{package}\"."
            : $"Add it to {Path.GetFileName(request.ProjectFile)}: <OpamDependency Include=\"{package}\" />";

    // Those that the project itself has, and the public ones of what is vendored.
    List<(string Name, bool Own)> Libraries() =>
        [
            .. from file in DuneFiles.Of(build.Sources)
            from stanza in file.Text.Stanzas
            where stanza.Head == "library"
            from name in new[] { stanza.Value("name"), stanza.Value("public_name") }
            where name is not null
            select (name, true),
            .. from stanza in Vendored()
            where stanza.Head == "library" && stanza.Value("public_name") is not null
            select (stanza.Value("public_name")!, false),
        ];

    // Strangers filled the duniverse. Where it cannot be read there is less advice, and dune's own words stay.
    List<DuneNode> Vendored()
    {
        var (folder, found) = (build.Workspace.DuniverseFolder, new List<DuneNode>());
        if (!Directory.Exists(folder))
            return found;
        using var duniverse = ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException("HIL4034", $"'{Printable.Line(path)}' in the duniverse cannot be read: {Printable.Line(why)}.")
        );
        foreach (var path in Paths(duniverse))
            found.AddRange(DuneFiles.Read(() => DuneText.Read(duniverse, path, path))?.Stanzas ?? []);
        return found;
    }

    static List<string> Paths(ConfinedFolder duniverse)
    {
        var paths = new List<string>();
        try
        {
            paths.AddRange(
                duniverse
                    .Walk()
                    .Where(entry => entry.Kind == EntryKind.File && entry.Path.Split('/')[^1] == "dune")
                    .Select(entry => entry.Path)
            );
        }
        catch (HillingarException)
        {
            // What was found before folders that nest too deep will do.
        }

        return paths;
    }

    [GeneratedRegex("Don't know how to build (?<target>[^ ]+)")]
    private static partial Regex Unknown();

    [GeneratedRegex("Library \"(?<name>[^\"]+)\" not found")]
    private static partial Regex Library();
}
