namespace Hillingar.BuildProgram;

static class Bench
{
    public static async Task<int> Run(string[] arguments)
    {
        await Tool.Run(
            "dotnet",
            ["run", "--project", "bench/Benchmarks", "-c", "Release", "--", .. arguments.Length > 0 ? arguments : ["--filter", "*"]]
        );
        return 0;
    }
}
