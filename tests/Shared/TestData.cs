namespace Hillingar.Tests;

/// <summary>The corpora that lie beside the repository, or in the folder that <c>HILLINGAR_TEST_DATA</c> names.</summary>
static class TestData
{
    /// <summary>The repository's own root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the corpora, or null in a clone that lacks it.</summary>
    public static string? Folder { get; } =
        new[] { Environment.GetEnvironmentVariable("HILLINGAR_TEST_DATA"), Path.Combine(Root, "..", "shared", "data") }
            .FirstOrDefault(folder => folder is { Length: > 0 } && Directory.Exists(folder)) is { } found ? Path.GetFullPath(found) : null;

    /// <summary>The archives from Debian's source packages, under the names that Debian gives them.</summary>
    public static string Sources { get; } = Artifacts("HILLINGAR_TEST_SOURCES", "sources");

    /// <summary>A folder that the build program fills: the one that a variable names, else one of artifacts/.</summary>
    public static string Artifacts(string variable, string name) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? named : Path.Combine(Root, "artifacts", name);

    /// <summary>Whether the long tier was asked for (<c>./build.sh test --full</c>).</summary>
    public static bool Full { get; } = Environment.GetEnvironmentVariable("HILLINGAR_TEST_TIER") == "full";

    /// <summary>A file of the corpora; the test skips, by name, where it is not there.</summary>
    public static string Require(string name)
    {
        var path = Folder is null ? null : Path.Combine(Folder, name);
        Assert.SkipWhen(path is null || !(File.Exists(path) || Directory.Exists(path)), $"needs {name} of the test data (HILLINGAR_TEST_DATA)");
        return path!;
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hillingar.slnx")))
                return folder.FullName;
        throw new InvalidOperationException("The tests run from a folder below the repository.");
    }
}
