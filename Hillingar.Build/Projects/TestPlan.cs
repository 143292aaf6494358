using System.Text.Json;
using Hillingar.Build.Files;

namespace Hillingar.Build.Projects;

/// <summary>What a program that runs a project's tests outside of the build has to know: the project, and what was set for it from outside.</summary>
/// <param name="Project">The project's file.</param>
/// <param name="Properties">The global properties, as <c>-p:NAME=VALUE</c> sets them.</param>
public sealed record TestPlan(string Project, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>Writes it.</summary>
    /// <param name="path">Its file.</param>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this) + "\n");

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="path">Its file.</param>
    public static TestPlan Read(string path) =>
        JsonSerializer.Deserialize<TestPlan>(File.ReadAllText(path)) ?? throw new InvalidDataException($"'{path}' holds no plan of tests.");
}
