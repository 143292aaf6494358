using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Hillingar.BuildProgram;

/// <summary>Lays the PowerShell module out as it is published: <c>Hillingar.PowerShell/VERSION/</c>, whose parent belongs on <c>PSModulePath</c>.</summary>
static partial class Module
{
    public const string Name = "Hillingar.PowerShell";

    static readonly string[] s_ofAll = ["LICENSE", "CHANGELOG.md", "assets/icon.png", "assets/THIRD-PARTY-NOTICES.txt"];

    /// <summary>The folder for <c>PSModulePath</c>.</summary>
    public static string Folder { get; } = Path.Combine(Tool.Artifacts, "module");

    /// <summary>Makes the module anew.</summary>
    /// <param name="project">The project's address, to which help and manifest lead; null for that of git's remote, if there is one.</param>
    /// <returns>Its folder.</returns>
    public static async Task<string> Lay(string? project = null)
    {
        project ??= await Remote();
        Tool.Say($"Laying out the module {Name}");
        var source = Path.Combine(Tool.Root, Name);
        var version = XDocument.Load(Path.Combine(Tool.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;
        var target = Path.Combine(Folder, Name, version);
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        var lib = Path.Combine(target, "lib");
        await Tool.Quietly(
            "dotnet",
            ["publish", source, "--nologo", "-v", "quiet", "-c", "Release", "-o", lib, "-p:GenerateDependencyFile=false"]
        );
        foreach (var rest in Directory.GetFiles(lib).Where(file => Path.GetExtension(file) != ".dll"))
            File.Delete(rest);
        foreach (
            var file in Directory.GetFiles(Path.Combine(source, "Module")).Concat(s_ofAll.Select(file => Path.Combine(Tool.Root, file)))
        )
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        var manifest = Path.Combine(target, Name + ".psd1");
        await File.WriteAllTextAsync(
            manifest,
            Mark()
                .Replace(
                    await File.ReadAllTextAsync(manifest),
                    match =>
                        project is null
                            ? ""
                            : $"{match.Groups[1].Value}ProjectUri   = '{project}'\n{match.Groups[1].Value}IconUri      = '{project}/raw/HEAD/assets/icon.png'\n"
                )
        );
        await Help(
            Directory.CreateDirectory(Path.Combine(target, "en-US")).FullName,
            Path.Combine(lib, Name + ".dll"),
            project is null ? null : name => $"{project}/blob/HEAD/docs/powershell/{name}.md"
        );
        return target;
    }

    // As SourceLink, which finds the sources so: https://HOST/OWNER/NAME, of an address for ssh too.
    static async Task<string?> Remote() =>
        await Tool.Ask("git", "remote", "get-url", "origin") is { } remote && Address().Match(remote.Trim()) is { Success: true } match
            ? $"https://{match.Groups["host"].Value}/{match.Groups["path"].Value}"
            : null;

    [GeneratedRegex(@"^(?:https://(?:[^@/]*@)?|git@|ssh://git@)(?<host>[A-Za-z0-9.-]+)[:/](?<path>[A-Za-z0-9._/-]+?)(?:\.git)?/?$")]
    private static partial Regex Address();

    [GeneratedRegex(@"^( *)# ProjectUri and IconUri [^\n]*\n", RegexOptions.Multiline)]
    private static partial Regex Mark();

    // The words are docs/powershell's, what a parameter is the assembly says: neither is written twice.
    static async Task Help(string folder, string assembly, Func<string, string>? page)
    {
        var docs = Path.Combine(Tool.Root, "docs", "powershell");
        // The shell has the assembly that cmdlets derive from, and the module does not: this program brings the one they are compiled against.
        var cmdlets = CmdletShape
            .Read(assembly, Path.Combine(AppContext.BaseDirectory, "System.Management.Automation.dll"))
            .Select(shape => (shape, HelpPage.Parse(File.ReadAllText(Path.Combine(docs, shape.Name + ".md")))));
        Maml.Write(cmdlets, page).Save(Path.Combine(folder, Name + ".dll-Help.xml"));
        foreach (var about in Directory.GetFiles(docs, "about_*.md"))
            await File.WriteAllTextAsync(
                Path.Combine(folder, Path.GetFileNameWithoutExtension(about) + ".help.txt"),
                HelpPage.Plain(await File.ReadAllTextAsync(about))
            );
    }
}
