namespace Hillingar.BuildProgram;

/// <summary>The layout of the C# sources, which CSharpier decides: nobody has to.</summary>
static class Format
{
    /// <summary>Lays the sources out anew, or says which are not laid out so.</summary>
    /// <param name="check">Whether nothing is to be written.</param>
    public static async Task<int> Run(bool check)
    {
        await Tool.Quietly("dotnet", ["tool", "restore"]);
        return await Tool.Try("dotnet", ["csharpier", check ? "check" : "format", "."]);
    }
}
