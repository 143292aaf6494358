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
        Enum.GetNames<T>().Contains(value, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(value, ignoreCase: true)
        : throw new HillingarException("HIL6004", $"{property} is '{value}'. It can be {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.{(Spelling.Nearest(value, Enum.GetNames<T>()) is { } near ? $" Did you mean {near.ToLowerInvariant()}?" : "")}", new ProjectPlaces(projectFile).OfProperty(property));
}
