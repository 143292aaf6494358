using System.Text.Json;
using System.Text.RegularExpressions;
using Hillingar.Build.Reporting;

namespace Hillingar.Build.Nix;

/// <summary>
/// Reads what <c>nix --log-format internal-json</c> tells on its standard error, a line each: <c>@nix {"action":"start",…}</c>
/// (<c>JSONLogger</c> in Nix's <c>logging.cc</c>; the numbers are its <c>ActivityType</c>, <c>ResultType</c> and <c>Verbosity</c>).
/// </summary>
/// <param name="reporter">Is told what is built and fetched, and how far it is.</param>
/// <param name="line">Is given each line that a build prints: the derivation's name and the line.</param>
sealed partial class NixLog(IReporter reporter, Action<string, string> line)
{
    const int CopyPaths = 103,
        Builds = 104,
        Build = 105,
        FileTransfer = 101,
        Substitute = 108;
    const int BuildLogLine = 101,
        Phase = 104,
        ProgressResult = 105,
        PostBuildLogLine = 107;
    const int Error = 0;
    const int Kept = 400;

    readonly Dictionary<ulong, (int Type, string Name)> _activities = [];
    readonly Dictionary<string, Queue<string>> _tails = [];
    readonly List<string> _errors = [];
    string _current = "";

    /// <summary>The errors that Nix told, in its own words.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>The last lines that a build printed.</summary>
    public IEnumerable<string> Tail(string name) => _tails.GetValueOrDefault(name) ?? [];

    /// <summary>The derivation that an error is about, or null.</summary>
    public static string? Derivation(string error) => Built().Match(error) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The name of what a derivation builds: <c>/nix/store/HASH-NAME.drv</c> without all around it.</summary>
    public static string NameOf(string path) => StorePath().Match(path) is { Success: true } match ? match.Groups[1].Value : path;

    /// <summary>Takes the next line of the log; others are passed over.</summary>
    public void Add(string text)
    {
        if (!text.StartsWith("@nix {", StringComparison.Ordinal))
            return;
        try
        {
            using var entry = JsonDocument.Parse(text.AsMemory(5));
            lock (_activities)
                Entry(entry.RootElement);
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Nix 2.8 writes what a build prints as it is, also where that is no UTF-8, or looks like an entry and is none.
            reporter.Detail(text);
        }
    }

    void Entry(JsonElement entry)
    {
        switch (entry.GetProperty("action").GetString())
        {
            case "start":
                Start(entry);
                break;
            case "stop":
                _activities.Remove(entry.GetProperty("id").GetUInt64());
                break;
            case "result":
                Result(entry);
                break;
            case "msg":
                Message(
                    entry.GetProperty("level").GetInt32(),
                    Plain(entry.GetProperty("msg").GetString() ?? throw new FormatException("A message has no text."))
                );
                break;
        }
    }

    void Start(JsonElement entry)
    {
        var type = entry.GetProperty("type").GetInt32();
        var text = entry.TryGetProperty("text", out var shown) ? Plain(shown.GetString() ?? "") : "";
        var about = Field(entry, 0) is { ValueKind: JsonValueKind.String } field ? NameOf(field.GetString()!) : "";
        _activities[entry.GetProperty("id").GetUInt64()] = (type, about);
        switch (type)
        {
            case Build:
                _current = about;
                reporter.Step(
                    Field(entry, 1) is { ValueKind: JsonValueKind.String } machine && machine.GetString() is { Length: > 0 } host
                        ? $"Building {about} on {host}"
                        : $"Building {about}"
                );
                break;
            case Substitute:
                reporter.Step(
                    $"Fetching {about} from {(Field(entry, 1) is { ValueKind: JsonValueKind.String } cache ? cache.GetString() : "a binary cache")}"
                );
                break;
            default:
                if (text.Length > 0)
                    reporter.Detail(text);
                break;
        }
    }

    void Result(JsonElement entry)
    {
        if (!_activities.TryGetValue(entry.GetProperty("id").GetUInt64(), out var activity))
            return;
        switch (entry.GetProperty("type").GetInt32())
        {
            case BuildLogLine or PostBuildLogLine when Field(entry, 0) is { ValueKind: JsonValueKind.String } field:
                var text = Plain(field.GetString()!);
                var tail = _tails.TryGetValue(activity.Name, out var known) ? known : _tails[activity.Name] = new();
                tail.Enqueue(text);
                if (tail.Count > Kept)
                    tail.Dequeue();
                reporter.Detail($"{activity.Name}> {text}");
                line(activity.Name, text);
                break;
            case Phase when Field(entry, 0) is { ValueKind: JsonValueKind.String } phase:
                reporter.Detail($"{activity.Name}: {phase.GetString()}");
                break;
            case ProgressResult
                when activity.Type is Builds or CopyPaths or FileTransfer
                    && Field(entry, 0) is { ValueKind: JsonValueKind.Number } done
                    && Field(entry, 1) is { ValueKind: JsonValueKind.Number } expected
                    && expected.GetInt64() > 0:
                var unit = activity.Type == FileTransfer ? ProgressUnit.Bytes : ProgressUnit.Items;
                var work = activity.Type switch
                {
                    Builds => "Building with Nix",
                    CopyPaths => "Copying store paths",
                    _ => "Downloading with Nix",
                };
                reporter.Progress(
                    new Progress(work, activity.Type == Builds ? _current : activity.Name, done.GetInt64(), expected.GetInt64(), unit)
                );
                break;
        }
    }

    void Message(int level, string text)
    {
        if (level == Error)
            _errors.Add(text);
        else
            reporter.Detail(text);
    }

    static JsonElement? Field(JsonElement entry, int index) =>
        entry.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Array && fields.GetArrayLength() > index
            ? fields[index]
            : null;

    static string Plain(string text) => Colour().Replace(text, "");

    [GeneratedRegex("\u001b\\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colour();

    [GeneratedRegex("(?:builder for|[Bb]uild of|Cannot build) '([^']*\\.drv)")]
    private static partial Regex Built();

    [GeneratedRegex("^.*/[0-9a-z]{32}-(.*?)(?:\\.drv)?$")]
    private static partial Regex StorePath();
}
