namespace Hillingar.BuildProgram;

static class Compile
{
    public static async Task<int> All()
    {
        await Tool.Run("dotnet", ["build", "Hillingar.slnx", "--nologo", "-v", "quiet", "-clp:NoSummary"]);
        return 0;
    }
}
