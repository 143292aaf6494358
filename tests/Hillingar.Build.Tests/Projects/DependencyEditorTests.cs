using System.Text;
using Hillingar.Build.Projects;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests.Projects;

public sealed class DependencyEditorTests : IDisposable
{
    const string Project = """
        <?xml version='1.0'?>
        <!-- Ours. -->
        <Project Sdk='Hillingar.Sdk/0.1.0'
                 InitialTargets="">
          <ItemGroup>
            <OpamRepository Include="../opam-repository" />
            <OpamDependency   Include='fmt'
                              Version='[0.9,1.0)' />	<!-- printing: a > b -->
            <OpamDependency Include="stringext"><Version>[1.6,2.0)</Version></OpamDependency>

          </ItemGroup>
          <Target Name="Empty"></Target>
        </Project>
        """;

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string File => _folder["app.csproj"];

    string Edit(string text, Func<string, DependencyEdit> edit, DependencyChange change = DependencyChange.Added)
    {
        _folder.Write("app.csproj", text);
        Assert.Equal(change, edit(File).Change);
        return System.IO.File.ReadAllText(File);
    }

    [Theory]
    [InlineData("lwt", "    <OpamDependency Include=\"lwt\" />\n", "    <OpamDependency Include=\"stringext\">")]
    [InlineData("astring", "    <OpamDependency Include=\"astring\" />\n", "    <OpamDependency   Include='fmt'")]
    [InlineData("yojson", "    <OpamDependency Include=\"yojson\" />\n", "\n  </ItemGroup>\n  <Target")]
    public void A_package_is_added_where_it_belongs_and_nothing_else_changes(string package, string line, string before) =>
        Assert.Equal(Project.Replace(before, line + before), Edit(Project, file => DependencyEditor.Add(file, package)));

    [Theory]
    [InlineData("[5.6,6.0)", "[5.6,6.0)")]
    [InlineData(">= \"5.6\" & < \"6\"", "&gt;= &quot;5.6&quot; &amp; &lt; &quot;6&quot;")]
    [InlineData(" 5.6 ", "5.6")]
    public void A_constraint_is_written_as_XML_and_read_back_as_it_was(string constraint, string written)
    {
        Assert.Contains($"    <OpamDependency Include=\"lwt\" Version=\"{written}\" />\n", Edit(Project, file => DependencyEditor.Add(file, "lwt", constraint)), StringComparison.Ordinal);
        Assert.Equal((constraint.Trim(), DependencyChange.None), (DependencyEditor.Add(File, "lwt").Constraint, DependencyEditor.Add(File, "lwt", constraint).Change));
    }

    [Fact]
    public void What_is_there_gets_the_constraint_wherever_it_stands()
    {
        Assert.Equal(Project.Replace("'[0.9,1.0)'", "'0.9'"), Edit(Project, file => DependencyEditor.Add(file, "fmt", "0.9"), DependencyChange.Changed));
        Assert.Equal(Project.Replace("[1.6,2.0)", "&gt;= 1.6"), Edit(Project, file => DependencyEditor.Add(file, "stringext", ">= 1.6"), DependencyChange.Changed));
        Assert.Equal(Project, Edit(Project, file => DependencyEditor.Add(file, "fmt"), DependencyChange.None));
    }

    [Theory]
    [InlineData("fmt", "    <OpamDependency   Include='fmt'\n                      Version='[0.9,1.0)' />", "    ")]
    [InlineData("stringext", "    <OpamDependency Include=\"stringext\"><Version>[1.6,2.0)</Version></OpamDependency>\n", "")]
    public void A_package_is_taken_out_and_nothing_else_changes(string package, string line, string with) =>
        Assert.Equal(Project.Replace(line, with), Edit(Project, file => DependencyEditor.Remove(file, package), DependencyChange.Removed));

