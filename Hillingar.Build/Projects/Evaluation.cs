using System.Text.Json;
using System.Text.RegularExpressions;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>
/// Properties and items of a project, asked of MSBuild itself (<c>dotnet msbuild -getProperty -getItem</c>, since 17.8): nobody else knows
/// what imports, conditions and globs come to. No target runs, so nothing is built or restored.
/// </summary>
sealed partial class Evaluation
{
    readonly JsonElement _root;

    Evaluation(JsonElement root) => _root = root;

    /// <summary>Evaluates a project.</summary>
    /// <param name="project">The project's file.</param>
    /// <param name="properties">The properties to read.</param>
    /// <param name="items">The items to read.</param>
    /// <param name="global">Properties to set, as <c>-p:NAME=VALUE</c> does.</param>
    /// <param name="cancellation">Ends MSBuild.</param>
    /// <exception cref="HillingarException">HIL7001: MSBuild cannot evaluate it. HIL5001: there is no dotnet.</exception>
    public static async Task<Evaluation> Of(string project, IEnumerable<string> properties, IEnumerable<string> items, IEnumerable<(string Name, string Value)> global, CancellationToken cancellation)
    {
        // ';' and '%' would end the value or start an escape of MSBuild's.
        var set = global.Select(pair => $"-p:{pair.Name}={pair.Value.Replace("%", "%25").Replace(";", "%3B")}");
        var command = new Command("dotnet",
            ["msbuild", project, "-nologo", "-nodeReuse:false", .. set, $"-getProperty:{string.Join(',', properties)}", $"-getItem:{string.Join(',', items)}"],
            Path.GetDirectoryName(project), Clean());
        var result = await ProcessRunner.Ask(command, cancellation).ConfigureAwait(false);
        try
        {
            if (result.ExitCode == 0)
                return new(JsonDocument.Parse(result.Whole).RootElement);
        }
        catch (JsonException)
        {
            // What was printed before the answer, such as a warning, is told as the error that it is here.
        }

        var error = (result.Output + result.Error).Split('\n').Select(line => line.Trim()).FirstOrDefault(line => Error().IsMatch(line))
            ?? (result.Output + result.Error).Trim();
        throw new HillingarException("HIL7001", $"MSBuild cannot evaluate the project: {Error().Replace(error, "$1", 1)} Correct it, until 'dotnet msbuild -getProperty:MirageTargets' works in its folder.", new Place(project));
    }

    /// <summary>A property; empty where it is not set.</summary>
    public string Property(string name) => _root.GetProperty("Properties").GetProperty(name).GetString() ?? "";

    /// <summary>The items of a type.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Items(string type) =>
    [
        .. _root.GetProperty("Items").GetProperty(type).EnumerateArray()
            .Select(item => item.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString() ?? "", StringComparer.OrdinalIgnoreCase)),
    ];

    // Whoever calls us from within a build has told its own MSBuild where things are; ours is to find its own.
    static Dictionary<string, string?> Clean()
    {
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("MSBuild", StringComparison.Ordinal)).ToDictionary(name => name, _ => (string?)null);
        environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        environment["DOTNET_NOLOGO"] = "1";
        return environment;
    }

    [GeneratedRegex(@"^.*?\berror (\w+: .*)$")]
    private static partial Regex Error();
}
