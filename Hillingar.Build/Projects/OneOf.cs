using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Projects;

/// <summary>Properties whose values are a few words.</summary>
public static class OneOf
{
    /// <summary>The value that a word stands for, its case ignored.</summary>
    /// <param name="property">The property.</param>
    /// <param name="value">Its value.</param>
    /// <param name="projectFile">The project that sets it.</param>
    /// <exception cref="HillingarException">HIL6004: it is none of them.</exception>
    public static T Word<T>(string property, string value, string projectFile)
        where T : struct, Enum =>
        Enum.Parse<T>(Of(property, value, [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())], projectFile), ignoreCase: true);

    /// <summary>The word of a list that a value is, its case ignored.</summary>
    /// <param name="property">The property.</param>
    /// <param name="value">Its value.</param>
    /// <param name="words">The list.</param>
    /// <param name="projectFile">The project that sets it.</param>
    /// <exception cref="HillingarException">HIL6004: it is none of them.</exception>
    public static string Of(string property, string value, IReadOnlyList<string> words, string projectFile) =>
        words.FirstOrDefault(word => word.Equals(value, StringComparison.OrdinalIgnoreCase))
        ?? throw new HillingarException(
            "HIL6004",
            $"{property} is '{value}'. It can be {string.Join(", ", words)}.{(Spelling.Nearest(value.ToLowerInvariant(), words) is { } near ? $" Did you mean {near}?" : "")}",
            new ProjectPlaces(projectFile).OfProperty(property)
        );
}
