using System.Text.Json;
using System.Text.RegularExpressions;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>
/// The facts of a project, asked of MSBuild itself (<c>dotnet msbuild -t:HillingarGetFacts -getItem</c>, since 17.8): nobody else knows what
/// imports, conditions and globs come to. That target makes items, and no other runs, so nothing is built or restored.
/// </summary>
static partial class Evaluation
{
    /// <summary>Evaluates a project.</summary>
    /// <param name="project">The project's file.</param>
    /// <param name="global">Properties to set, as <c>-p:NAME=VALUE</c> does.</param>
    /// <param name="cancellation">Ends MSBuild.</param>
    /// <exception cref="HillingarException">HIL7001: MSBuild cannot evaluate it. HIL7002: it is none of Hillingar.Sdk. HIL5001: there is no dotnet.</exception>
    public static async Task<ProjectFacts> Of(
        string project,
        IReadOnlyList<(string Name, string Value)> global,
        CancellationToken cancellation
    )
    {
        var result = await Ask(project, global, ["-t:HillingarGetFacts", "-getItem:_HillingarFact"], cancellation).ConfigureAwait(false);
        if (result.ExitCode == 0 && Json(result.Whole) is { } facts)
            return new ProjectFacts(facts.GetProperty("Items").GetProperty("_HillingarFact").EnumerateArray().Select(Fact));
        // Where our target is missing, so is the SDK, or it is an old one.
        var told = await Ask(project, global, ["-getProperty:UsingHillingarSdk"], cancellation).ConfigureAwait(false);
        if (told.ExitCode == 0 && told.Whole.Trim() != "true")
            throw new HillingarException(
                "HIL7002",
                "This project is none of Hillingar.Sdk: it builds no unikernel. Begin it with <Project Sdk=\"Hillingar.Sdk/VERSION\">.",
                new Place(project)
            );
        var error =
            (result.Output + result.Error).Split('\n').Select(line => line.Trim()).FirstOrDefault(line => Error().IsMatch(line))
            ?? (result.Output + result.Error).Trim();
        throw new HillingarException(
            "HIL7001",
            $"MSBuild cannot evaluate the project: {Error().Replace(error, "$1", 1)} Correct it, until 'dotnet msbuild -getProperty:MirageTargets' works in its folder.",
            new Place(project)
        );
    }

    static ProjectFact Fact(JsonElement item)
    {
        var values = item.EnumerateObject()
            .ToDictionary(pair => pair.Name, pair => pair.Value.GetString() ?? "", StringComparer.OrdinalIgnoreCase);
        return new ProjectFact(values["Identity"], name => values.GetValueOrDefault(name, ""));
    }

    static Task<ProcessResult> Ask(
        string project,
        IEnumerable<(string Name, string Value)> global,
        IEnumerable<string> question,
        CancellationToken cancellation
    )
    {
        // ';' and '%' would end the value or start an escape of MSBuild's.
        var set = global.Select(pair => $"-p:{pair.Name}={pair.Value.Replace("%", "%25").Replace(";", "%3B")}");
        return ProcessRunner.Ask(
            new Command(
                "dotnet",
                ["msbuild", project, "-nologo", "-nodeReuse:false", .. set, .. question],
                Path.GetDirectoryName(project),
                Clean()
            ),
            cancellation
        );
    }

    // What is printed beside the answer, such as a warning, makes it none.
    static JsonElement? Json(string answer)
    {
        try
        {
            return JsonDocument.Parse(answer).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Whoever calls us from within a build has told its own MSBuild where things are; ours is to find its own.
    static Dictionary<string, string?> Clean()
    {
        var environment = Environment
            .GetEnvironmentVariables()
            .Keys.Cast<string>()
            .Where(name => name.StartsWith("MSBuild", StringComparison.Ordinal))
            .ToDictionary(name => name, _ => (string?)null);
        environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        environment["DOTNET_NOLOGO"] = "1";
        return environment;
    }

    [GeneratedRegex(@"^.*?\berror (\w+: .*)$")]
    private static partial Regex Error();
}
