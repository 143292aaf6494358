using System.Text.Json;

namespace Hillingar.BuildProgram;

/// <summary>The Pester suite: the packed module in a real PowerShell.</summary>
static class Pester
{
    /// <summary>Runs it, several files at a time.</summary>
    /// <param name="environment">What tells the tests where things are: the packed SDK and the sample's archives among them.</param>
    /// <param name="show">Takes what it says.</param>
    public static async Task<Counts> Run(IReadOnlyDictionary<string, string> environment, Action<string> show)
    {
        var (shell, pester) = await PowerShell.Install();
        // Tests read where help and manifest lead to; there may be no remote.
        await Module.Lay("https://example.org/hillingar");
        var work = Directory.CreateDirectory(Path.Combine(Tool.Artifacts, "pester")).FullName;
        var report = Path.Combine(work, "report.json");
        File.Delete(report);
        var exit = await Tool.Follow(
            shell,
            [
                "-NoProfile",
                "-NonInteractive",
                "-File",
                "tests/Pester/Run.ps1",
                "-Report",
                report,
                "-Feed",
                environment["HILLINGAR_TEST_FEED"],
                "-SdkVersion",
                environment["HILLINGAR_TEST_VERSION"],
                "-Sources",
                environment["HILLINGAR_TEST_SOURCES"],
                "-Shell",
                shell,
                "-Pester",
                pester,
            ],
            new Dictionary<string, string>(environment)
            {
                ["PSModulePath"] = string.Join(
                    Path.PathSeparator,
                    new[] { Module.Folder, Environment.GetEnvironmentVariable("PSModulePath") }.OfType<string>()
                ),
                ["NUGET_PACKAGES"] = Path.Combine(work, "packages"),
                // dune is built into it once, for all tests.
                ["HILLINGAR_CACHE"] = Path.Combine(Tool.Artifacts, "test-cache"),
                ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
                ["POWERSHELL_UPDATECHECK"] = "Off",
            },
            show
        );
        if (exit != 0 || !File.Exists(report))
        {
            show($"error: it ended with {exit}{(File.Exists(report) ? "" : " and reported nothing")}.");
            return new Counts(0, 1, 0);
        }

        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        var root = result.RootElement;
        foreach (var reason in root.GetProperty("reasons").EnumerateArray())
            show($"skipped: {reason.GetString()}");
        return new Counts(
            root.GetProperty("passed").GetInt32(),
            root.GetProperty("failed").GetInt32(),
            root.GetProperty("skipped").GetInt32()
        );
    }
}
