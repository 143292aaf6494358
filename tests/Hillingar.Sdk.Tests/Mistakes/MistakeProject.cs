using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>A hello world with room for one mistake, built once for all of them: each copies it, changes it, and builds.</summary>
sealed partial class MistakeProject : IDisposable
{
    readonly Sdk _sdk;
    readonly TestFolder _folder;

    MistakeProject(Sdk sdk, TestFolder folder) => (_sdk, _folder) = (sdk, folder);

    /// <summary>A copy of the project, with a line of properties and one of items in their places.</summary>
    public static async Task<MistakeProject> Make(Sdk sdk, string property = "", string item = "")
    {
        var built = await sdk.Once("mistakes", async path =>
        {
            Directory.CreateDirectory(Path.Combine(path, "packages"));
            Package(Path.Combine(path, "packages", "Some.Library.1.0.0.nupkg"));
            File.WriteAllText(Path.Combine(path, "NuGet.config"), $"<configuration><packageSources><clear /><add key=\"feed\" value=\"{sdk.Feed}\" /><add key=\"own\" value=\"packages\" /></packageSources></configuration>");
            var project = Directory.CreateDirectory(Path.Combine(path, "Hello")).FullName;
            File.WriteAllText(Path.Combine(project, "dune-project"), "(lang dune 2.0)\n");
            File.WriteAllText(Path.Combine(project, "dune"), "(executable (name main))\n");
            File.WriteAllText(Path.Combine(project, "main.ml"), "let () = print_endline \"hi\"\n");
            File.WriteAllText(Path.Combine(project, "Hello.csproj"), Text(sdk, "", ""));
            (await sdk.Dotnet(project, ["build"])).Succeeded();
        });
        var folder = new TestFolder();
        using (var copy = Process.Start("cp", ["-a", built + "/.", folder.Path]))
            await copy.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.WriteAllText(folder["Hello/Hello.csproj"], Text(sdk, property, item));
        return new MistakeProject(sdk, folder);
    }

    static string Text(Sdk sdk, string property, string item) => $"""
        <Project Sdk="Hillingar.Sdk/{sdk.Version}">
          <PropertyGroup>
            {property}
            <DuneTarget>main.exe</DuneTarget>
            <HillingarAudit>false</HillingarAudit>
          </PropertyGroup>
          <ItemGroup>
            <OpamRepository Include="{TestData.Root}/samples/opam-repository" />
            {item}
          </ItemGroup>
        </Project>
        """;

    // A package that NuGet finds, so that nothing but the mistake is wrong.
    static void Package(string path)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        using (var nuspec = new StreamWriter(archive.CreateEntry("Some.Library.nuspec").Open()))
            nuspec.Write("<package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata><id>Some.Library</id><version>1.0.0</version><authors>a</authors><description>d</description></metadata></package>");
        archive.CreateEntry("lib/netstandard2.0/_._");
    }

    /// <summary>A path below the project's folder.</summary>
    public string this[string path] => Path.Combine(_folder["Hello"], path);

    /// <summary>Makes a change: <c>FILE:=TEXT</c>, <c>-FILE</c>, or <c>FROM =&gt; TO</c> in the project's file.</summary>
    public void Change(string change)
    {
        if (change.Length == 0)
            return;
        if (change[0] == '-')
        {
            File.Delete(this[change[1..]]);
            return;
        }

        if (change.Split(":=", 2) is [var file, var text])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
            File.WriteAllText(this[file], text.Replace("\\n", "\n", StringComparison.Ordinal));
            return;
        }

        var (from, to) = change.Split(" => ") is [var old, var other] ? (old, other) : throw new ArgumentException(change);
        Assert.Contains(from, File.ReadAllText(this["Hello.csproj"]), StringComparison.Ordinal);
        File.WriteAllText(this["Hello.csproj"], File.ReadAllText(this["Hello.csproj"]).Replace(from, to, StringComparison.Ordinal));
    }

    public Task<Ran> Dotnet(params IEnumerable<string> arguments) => _sdk.Dotnet(_folder["Hello"], arguments);

    /// <summary>Builds, and reads from the console what was told.</summary>
    public async Task<Told> Build(params IEnumerable<string> arguments) => Told.Of(await Dotnet(["build", .. arguments]));

    public void Dispose() => _folder.Dispose();
}

/// <summary>One error or warning on the console.</summary>
public sealed record ToldLine(string Severity, string Code, string Place, string Text);

/// <summary>What a build told.</summary>
/// <param name="Ran">The build.</param>
/// <param name="Lines">Its errors and warnings; the summary at the end, which repeats them, is left out.</param>
/// <param name="Errors">How many errors MSBuild counted.</param>
/// <param name="Warnings">How many warnings.</param>
public sealed partial record Told(Ran Ran, IReadOnlyList<ToldLine> Lines, int Errors, int Warnings)
{
    public static Told Of(Ran ran)
    {
        var before = ran.Output.Split("Build succeeded.")[0].Split("Build FAILED.")[0].Split("Time Elapsed")[0];
        var lines = Line().Matches(before.Length < ran.Output.Length ? before : ran.Output).Select(match => new ToldLine(match.Groups["severity"].Value, match.Groups["code"].Value,
            Path.GetFileName(match.Groups["file"].Value.Trim()) + match.Groups["place"].Value, match.Groups["text"].Value.Trim())).ToList();
        return new Told(ran, lines, Count(ran.Output, "Error"), Count(ran.Output, "Warning"));
    }

    static int Count(string output, string what) => Regex.Match(output, $@"^\s*(\d+) {what}\(s\)", RegexOptions.Multiline) is { Success: true } match ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : -1;

    [GeneratedRegex(@"^(?<file>[^\n(]*?)(?<place>\(\d+(,\d+)?\))?\s*: (?<severity>error|warning) (?<code>[A-Z]+\d+): (?<text>.*?)(?: \[[^\]\n]*proj\])?\r?$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
