using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hillingar.Build.Configuring;

/// <summary>Reads what mirage says and writes of a unikernel. What is not as mirage 4 has it is left out: nothing is built by it.</summary>
static partial class DescriptionReader
{
    /// <summary>The keys in what <c>mirage describe</c> says: <c>Keys</c>, and a line each, <c>name=value (default),</c>.</summary>
    public static IReadOnlyList<DescribedKey> Keys(string described) =>
        [
            .. described
                .Split('\n')
                .SkipWhile(line => !line.StartsWith("Keys", StringComparison.Ordinal))
                .Select((line, number) => number == 0 ? line["Keys".Length..] : line)
                .TakeWhile(line => line.Length == 0 || line[0] == ' ')
                .Select(line => Key().Match(line))
                .Where(match => match.Success)
                .Select(match => new DescribedKey(
                    match.Groups["name"].Value,
                    match.Groups["value"] is { Success: true, Value: var value } ? value : null,
                    match.Groups["default"].Success
                )),
        ];

    /// <summary>The devices in Solo5's manifest, as mirage writes it; none where there is no manifest.</summary>
    public static IReadOnlyList<DescribedDevice> Devices(string manifest)
    {
        if (manifest.Length == 0)
            return [];
        try
        {
            using var json = JsonDocument.Parse(manifest);
            return
                json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("devices", out var devices)
                || devices.ValueKind != JsonValueKind.Array
                ? []
                :
                [
                    .. from device in devices.EnumerateArray()
                    where device.ValueKind == JsonValueKind.Object
                    let name = Text(device, "name")
                    let kind = Text(device, "type") switch
                    {
                        "NET_BASIC" => "network",
                        "BLOCK_BASIC" => "block",
                        _ => null,
                    }
                    where name is not null && kind is not null
                    select new DescribedDevice(name, kind),
                ];
        }
        catch (JsonException)
        {
            return [];
        }

        static string? Text(JsonElement device, string property) =>
            device.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>The arguments that <c>main.ml</c> registers, with the names that the code gives them which it refers to.</summary>
    /// <param name="main">The file's text.</param>
    /// <param name="sources">The text of a source by its file's name; null where there is none.</param>
    public static IReadOnlyList<DescribedArgument> Arguments(string main, Func<string, string?> sources)
    {
        var lines = main.Split('\n');
        var found = new List<DescribedArgument>();
        for (var at = 0; at < lines.Length; at++)
            // The next line says where config.ml, or mirage, has it; then comes the expression.
            if (
                lines[at].Contains(".register_arg @@", StringComparison.Ordinal)
                && lines.Skip(at + 1).Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#')
                    is { } expression
                        and not ";;"
            )
                found.Add(new DescribedArgument(expression, Names(expression, sources)));
        return found;
    }

    static IReadOnlyList<string> Names(string expression, Func<string, string?> sources)
    {
        if (
            Reference().Match(expression) is not { Success: true } reference
            || sources(char.ToLowerInvariant(reference.Groups[1].Value[0]) + reference.Groups[1].Value[1..] + ".ml") is not { } text
        )
            return [];
        // The definition, up to the next one that stands no deeper: its first list of texts after 'info' has the names.
        var lines = text.Split('\n')
            .SkipWhile(line => !line.TrimStart().StartsWith($"let {reference.Groups[2].Value} ", StringComparison.Ordinal))
            .ToList();
        if (lines.Count == 0)
            return [];
        var depth = lines[0].Length - lines[0].TrimStart().Length;
        var definition = string.Join(
            '\n',
            lines.Take(1).Concat(lines.Skip(1).TakeWhile(line => line.Length - line.TrimStart().Length > depth || line.Trim().Length == 0))
        );
        return
            definition.IndexOf("info", StringComparison.Ordinal) is >= 0 and var info
            && Named().Match(definition, info) is { Success: true } names
            ? [.. names.Groups["name"].Captures.Select(name => name.Value.Length == 1 ? $"-{name.Value}" : $"--{name.Value}")]
            : [];
    }

    [GeneratedRegex(
        @"^\s*(?<name>[A-Za-z][\w-]*)(?:=(?<value>.*?))?(?<default> \(default\))?,?\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex Key();

    [GeneratedRegex(@"^([A-Z][\w']*)\.([a-z_][\w']*)$", RegexOptions.NonBacktracking)]
    private static partial Regex Reference();

    [GeneratedRegex(@"\[\s*(?:""(?<name>[A-Za-z0-9_-]+)""[\s;]*)+\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Named();
}
