namespace Hillingar.BuildProgram;

static class Compile
{
    /// <summary>Compiles everything.</summary>
    /// <param name="configuration">MSBuild's configuration. What is packed is Release, so the tests are too: nothing is compiled twice.</param>
    public static async Task<int> All(string configuration = "Debug")
    {
        Tool.Say("Compiling");
        // One compiler for all projects costs half of a compiler each, also where the machine's settings would have one each; it ends with the work.
        await Tool.Quietly(
            "dotnet",
            ["build", "Hillingar.slnx", "--nologo", "-v", "quiet", "-c", configuration, "-p:UseSharedCompilation=true"]
        );
        await Tool.Quietly("dotnet", ["build-server", "shutdown", "--vbcscompiler"]);
        return 0;
    }
}
