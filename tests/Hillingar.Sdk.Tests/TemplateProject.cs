using System.Text.RegularExpressions;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>A project that <c>dotnet new mirage-unikernel</c> made, in a folder of the test's own; a Directory.Build.props above it names the samples' opam repository.</summary>
sealed partial class TemplateProject : IDisposable
{
    readonly Sdk _sdk;
    readonly TestFolder _folder;
    readonly string _name;

    TemplateProject(Sdk sdk, TestFolder folder, string name) => (_sdk, _folder, _name) = (sdk, folder, name);

    /// <summary>Makes it.</summary>
    /// <param name="sdk">The packed SDK.</param>
    /// <param name="name">The project's name, and its folder's.</param>
    /// <param name="template">The template.</param>
    /// <param name="below">Folders in between, to have an odd path.</param>
    public static async Task<TemplateProject> Make(Sdk sdk, string name = "hello", string template = "mirage-unikernel", string below = "")
    {
        var folder = new TestFolder();
        var solution = Path.Combine(folder.Path, below);
        Directory.CreateDirectory(solution);
        File.WriteAllText(Path.Combine(solution, "NuGet.config"), sdk.NuGetConfig);
        File.WriteAllText(Path.Combine(solution, "Directory.Build.props"), $"""
            <Project>
              <PropertyGroup><HillingarAudit Condition="'$(HillingarAudit)' == ''">false</HillingarAudit></PropertyGroup>
              <ItemGroup Condition="'$(UsingHillingarSdk)' == 'true'"><OpamRepository Include="{Path.Combine(TestData.Root, "samples", "opam-repository")}" /></ItemGroup>
            </Project>
            """);
        var project = new TemplateProject(sdk, folder, Path.Combine(below, name));
        (await sdk.Dotnet(solution, ["new", template, "-n", name])).Succeeded();
        return project;
    }

    /// <summary>The project's folder.</summary>
    public string Folder => _folder[_name];

    /// <summary>The folder above it.</summary>
    public string Solution => Path.GetDirectoryName(Folder)!;

    public string ProjectFile => Directory.EnumerateFiles(Folder, "*.csproj").Single();

    /// <summary>A path below the project's folder.</summary>
    public string this[string path] => Path.Combine(Folder, path);

    public Task<Ran> Dotnet(params IEnumerable<string> arguments) => _sdk.Dotnet(Folder, arguments);

    /// <summary>Runs dotnet in the folder above.</summary>
    public Task<Ran> InSolution(params IEnumerable<string> arguments) => _sdk.Dotnet(Solution, arguments);

    public System.Diagnostics.Process Start(params IEnumerable<string> arguments) => _sdk.Start("dotnet", arguments, Folder);

    public void Edit(string file, Func<string, string> change)
    {
        var before = File.ReadAllText(this[file]);
        var after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(this[file], after);
    }

    public string Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
        File.WriteAllText(this[file], text);
        return this[file];
    }

    /// <summary>Gives it tests, of which <c>adds</c> and <c>fails</c> are there and pass.</summary>
    /// <param name="names">The names of all of them.</param>
    public void WriteTests(string names)
    {
        Edit(Path.GetFileName(ProjectFile), text => text.Replace("<DuneTarget>", "<HillingarTests>true</HillingarTests><DuneTarget>", StringComparison.Ordinal));
        Write("test/dune", $"(tests (names {names}))\n");
        Write("test/adds.ml", "let () = assert (1 + 1 = 2)\n");
        Write("test/fails.ml", "let () =\n  assert (1 + 1 = 2)\n");
    }

    /// <summary>
    /// Makes it a project of several targets by dune contexts of its own. The contexts compile for this machine: they stand in for the
    /// cross compilers, which the unikernel's own toolchain brings.
    /// </summary>
    public void StandInFor(params string[] targets)
    {
        Edit(Path.GetFileName(ProjectFile), text => MirageTargets().Replace(text, $"""
            <MirageTargets>{string.Join(';', targets)}</MirageTargets>
                <MirageConfigure>none</MirageConfigure>
                <DuneContext Condition="'$(MirageTarget)' != 'unix'">$(MirageTarget)</DuneContext>
            """));
        Write("dune-workspace", $"(lang dune 2.0)\n(context default)\n{string.Concat(targets.Where(target => target != "unix").Select(target => $"(context (default (name {target})))\n"))}");
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex("<MirageTargets>.*</MirageTargets>")]
    private static partial Regex MirageTargets();
}
