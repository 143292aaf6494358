using Hillingar.Build.Processes;

namespace Hillingar.Tests;

/// <summary>A Nix that tests run: the system's own (Debian 12: 2.8), or the newer one that the build program unpacks beside it.</summary>
/// <param name="Name"><c>system</c> or <c>modern</c>.</param>
/// <param name="Program">The path of <c>nix</c>.</param>
sealed record Nix(string Name, string Program)
{
    /// <summary>The names of both.</summary>
    public static TheoryData<string> Both => ["system", "modern"];

    /// <summary>One of the two; the test skips where it is not there.</summary>
    public static Nix Require(string name)
    {
        var program = name == "system" ? ProcessRunner.Find("nix") : Peers.Find("nix-bin", "usr/bin/nix");
        Assert.SkipWhen(program is null, name == "system" ? "needs the program 'nix' (Debian: nix-bin)" : "needs the newer Nix that './build.sh test' unpacks on Debian");
        return new Nix(name, program!);
    }

    /// <summary>Its version, as it says.</summary>
    public async Task<Version> Version()
    {
        var result = await ProcessRunner.Run(new Command(Program, ["--version"]), TestContext.Current.CancellationToken);
        return System.Version.Parse(result.Output.Trim().Split(' ')[^1].Split('+', 'p')[0]);
    }
}
