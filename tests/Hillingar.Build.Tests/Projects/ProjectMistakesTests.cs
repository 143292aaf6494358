using System.Text.RegularExpressions;
using Hillingar.Build.Projects;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What MSBuild would pass over in silence.</summary>
public sealed partial class ProjectMistakesTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    IReadOnlyList<Diagnostic> Find(string content, IReadOnlyList<ForeignItem>? items = null, IReadOnlyList<string>? sources = null) =>
        new ProjectMistakes(_folder.Write("hello.csproj", $"<Project>\n{content}\n</Project>")).Find(items ?? [], sources ?? [], _folder["hello.opam.locked"]);

    [Theory]
    [InlineData("<PropertyGroup><MirageTragets>unix</MirageTragets></PropertyGroup>", "Did you mean MirageTargets?")]
    [InlineData("<PropertyGroup><MirgeTargets>unix</MirgeTargets></PropertyGroup>", "Did you mean MirageTargets?")]
    [InlineData("<PropertyGroup><HillingarOfline>true</HillingarOfline></PropertyGroup>", "Did you mean HillingarOffline?")]
    [InlineData("<PropertyGroup><UnikernelMem>64</UnikernelMem></PropertyGroup>", "UnikernelMem")]
    [InlineData("<PropertyGroup><DuneTargets>x</DuneTargets></PropertyGroup>", "Did you mean DuneTarget?")]
    [InlineData("<PropertyGroup><EnableDefaultDuneSource>false</EnableDefaultDuneSource></PropertyGroup>", "Did you mean EnableDefaultDuneSources?")]
    [InlineData("<ItemGroup><OpamDependancy Include=\"lwt\" /></ItemGroup>", "Did you mean OpamDependency?")]
    [InlineData("<ItemGroup><OpamDependencies Include=\"lwt\" /></ItemGroup>", "Did you mean OpamDependency?")]
    [InlineData("<ItemGroup><OpmDependency Include=\"lwt\" /></ItemGroup>", "Did you mean OpamDependency?")]
    [InlineData("<ItemGroup><DnsZones Include=\"x.zone\" /></ItemGroup>", "Did you mean DnsZone?")]
    [InlineData("<ItemGroup><UnikernelNetwork Include=\"service\" /></ItemGroup>", "UnikernelNet")]
    [InlineData("<ItemGroup><MirageTargets Include=\"spt\" /></ItemGroup>", "is a property and not an item")]
    [InlineData("<PropertyGroup><OpamDependency>lwt</OpamDependency></PropertyGroup>", "is an item and not a property")]
    [InlineData("<ItemGroup><OpamDependency Include=\"lwt\" Verson=\"5\" /></ItemGroup>", "Did you mean Version?")]
    [InlineData("<ItemGroup><UnikernelNet Include=\"a\"><Tab>tap0</Tab></UnikernelNet></ItemGroup>", "Did you mean Tap?")]
    [InlineData("<Choose><When Condition=\"true\"><PropertyGroup><MirageTragets>unix</MirageTragets></PropertyGroup></When></Choose>", "Did you mean MirageTargets?")]
    public void A_name_that_nobody_reads_is_a_warning_at_its_line_with_the_nearest_one(string content, string words)
    {
        var found = Assert.Single(Find(content));
        Assert.Equal((Severity.Warning, "HIL6020", 2), (found.Severity, found.Code, found.Place!.Value.Line));
        Assert.Contains(words, found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<PropertyGroup><miragetargets>unix</miragetargets></PropertyGroup>")]
    [InlineData("<PropertyGroup><MirageVersion>4.9</MirageVersion></PropertyGroup><ItemGroup><OpamDependency Include=\"mirage\" Version=\"$(MirageVersion)\" /></ItemGroup>")]
    [InlineData("<ItemGroup><OpamNames Include=\"lwt\" /><OpamDependency Include=\"@(OpamNames)\" /></ItemGroup>")]
    [InlineData("<PropertyGroup><TargetFramework>net8.0</TargetFramework><LangVersion>latest</LangVersion><Version>1.0</Version></PropertyGroup><ItemGroup><None Include=\"x\" /><Watch Include=\"x\" /></ItemGroup>")]
    [InlineData("<ItemGroup><OpamDependency Include=\"lwt\" Why=\"speed\" Condition=\"true\" /><OpamDependency Remove=\"lwt\" /><OpamDependency Update=\"lwt\" version=\"5\" /></ItemGroup>")]
    public void What_is_read_or_is_not_ours_is_none(string content) => Assert.Empty(Find(content));

    [Fact]
    public void What_stands_in_a_file_above_the_project_is_told_there()
    {
        var above = _folder.Write("Directory.Build.props", "<Project>\n  <PropertyGroup>\n    <HillingarOfline>true</HillingarOfline>\n  </PropertyGroup>\n</Project>");
        Assert.Equal(new Place(above, 3, 6), Assert.Single(Find("")).Place);
    }

    [Fact]
    public void Items_of_dotnet_are_told_where_the_project_itself_has_them_and_they_are_for_no_tool()
    {
        var found = Find("<ItemGroup><PackageReference Include=\"Some.Library\" /><Compile Include=\"a.cs\" />\n<PackageReference Include=\"A.Tool\" PrivateAssets=\"all\" /></ItemGroup>",
            [new("PackageReference", "Some.Library", "", false), new("PackageReference", "A.Tool", "", true), new("PackageReference", "From.Above", "", false), new("Compile", "a.cs", "", false)]);
        Assert.Equal(["Some.Library", "a.cs"], found.Select(each => each.Message.Contains("Some.Library", StringComparison.Ordinal) ? "Some.Library" : "a.cs"));
        Assert.All(found, each => Assert.Equal(("HIL6021", 2), (each.Code, each.Place!.Value.Line)));
    }

    [Fact]
    public void Sources_of_CSharp_are_one_warning_and_those_of_a_project_of_their_own_none()
    {
        _folder.Write("client/client.csproj", "<Project />");
        Assert.Empty(Find("", sources: [_folder.Write("client/app/Program.cs", "")]));
        var found = Assert.Single(Find("", sources: [_folder.Write("b.cs", ""), _folder.Write("a.cs", "")]));
        Assert.Equal(("HIL6021", _folder["a.cs"]), (found.Code, found.Place!.Value.File));
        Assert.Contains("2 files", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_no_project_and_no_opam_file_reads_is_left_over()
    {
        const string Lock = "opam-version: \"2.0\"\nx-hillingar-version: \"1\"\n";
        _folder.Write("hello.opam.locked", Lock);
        _folder.Write("own.opam", "");
        _folder.Write("own.opam.locked", Lock);
        _folder.Write("other.csproj", "<Project />");
        _folder.Write("other.opam.locked", Lock);
        _folder.Write("named.csproj", "<Project><PropertyGroup><HillingarLockFile>third.opam.locked</HillingarLockFile></PropertyGroup></Project>");
        _folder.Write("third.opam.locked", Lock);
        _folder.Write("theirs.opam.locked", "opam-version: \"2.0\"\n");
        Assert.Empty(Find(""));
        _folder.Write("aside.csproj", "<Project><PropertyGroup><UnikernelName>aside-too</UnikernelName></PropertyGroup></Project>");
        _folder.Write("aside-too.opam.locked", Lock);
        Assert.Empty(Find(""));
        var old = _folder.Write("old.opam.locked", Lock);
        Assert.Equal(("HIL6024", old), Assert.Single(Find("")) is var found ? (found.Code, found.Place!.Value.File) : default);
    }

    [Fact]
    public void References_to_packages_of_opam_are_errors_in_whatever_case()
    {
        var project = _folder.Write("hello.csproj", "<Project>\n<ItemGroup>\n<PackageReference Include=\"Lwt\" Version=\"5.6\" /></ItemGroup></Project>");
        var found = Assert.Single(new ProjectMistakes(project).OpamPackages([new("PackageReference", "Lwt", "5.6", false), new("PackageReference", "Serilog", "1", false), new("PackageReference", "dune", "", true)], ["lwt", "dune"]));
        Assert.Equal((Severity.Error, "HIL6022", 3), (found.Severity, found.Code, found.Place!.Value.Line));
        Assert.Contains("<OpamDependency Include=\"lwt\" Version=\"5.6\" />", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_that_are_known_are_those_that_the_targets_read()
    {
        var targets = string.Join('\n', Directory.EnumerateFiles(Path.Combine(TestData.Root, "Hillingar.Sdk", "Sdk"), "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.Equal(Properties().Matches(targets).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal), ProjectVocabulary.Properties.Order(StringComparer.Ordinal));
        Assert.Equal(Items().Matches(targets).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal), ProjectVocabulary.Items.Keys.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\$\(((?:Hillingar|Opam|Mirage|Unikernel|Dns|Dune|EnableDefaultDune|EnableDefaultOpam)[A-Za-z0-9]*)")]
    private static partial Regex Properties();

    [GeneratedRegex(@"@\(((?:Opam|Mirage|Unikernel|Dns|Dune)[A-Za-z]*)")]
    private static partial Regex Items();
}
