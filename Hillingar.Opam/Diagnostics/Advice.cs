namespace Hillingar.Opam.Diagnostics;

/// <summary>What messages tell the user to run: commands of <c>dotnet</c>, or cmdlets where one works in PowerShell.</summary>
public static class Advice
{
    /// <summary>Whether one works in PowerShell. The module says so when it is loaded, in a load context that is its own.</summary>
    public static bool IsForPowerShell { get; set; }

    /// <summary>One of two texts.</summary>
    /// <param name="dotnet">For whoever works with <c>dotnet</c>.</param>
    /// <param name="powerShell">For whoever works in PowerShell.</param>
    public static string Say(string dotnet, string powerShell) => IsForPowerShell ? powerShell : dotnet;

    /// <summary>What vendors again.</summary>
    public static string Restore => Say("Run 'dotnet restore' (build without --no-restore).", "Run Restore-HillingarMonorepo.");

    /// <summary>What makes a lock anew, at the newest versions.</summary>
    public static string LockAnew => Say("dotnet restore --force-evaluate", "Update-HillingarLock -Force");
}
