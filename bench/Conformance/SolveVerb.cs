using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Hillingar.Opam;
using Command = System.CommandLine.Command;

namespace Hillingar.Conformance;

/// <summary>Solves queries whose answers by <c>opam-0install</c> are known.</summary>
static class SolveVerb
{
    public static Command Create()
    {
        var repository = new Option<DirectoryInfo>("--repository") { Required = true, Description = "The opam repository." };
        var overlays = new Option<DirectoryInfo[]>("--overlay") { Description = "Repositories that come before it, the first first." };
        var queries = new Option<FileInfo>("--queries") { Required = true, Description = "The queries and their answers, a JSON object a line; .gz is unpacked." };
        var mismatches = new Option<FileInfo?>("--mismatches") { Description = "Where to write the queries that are answered otherwise." };
        var times = new Option<FileInfo?>("--times") { Description = "Where to write the seconds of each query and of the reference, separated by tabs." };
        var verb = new Command("solve", "Compares solutions with those of opam-0install.") { repository, overlays, queries, mismatches, times };
        verb.SetAction(parsed => Run(
            Repositories.Open([.. (parsed.GetValue(overlays) ?? []).Append(parsed.GetRequiredValue(repository)).Select(folder => folder.FullName)]),
            parsed.GetRequiredValue(queries), parsed.GetValue(mismatches), parsed.GetValue(times)));
        return verb;
    }

    static int Run(Repository repository, FileInfo queries, FileInfo? mismatches, FileInfo? times)
    {
        var solver = new OpamSolver(repository);
        var environments = new Dictionary<string, OpamEnvironment>();
        var (equal, seconds) = (0, new List<double>());
        using var wrong = mismatches is null ? null : new StreamWriter(mismatches.FullName);
        using var timed = times is null ? null : new StreamWriter(times.FullName);
        foreach (var line in Lines(queries))
        {
            using var query = JsonDocument.Parse(line);
            var root = query.RootElement;
            var context = Read(root, environments);
            var expected = root.GetProperty("result") is { ValueKind: JsonValueKind.Array } result ? string.Join(' ', result.EnumerateArray().Select(package => package.GetString())) : null;
            // The first solve reads the files: the reference's figures are without that, too.
            var found = Print(solver.Solve(context));
            var start = Stopwatch.GetTimestamp();
            solver.Solve(context);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            timed?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', context.Roots)}\t{seconds[^1]:F6}\t{(root.TryGetProperty("seconds", out var reference) ? reference.GetDouble() : double.NaN):F6}"));
            if (found == expected)
                equal++;
            else
                wrong?.WriteLine($"{line}\n  expected {expected ?? "none"}\n  found    {found ?? "none"}");
        }
        seconds.Sort();
        string Milliseconds(double share) => (seconds[Math.Min(seconds.Count - 1, (int)(share * seconds.Count))] * 1000).ToString("F2", CultureInfo.InvariantCulture);
        Console.WriteLine(seconds.Count == 0 ? "equal 0 of 0" : $"equal {equal} of {seconds.Count}, median {Milliseconds(.5)} ms, p99 {Milliseconds(.99)} ms, max {Milliseconds(1)} ms");
        return equal == seconds.Count ? 0 : 1;
    }

    /// <summary>The lines of a text file, which may be compressed.</summary>
    public static IEnumerable<string> Lines(FileInfo file)
    {
        using var raw = file.OpenRead();
        using var reader = new StreamReader(file.Extension == ".gz" ? new GZipStream(raw, CompressionMode.Decompress) : raw);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0)
                yield return line;
    }

    static string? Print(OpamOutcome outcome) =>
        outcome is OpamSolution solution ? string.Join(' ', solution.Contexts[0].Packages.Select(selected => selected.Package)) : null;

    static SolveContext Read(JsonElement line, Dictionary<string, OpamEnvironment> environments)
    {
        var description = line.GetProperty("env");
        if (!environments.TryGetValue(description.GetRawText(), out var environment))
        {
            environment = OpamEnvironment.Empty.With("ocaml:native", true);
            foreach (var variable in description.EnumerateObject())
                if (variable.Name != "name" && variable.Value.ValueKind == JsonValueKind.String)
                    environment = environment.With(variable.Name, variable.Value.GetString()!);
            environments[description.GetRawText()] = environment;
        }

        var query = line.GetProperty("query");
        var all = query.GetProperty("roots").EnumerateArray().Concat(query.GetProperty("constraints").EnumerateArray()).ToList();
        // One map holds the constraints of the roots and of others: the last on a name counts.
        var constraints = new Dictionary<PackageName, PackageAtom>();
        foreach (var atom in all.Select(Atom).Where(atom => !atom.Versions.IsEmpty))
            constraints[atom.Name] = atom;
        var roots = query.GetProperty("roots").EnumerateArray().Select(Atom).ToList();
        return new(description.GetProperty("name").GetString()!, environment)
        {
            Roots = [.. roots.Select(root => constraints.GetValueOrDefault(root.Name, root))],
            Constraints = [.. constraints.Values.Where(atom => roots.TrueForAll(root => root.Name != atom.Name))],
            Tests = line.GetProperty("test").GetBoolean() ? [.. roots.Select(root => root.Name)] : [],
            PreferOldest = line.GetProperty("prefer_oldest").GetBoolean(),
        };
    }

    static PackageAtom Atom(JsonElement atom) => new(PackageName.Parse(atom.GetProperty("name").GetString()!),
        atom.TryGetProperty("op", out var op) && op.ValueKind == JsonValueKind.String
            ? new Formula<VersionConstraint>.Atom(new(Enum.GetValues<RelationalOperator>().First(relation => relation.Text() == op.GetString()), OpamVersion.Parse(atom.GetProperty("version").GetString()!)))
            : Formula<VersionConstraint>.Empty);
}

/// <summary>Repositories given as folders.</summary>
static class Repositories
{
    public static Repository Open(string[] folders) => folders is [var only] ? new FolderRepository(only) : throw new NotSupportedException("overlays");
}
