using System.Text.RegularExpressions;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>
/// A logging command, parsed as the agent does: the first marker of a line counts, and values have <c>; \r \n ]</c> and then <c>%</c> escaped
/// (https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands, and Command.cs of the agent).
/// </summary>
/// <param name="Name">Area and event, such as <c>task.logissue</c>.</param>
/// <param name="Properties">The properties.</param>
/// <param name="Data">What follows the bracket.</param>
sealed partial record LoggingCommand(string Name, IReadOnlyDictionary<string, string> Properties, string Data)
{
    public string this[string property] => Properties.GetValueOrDefault(property, "");

    public static LoggingCommand? Parse(string line)
    {
        if (Form().Match(line) is not { Success: true } match)
            return null;
        var properties = match.Groups["properties"].Value.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .Where(pair => pair.Length == 2 && pair[1].Length > 0).ToDictionary(pair => pair[0].Trim(), pair => Unescape(pair[1]), StringComparer.OrdinalIgnoreCase);
        return new LoggingCommand(match.Groups["name"].Value, properties, Unescape(match.Groups["data"].Value));
    }

    static string Unescape(string value) => value.Replace("%3B", ";", StringComparison.Ordinal).Replace("%0D", "\r", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal)
        .Replace("%5D", "]", StringComparison.Ordinal).Replace("%AZP25", "%", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);

    [GeneratedRegex(@"##vso\[(?<name>[a-z]+\.[a-z]+)(?: (?<properties>[^\]]*))?\](?<data>.*)$")]
    private static partial Regex Form();
}
