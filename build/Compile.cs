namespace Hillingar.BuildProgram;

static class Compile
{
    /// <summary>Compiles everything.</summary>
    /// <param name="configuration">MSBuild's configuration. What is packed is Release, so the tests are too: nothing is compiled twice.</param>
    public static async Task<int> All(string configuration = "Debug")
    {
        Tool.Say("Compiling");
        await Tool.Quietly("dotnet", ["build", "Hillingar.slnx", "--nologo", "-v", "quiet", "-c", configuration]);
        return 0;
    }
}
