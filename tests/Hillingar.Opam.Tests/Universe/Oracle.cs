using System.IO.Compression;
using System.Text.Json;
using Hillingar.Opam.Language;
using Hillingar.Opam.Universe;

namespace Hillingar.Tests;

/// <summary>A query that <c>opam-0install</c> answered (the format is that of the test data's README).</summary>
/// <param name="Text">The line.</param>
/// <param name="Context">The query.</param>
/// <param name="Answer">The packages, with blanks between; null where there is no solution.</param>
/// <param name="Seconds">What the reference's solve took, or NaN.</param>
sealed record Oracle(string Text, SolveContext Context, string? Answer, double Seconds)
{
    /// <summary>The queries of a file, one a line; a file that ends in <c>.gz</c> is unpacked.</summary>
    public static IEnumerable<Oracle> Read(string path)
    {
        using var raw = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw);
        // Queries of one environment share the object, so that the solver sees that they do.
        var environments = new Dictionary<string, OpamEnvironment>();
        while (reader.ReadLine() is { } line)
            if (line.Length > 0)
                yield return Parse(line, environments);
    }

    /// <summary>The packages of a solution as the oracle writes them.</summary>
    public static string? Print(OpamOutcome outcome) =>
        outcome is OpamSolution solution ? string.Join(' ', solution.Contexts[0].Packages.Select(selected => selected.Package)) : null;

    static Oracle Parse(string line, Dictionary<string, OpamEnvironment> environments)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var description = root.GetProperty("env");
        if (!environments.TryGetValue(description.GetRawText(), out var environment))
        {
            environment = OpamEnvironment.Empty.With("ocaml:native", true);
            foreach (var variable in description.EnumerateObject())
                if (variable.Name != "name" && variable.Value.ValueKind == JsonValueKind.String)
                    environment = environment.With(variable.Name, variable.Value.GetString()!);
            environments[description.GetRawText()] = environment;
        }

        var query = root.GetProperty("query");
        var roots = query.GetProperty("roots").EnumerateArray().Select(Atom).ToList();
        // One map holds the constraints of the roots and of others: the last on a name counts.
        var constraints = new Dictionary<PackageName, PackageAtom>();
        foreach (var atom in roots.Concat(query.GetProperty("constraints").EnumerateArray().Select(Atom)).Where(atom => !atom.Versions.IsEmpty))
            constraints[atom.Name] = atom;
        return new(line, new(description.GetProperty("name").GetString()!, environment)
        {
            Roots = [.. roots.Select(atom => constraints.GetValueOrDefault(atom.Name, atom))],
            Constraints = [.. constraints.Values.Where(atom => roots.TrueForAll(other => other.Name != atom.Name))],
            Tests = root.GetProperty("test").GetBoolean() ? [.. roots.Select(atom => atom.Name)] : [],
            PreferOldest = root.GetProperty("prefer_oldest").GetBoolean(),
        },
        root.GetProperty("result") is { ValueKind: JsonValueKind.Array } result ? string.Join(' ', result.EnumerateArray().Select(package => package.GetString())) : null,
        root.TryGetProperty("seconds", out var seconds) ? seconds.GetDouble() : double.NaN);
    }

    static PackageAtom Atom(JsonElement atom) => new(PackageName.Parse(atom.GetProperty("name").GetString()!),
        atom.TryGetProperty("op", out var op) && op.ValueKind == JsonValueKind.String
            ? new Formula<VersionConstraint>.Atom(new(Enum.GetValues<RelationalOperator>().First(relation => relation.Text() == op.GetString()), OpamVersion.Parse(atom.GetProperty("version").GetString()!)))
            : Formula<VersionConstraint>.Empty);
}