    [Theory]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n  <PropertyGroup>\n    <A>1</A>\n  </PropertyGroup>\n</Project>\n")]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n</Project>")]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n  <!-- nothing yet --></Project>\n", "<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n  <!-- nothing yet -->\n</Project>\n")]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\" />\n", "<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n</Project>\n")]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\"></Project>", "<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n</Project>")]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\"><ItemGroup Condition=\"'$(A)' == ''\"><OpamDependency Include=\"fmt\" /></ItemGroup></Project>")]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\"><ItemGroup><OpamDependency Include=\"fmt\" /></ItemGroup></Project>")]
    [InlineData("<Project Sdk=\"Hillingar.Sdk/0.1.0\">\r\n\t<ItemGroup>\r\n\t\t<OpamDependency Include=\"fmt\" />\r\n\t</ItemGroup>\r\n</Project>\r\n")]
    public void A_file_of_any_shape_takes_one_and_gives_it_back(string text, string? after = null)
    {
        var added = Edit(text, file => DependencyEditor.Add(file, "lwt"));
        var item = Assert.Single(System.Xml.Linq.XDocument.Parse(added).Descendants("OpamDependency"), element => (string?)element.Attribute("Include") == "lwt");
        Assert.Null(item.Parent!.Attribute("Condition"));
        Assert.Equal(added, added.ReplaceLineEndings(text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n"));
        var removed = Edit(added, file => DependencyEditor.Remove(file, "lwt"), DependencyChange.Removed);
        Assert.Equal(after ?? text, removed);
    }

    [Fact]
    public void The_encoding_and_a_link_stay()
    {
        _folder.Write("real.csproj", "");
        System.IO.File.WriteAllText(_folder["real.csproj"], "<!-- schön -->" + Project[(Project.IndexOf("<Project", StringComparison.Ordinal))..], Encoding.UTF8);
        System.IO.File.CreateSymbolicLink(File, "real.csproj");
        DependencyEditor.Add(File, "lwt");
        Assert.Equal("real.csproj", new FileInfo(File).LinkTarget);
        Assert.Equal(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'<' }, System.IO.File.ReadAllBytes(_folder["real.csproj"])[..4]);
        Assert.Contains("schön", System.IO.File.ReadAllText(_folder["real.csproj"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no name", null, "HIL6013")]
    [InlineData("lwt.5.7", null, "HIL6013")]
    [InlineData("lwt", "newest", "HIL6010")]
    [InlineData("lwt", ">= \"1\"} \"evil\" {", "HIL6010")]
    [InlineData("shared", null, "HIL7004")]
    [InlineData("mirage", "4.0", "HIL7004")]
    [InlineData("logs", "1.0", "HIL7004")]
    public void What_cannot_be_written_is_refused_and_the_file_stays(string package, string? constraint, string code)
    {
        const string text = "<Project><ItemGroup Condition=\"'$(A)' == ''\"><OpamDependency Include=\"logs\" /></ItemGroup><ItemGroup Condition=\"'$(A)' != ''\"><OpamDependency Include=\"logs\" /></ItemGroup><ItemGroup><OpamDependency Include=\"mirage;fmt\" /></ItemGroup></Project>";
        _folder.Write("Directory.Build.props", "<Project><ItemGroup><OpamDependency Include=\"shared\" /></ItemGroup></Project>");
        _folder.Write("app.csproj", text);
        Assert.Equal(code, Assert.Throws<HillingarException>(() => DependencyEditor.Add(File, package, constraint)).Diagnostic.Code);
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void One_of_several_in_an_item_is_taken_out() =>
        Assert.Equal("<Project><ItemGroup><OpamDependency Include=\"fmt\" /></ItemGroup></Project>",
            Edit("<Project><ItemGroup><OpamDependency Include=\"lwt; fmt\" /></ItemGroup></Project>", file => DependencyEditor.Remove(file, "lwt"), DependencyChange.Removed));

    [Fact]
    public void What_is_not_there_is_told_with_the_nearest_name()
    {
        _folder.Write("app.csproj", Project);
        var fault = Assert.Throws<HillingarException>(() => DependencyEditor.Remove(File, "stringex")).Diagnostic;
        Assert.Equal("HIL7014", fault.Code);
        Assert.Contains("Did you mean stringext?", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_XML_is_told_at_its_place()
    {
        _folder.Write("app.csproj", "<Project><ItemGroup></Project>");
        var fault = Assert.Throws<HillingarException>(() => DependencyEditor.Add(File, "lwt")).Diagnostic;
        Assert.Equal(("HIL7004", File), (fault.Code, fault.Place?.File));
    }
}
