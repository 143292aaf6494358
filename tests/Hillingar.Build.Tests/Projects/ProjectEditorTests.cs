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
        Assert.Equal(Project.Replace("<OpamDependency Include=\"lwt\"   Version=\"[5.6,6.0)\" />", "<OpamDependency Include=\"lwt\" Version=\"&gt;= 5.6\" />"), Apply(LockFixKind.Bound, "lwt", ">= 5.6"));

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
    [InlineData(LockFixKind.Bound, "elsewhere", "app")]
    [InlineData(LockFixKind.Bound, "lwt", "other")]
    [InlineData(LockFixKind.Other, null, null)]
    public void What_the_file_cannot_say_is_refused_and_the_file_stays(LockFixKind kind, string? package, string? owner)
    {
        Assert.Equal("HIL7004", Assert.Throws<HillingarException>(() => Apply(kind, package, owner: owner)).Diagnostic.Code);
        Assert.Equal(Project, File.ReadAllText(_folder["app.csproj"]));
    }
}
