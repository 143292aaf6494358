namespace Hillingar.BuildProgram;

/// <summary>The layout of the C# sources, which CSharpier decides: nobody has to.</summary>
static class Format
{
    /// <summary>Lays the sources out anew.</summary>
    public static async Task<int> Apply()
    {
        await Restore();
        await Tool.Run("dotnet", ["csharpier", "format", "."]);
        return 0;
    }

    /// <summary>Fails where a file is not laid out so.</summary>
    public static async Task Check()
    {
        Tool.Say("Checking the layout of the sources");
        await Restore();
        if (await Tool.Try("dotnet", ["csharpier", "check", "."]) != 0)
            throw new InvalidOperationException("Files are not laid out as CSharpier would: run ./build.sh format.");
    }

    static Task Restore() => Tool.Quietly("dotnet", ["tool", "restore"]);
}
