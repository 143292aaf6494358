using Hillingar.Build.Locking;
using Hillingar.Build.Projects;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class ProjectEditorTests : IDisposable
{
    const string Project = """
        <!-- Ours. -->
        <Project Sdk="Hillingar.Sdk/0.1.0">
          <ItemGroup>
            <OpamRepository Include="../opam-repository" />
            <OpamDependency Include="lwt"   Version="[5.6,6.0)" /> <!-- why -->
            <OpamDependency Include="stringext" Version="&gt;= &quot;1.6&quot;" />
          </ItemGroup>
        </Project>

        """;

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Apply(LockFixKind kind, string? package, string version = "", string? owner = "app", string? repository = null, string text = Project)
    {
        var path = _folder.Write("app.csproj", text);
        ProjectEditor.Apply(new LockFix("the fix", kind, path, package, version, owner, repository), "app");
        return File.ReadAllText(path);
    }

    [Fact]
    public void A_bound_is_changed_and_all_else_stays() =>
        Assert.Equal(Project.Replace("<OpamDependency Include=\"lwt\"   Version=\"[5.6,6.0)\" />", "<OpamDependency Include=\"lwt\"   Version=\"&gt;= 5.6\" />"), Apply(LockFixKind.Bound, "lwt", ">= 5.6"));

    [Fact]
    public void A_bound_is_dropped() => Assert.Contains("<OpamDependency Include=\"stringext\" />", Apply(LockFixKind.Bound, "stringext"), StringComparison.Ordinal);

    [Fact]
    public void A_dependency_is_left_out()
    {
        var text = Apply(LockFixKind.LeaveOut, "stringext");
        Assert.DoesNotContain("stringext", text, StringComparison.Ordinal);
        Assert.Contains("<!-- why -->\n  </ItemGroup>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repository_comes_before_the_others() =>
        Assert.Contains("    <OpamRepository Include=\"git+https://example.org/ports\" />\n    <OpamRepository Include=\"../opam-repository\" />", Apply(LockFixKind.AddRepository, null, repository: "git+https://example.org/ports"), StringComparison.Ordinal);

    [Fact]
    public void Where_opams_own_repository_was_meant_it_is_named_beside_the_new_one()
    {
        var text = Apply(LockFixKind.AddRepository, null, repository: "../ports", text: "<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n</Project>\n");
        Assert.Contains("<OpamRepository Include=\"../ports\" />\n    <OpamRepository Include=\"https://opam.ocaml.org\" />", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LockFixKind.Bound, "lwt", ">= 5.6", null, "    <OpamDependency Include = 'lwt'\r\n\t Version='&gt;= 5.6'\t/><!-- why -->")]
    [InlineData(LockFixKind.Bound, "stringext", "", null, "    <OpamDependency Include='stringext'   />")]
    [InlineData(LockFixKind.Bound, "fmt", ">= 1", null, "      <Version>&gt;= 1</Version>")]
    [InlineData(LockFixKind.LeaveOut, "stringext", "", null, null)]
    [InlineData(LockFixKind.AddRepository, null, "", "../a&b", "    <OpamRepository Include=\"../a&amp;b\" />")]
    [InlineData(LockFixKind.LockCompiler, null, "", null, "    <HillingarHostSwitch>locked</HillingarHostSwitch>")]
    public void What_is_not_changed_stays_byte_for_byte(LockFixKind kind, string? package, string version, string? repository, string? line)
    {
        const string Odd = "\uFEFF<?xml version='1.0' encoding=\"utf-8\" ?>\r\n<Project  Sdk='Hillingar.Sdk/0.1.0'>\r\n  <PropertyGroup>\r\n    <A>&#x31;</A>\r\n  </PropertyGroup>\r\n\r\n  <ItemGroup>\r\n    <OpamRepository Include=\"x\"/>\r\n"
            + "    <OpamDependency Include = 'lwt'\r\n\t Version='[5.6,6.0)'\t/><!-- why -->\r\n    <OpamDependency Include='stringext' Version=\"1\"   />\r\n    <OpamDependency Include='fmt'>\r\n      <Version>0</Version>\r\n    </OpamDependency>\r\n  </ItemGroup>\r\n\r\n</Project>";
        Apply(kind, package, version, repository: repository, text: Odd);
        var after = System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(_folder["app.csproj"]));
        Assert.DoesNotContain('\n', after.Replace("\r\n", "", StringComparison.Ordinal));
        if (line is not null)
            Assert.Contains(line + "\r\n", after, StringComparison.Ordinal);
        // But for the change, the lines are those of before.
        var (old, now) = (Odd.Split("\r\n"), after.Split("\r\n"));
        Assert.InRange(old.Except(now).Count() + now.Except(old).Count(), 1, 2);
        Assert.StartsWith("\uFEFF<?xml version='1.0' encoding=\"utf-8\" ?>\r\n<Project  Sdk=", after, StringComparison.Ordinal);
        Assert.EndsWith("</Project>", after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LockFixKind.Bound, "elsewhere", "app")]
    [InlineData(LockFixKind.Bound, "lwt", "other")]
    [InlineData(LockFixKind.Other, null, null)]
    public void What_the_file_cannot_say_is_refused_and_the_file_stays(LockFixKind kind, string? package, string? owner)
    {
        Assert.Equal("HIL7004", Assert.Throws<HillingarException>(() => Apply(kind, package, owner: owner)).Diagnostic.Code);
        Assert.Equal(Project, File.ReadAllText(_folder["app.csproj"]));
    }
}
