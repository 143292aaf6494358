using System.Xml.Linq;

namespace Hillingar.BuildProgram;

/// <summary>Lays the PowerShell module out as it is published: <c>Hillingar.PowerShell/VERSION/</c>, whose parent belongs on <c>PSModulePath</c>.</summary>
static class Module
{
    public const string Name = "Hillingar.PowerShell";

    static readonly string[] s_ofAll = ["LICENSE", "CHANGELOG.md", "assets/icon.png", "assets/THIRD-PARTY-NOTICES.txt"];

    /// <summary>The folder for <c>PSModulePath</c>.</summary>
    public static string Folder { get; } = Path.Combine(Tool.Artifacts, "module");

    /// <summary>Makes the module anew.</summary>
    /// <returns>Its folder.</returns>
    public static async Task<string> Lay()
    {
        Tool.Say($"Laying out the module {Name}");
        var source = Path.Combine(Tool.Root, Name);
        var version = XDocument.Load(Path.Combine(Tool.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;
        var target = Path.Combine(Folder, Name, version);
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        var lib = Path.Combine(target, "lib");
        await Tool.Quietly("dotnet", ["publish", source, "--nologo", "-v", "quiet", "-c", "Release", "-o", lib, "-p:GenerateDependencyFile=false"]);
        foreach (var rest in Directory.GetFiles(lib).Where(file => Path.GetExtension(file) != ".dll"))
            File.Delete(rest);
        foreach (var file in Directory.GetFiles(Path.Combine(source, "Module")).Concat(s_ofAll.Select(file => Path.Combine(Tool.Root, file))))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        await Help(Directory.CreateDirectory(Path.Combine(target, "en-US")).FullName, Path.Combine(lib, Name + ".dll"));
        return target;
    }

    // The words are docs/powershell's, what a parameter is the assembly says: neither is written twice.
    static async Task Help(string folder, string assembly)
    {
        var docs = Path.Combine(Tool.Root, "docs", "powershell");
        // The shell has the assembly that cmdlets derive from, and the module does not: this program brings the one they are compiled against.
        var cmdlets = CmdletShape.Read(assembly, Path.Combine(AppContext.BaseDirectory, "System.Management.Automation.dll")).Select(shape => (shape, HelpPage.Parse(File.ReadAllText(Path.Combine(docs, shape.Name + ".md")))));
        Maml.Write(cmdlets).Save(Path.Combine(folder, Name + ".dll-Help.xml"));
        foreach (var about in Directory.GetFiles(docs, "about_*.md"))
            await File.WriteAllTextAsync(Path.Combine(folder, Path.GetFileNameWithoutExtension(about) + ".help.txt"), HelpPage.Plain(await File.ReadAllTextAsync(about)));
    }
}
