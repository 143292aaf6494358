using System.Xml.Linq;
using Hillingar.BuildProgram;

namespace Hillingar.PowerShell.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Names => ModuleTests.Names;

    [Fact]
    public void There_is_a_page_for_each_cmdlet_and_an_about_topic()
    {
        Assert.Equal(Module.Cmdlets.Select(cmdlet => cmdlet.Name), Module.Pages.Keys.Order(StringComparer.Ordinal));
        Assert.All(Module.Pages.Keys, name => Assert.True(File.Exists(Path.Combine(Module.Docs, name + ".md")), name));
        var about = File.ReadAllText(Path.Combine(Module.Docs, "about_Hillingar.md"));
        Assert.All(Module.Pages.Keys, name => Assert.Contains(name, about, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_describes_each_parameter_and_no_other(string name)
    {
        var parameters = Module.Cmdlets.Single(cmdlet => cmdlet.Name == name).Parameters;
        Assert.Equal(parameters.Select(parameter => parameter.Name), Module.Pages[name].Parameters.Keys.Order(StringComparer.Ordinal));
        Assert.All(Module.Pages[name].Parameters.Values, text => Assert.EndsWith(".", text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_has_a_synopsis_a_description_and_three_examples_of_the_cmdlet(string name)
    {
        var page = Module.Pages[name];
        Assert.InRange(page.Synopsis.Length, 10, 120);
        Assert.NotEmpty(page.Description);
        Assert.Equal(3, page.Examples.Count);
        Assert.All(page.Examples, example => Assert.Contains(name, example.Code, StringComparison.OrdinalIgnoreCase));
        Assert.All(page.Examples, example => Assert.True(example.Remarks.Length > 0, example.Title));
    }

    [Fact]
    public void The_help_file_says_what_page_and_attributes_say()
    {
        var help = Maml.Write(Module.Cmdlets.Select(cmdlet => (cmdlet, Module.Pages[cmdlet.Name])), null);
        XNamespace command = "http://schemas.microsoft.com/maml/dev/command/2004/10", maml = "http://schemas.microsoft.com/maml/2004/10";
        Assert.Equal(Module.Cmdlets.Select(cmdlet => cmdlet.Name), help.Root!.Elements(command + "command").Select(item => item.Element(command + "details")!.Element(command + "name")!.Value));
        foreach (var (item, cmdlet) in help.Root.Elements(command + "command").Zip(Module.Cmdlets))
        {
            Assert.Equal(cmdlet.Sets.Count, item.Element(command + "syntax")!.Elements(command + "syntaxItem").Count());
            Assert.Equal(cmdlet.Parameters.Count + (cmdlet.SupportsShouldProcess ? 2 : 0), item.Element(command + "parameters")!.Elements(command + "parameter").Count());
            foreach (var parameter in item.Element(command + "parameters")!.Elements(command + "parameter"))
                Assert.True(parameter.Element(maml + "description")!.Value.Length > 0);
        }

        var build = help.Root.Elements(command + "command").Single(item => item.Value.Contains("Invoke-HillingarBuild", StringComparison.Ordinal) && item.Element(command + "details")!.Element(command + "verb")!.Value == "Invoke");
        var target = build.Element(command + "parameters")!.Elements(command + "parameter").Single(parameter => parameter.Element(maml + "name")!.Value == "Target");
        Assert.Equal("String[]", target.Element(command + "parameterValue")!.Value);
    }

    [Fact]
    public void A_page_is_read_as_it_is_written()
    {
        var page = HelpPage.Parse("# Get-X\n\nGets `x`\nof [y](z).\n\nMore.\n\n## Parameters\n\n### -Name\n\nThe name.\n\n## Examples\n\n### One\n\n```powershell\nGet-X\n# a comment\n```\n\nIt is x.\n");
        Assert.Equal(("Get-X", "Gets x of y."), (page.Name, page.Synopsis));
        Assert.Equal(["More."], page.Description);
        Assert.Equal("The name.", page.Parameters["name"]);
        Assert.Equal(new HelpExample("One", "Get-X\n# a comment", "It is x."), Assert.Single(page.Examples));
        Assert.Throws<FormatException>(() => HelpPage.Parse("# Get-X\n\nGets.\n\n## Examples\n\n### One\n\nNothing.\n"));
    }
}
