using System.Text.Json;

namespace Hillingar.BuildProgram;

/// <summary>The Pester suite: the packed module in a real PowerShell.</summary>
static class Pester
{
    const string Installing = "https://learn.microsoft.com/powershell/scripting/install/installing-powershell";

    /// <summary>Runs it where PowerShell and Pester are there; else it counts as one skipped test that says what is missing.</summary>
    /// <param name="environment">What tells the tests where things are; the sample's archives among them.</param>
    public static async Task<(int Passed, int Failed, int Skipped)> Run(IReadOnlyDictionary<string, string> environment)
    {
        Console.WriteLine("== Pester");
        if (await Missing() is { } missing)
        {
            Console.WriteLine($"skipped: Pester: needs {missing}; see {Installing}");
            return (0, 0, 1);
        }

        // Packages stay in a cache under their version, so each run has its own.
        var work = Directory.CreateDirectory(Path.Combine(Tool.Artifacts, "pester")).FullName;
        var (version, report) = ($"0.1.0-pester.{DateTime.UtcNow.Ticks}", Path.Combine(work, "report.json"));
        var feed = Path.Combine(work, "feed");
        if (Directory.Exists(feed))
            Directory.Delete(feed, recursive: true);
        File.Delete(report);
        await Pack.Sdk(version, feed);
        await Module.Lay();
        var exit = await Tool.Try("pwsh",
            ["-NoProfile", "-NonInteractive", "-File", "tests/Pester/Run.ps1", "-Report", report, "-Feed", feed, "-SdkVersion", version, "-Sources", environment["HILLINGAR_TEST_SOURCES"]],
            new Dictionary<string, string>(environment)
            {
                ["PSModulePath"] = string.Join(Path.PathSeparator, new[] { Module.Folder, Environment.GetEnvironmentVariable("PSModulePath") }.OfType<string>()),
                ["NUGET_PACKAGES"] = Path.Combine(work, "packages"),
                // dune is built into it once, for all tests.
                ["HILLINGAR_CACHE"] = Path.Combine(Tool.Artifacts, "test-cache"),
                ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
                ["POWERSHELL_UPDATECHECK"] = "Off",
            });
        if (exit != 0 || !File.Exists(report))
        {
            Console.WriteLine($"error: Pester ended with {exit}{(File.Exists(report) ? "" : " and reported nothing")}.");
            return (0, 1, 0);
        }

        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        var root = result.RootElement;
        foreach (var file in root.GetProperty("files").EnumerateArray())
            Console.WriteLine($"{file.GetProperty("name").GetString()}: {file.GetProperty("passed")} passed, {file.GetProperty("failed")} failed, {file.GetProperty("skipped")} skipped");
        foreach (var reason in root.GetProperty("reasons").EnumerateArray())
            Console.WriteLine($"skipped: {reason.GetString()}");
        return (root.GetProperty("passed").GetInt32(), root.GetProperty("failed").GetInt32(), root.GetProperty("skipped").GetInt32());
    }

    // A module of an older shell's would say nothing about this one, so the shell itself is asked.
    static async Task<string?> Missing()
    {
        if (Tool.Find("pwsh") is null)
            return "PowerShell 7.6 or later (pwsh on PATH) and Pester 5";
        var answer = await Tool.Ask("pwsh", "-NoProfile", "-NonInteractive", "-Command", "$PSVersionTable.PSVersion -ge [version]'7.6'; [bool](Get-Module -ListAvailable Pester | Where-Object { $_.Version -ge [version]'5.0' })");
        return (answer ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["True", "True"] => null,
            ["True", ..] => "Pester 5 (Install-PSResource Pester)",
            _ => "PowerShell 7.6 or later; the pwsh on PATH is older, or does not run",
        };
    }
}
