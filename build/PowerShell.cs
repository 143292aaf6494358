namespace Hillingar.BuildProgram;

/// <summary>A PowerShell and a Pester that are new enough: the machine's own, else from its NuGet feeds into artifacts/powershell.</summary>
static class PowerShell
{
    // The module runs on no older one.
    const string Oldest = "7.6";
    const string OldestPester = "5.7";
    const string Version = "7.6.9";

    static readonly string s_folder = Path.Combine(Tool.Artifacts, "powershell");
    static readonly string s_project = Path.Combine(Tool.Root, "tests", "Pester", "Pester.csproj");

    /// <summary>Installs what is missing.</summary>
    /// <returns>The shell's path, and what <c>Import-Module</c> takes for Pester.</returns>
    public static async Task<(string Shell, string Pester)> Install()
    {
        var shell = await Shell();
        return (shell, await HasPester(shell) ? "Pester" : await Pester());
    }

    static async Task<string> Shell()
    {
        // What lies on PATH may be older, or not run at all, so it is asked.
        if (Tool.Find("pwsh") is { } own && await Answers(own, $"$PSVersionTable.PSVersion -ge [version]'{Oldest}'"))
            return own;
        var tool = Path.Combine(s_folder, Version);
        var shell = Path.Combine(tool, "pwsh");
        if (!File.Exists(shell))
        {
            Tool.Say($"Installing PowerShell {Version} from NuGet");
            await Tool.Quietly("dotnet", ["tool", "install", "PowerShell", "--version", Version, "--tool-path", tool]);
        }

        return shell;
    }

    static Task<bool> HasPester(string shell) =>
        Answers(shell, $"[bool](Get-Module -ListAvailable Pester | Where-Object Version -GE '{OldestPester}')");

    static async Task<string> Pester()
    {
        var packages = Path.Combine(s_folder, "packages");
        if (Module() is null)
        {
            Tool.Say("Installing Pester from NuGet");
            await Tool.Quietly("dotnet", ["restore", s_project, "--packages", packages]);
        }

        return Module() ?? throw new InvalidOperationException($"{s_project} restored, and there is no Pester in {packages}.");

        string? Module() =>
            Directory.Exists(packages)
                ? Directory.EnumerateFiles(packages, "Pester.psd1", SearchOption.AllDirectories).Order().LastOrDefault()
                : null;
    }

    static async Task<bool> Answers(string shell, string question) =>
        (await Tool.Ask(shell, "-NoProfile", "-NonInteractive", "-Command", question))?.Trim() == "True";
}
