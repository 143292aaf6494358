using System.Text.Json;

namespace Hillingar.Build.Mirage;

/// <summary>What is known of mirage's targets: <c>targets.json</c>, from which what MSBuild and Nix need is generated.</summary>
static class TargetTable
{
    internal const string DefaultContext = "default";

    static readonly IReadOnlyList<TargetRow> s_all = Read();
    static readonly Dictionary<string, TargetRow> s_byName = s_all.ToDictionary(row => row.Name);

    /// <summary>The targets that a project may name.</summary>
    public static IReadOnlyList<TargetRow> Rows { get; } = [.. s_all.Where(row => row.Refused is null)];

    /// <summary>A target, be it one that is refused; null for what is none.</summary>
    public static TargetRow? Find(string name) => s_byName.GetValueOrDefault(name);

    /// <summary>The target that Solo5's note in an image names by a number, or null.</summary>
    public static TargetRow? OfAbi(uint number) => s_all.FirstOrDefault(row => row.Abi == number);

    /// <summary>The target whose images end in a suffix and have no note of Solo5's that a tender checks; a program where there is none.</summary>
    public static TargetRow OfSuffix(string suffix) =>
        Rows.FirstOrDefault(row => row.Tender is null && row.Suffix == suffix) ?? Rows.First(row => row.IsProgram);

    static List<TargetRow> Read()
    {
        using var stream = typeof(TargetTable).Assembly.GetManifestResourceStream("targets.json")!;
        using var json = JsonDocument.Parse(stream);
        var styles = json
            .RootElement.GetProperty("tenders")
            .EnumerateObject()
            .ToDictionary(style => style.Name, style => Style(style.Name, style.Value));
        return [.. json.RootElement.GetProperty("targets").EnumerateArray().Select(row => Row(row, styles))];
    }

    static TargetRow Row(JsonElement row, Dictionary<string, TenderStyle> styles) =>
        new(Text(row, "name")!)
        {
            Suffix = Text(row, "suffix") ?? "",
            Context = Text(row, "context") ?? DefaultContext,
            Compiler = Texts(row, "compiler"),
            Processors = Places(row, "processors"),
            Systems = Places(row, "systems"),
            IsProgram = Truth(row, "program"),
            Tender = Text(row, "tender") is { } program ? new(program, styles[Text(row, "style")!]) : null,
            Debugger = row.TryGetProperty("debugger", out var debugger) ? new(Text(debugger, "tender")!, Text(debugger, "options")!) : null,
            NeedsKvm = Truth(row, "kvm"),
            StartedBy = Text(row, "startedBy"),
            Abi = row.TryGetProperty("abi", out var abi) ? abi.GetUInt32() : null,
            Refused = Text(row, "refused"),
        };

    static TenderStyle Style(string name, JsonElement style) =>
        new(name)
        {
            Options = Text(style, "options") ?? "",
            Memory = Text(style, "memory")!,
            Network = Text(style, "network")!,
            Block = Text(style, "block")!,
            Image = Text(style, "image")!,
            IsNative = Truth(style, "native"),
            IsAccelerated = Truth(style, "accelerated"),
            Ended = style.TryGetProperty("ended", out var code) ? code.GetInt32() : null,
            Install = Text(style, "install")!,
        };

    static TargetPlaces? Places(JsonElement row, string name) =>
        row.TryGetProperty(name, out var places) ? new(Texts(places, "only"), Texts(places, "except"), Text(places, "why")!) : null;

    static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    static bool Truth(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.GetBoolean();

    static IReadOnlyList<string> Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];
}
