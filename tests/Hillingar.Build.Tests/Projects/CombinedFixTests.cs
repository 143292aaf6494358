using Hillingar.Build.Locking;
using Hillingar.Build.Machines;
using Hillingar.Build.Projects;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Fixes that are more than a bound: the compiler, the host switch, and several changes in one.</summary>
public sealed class CombinedFixTests : IDisposable
{
    const string Project = "<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n  <PropertyGroup>\n    <UnikernelName>app</UnikernelName> <!-- ours -->\n  </PropertyGroup>\n  <ItemGroup>\n    <OpamDependency Include=\"lwt\" />\n    <OpamDependency Include=\"fmt\" Version=\"1\" />\n  </ItemGroup>\n</Project>\n";

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    LockFix Fix(LockFixKind kind, string? package = null, string version = "", string? repository = null, string text = Project) =>
        new("the fix", kind, _folder.Write("app.csproj", text), package, version, "app", repository);

    string Applied(LockFix fix)
    {
        ProjectEditor.Apply(fix, "app");
        return File.ReadAllText(_folder["app.csproj"]);
    }

    [Fact]
    public void The_compiler_is_taken_from_the_lock_by_a_property() =>
        Assert.Equal(Project.Replace(" <!-- ours -->\n", " <!-- ours -->\n    <HillingarHostSwitch>locked</HillingarHostSwitch>\n"), Applied(Fix(LockFixKind.LockCompiler)));

    [Fact]
    public void A_property_that_is_there_is_changed() =>
        Assert.Contains("<HillingarHostSwitch>locked</HillingarHostSwitch>", Applied(Fix(LockFixKind.LockCompiler, text: Project.Replace("<UnikernelName>", "<HillingarHostSwitch>machine</HillingarHostSwitch><UnikernelName>"))), StringComparison.Ordinal);

    [Fact]
    public void A_project_without_properties_gets_a_group() =>
        Assert.Contains("<PropertyGroup>\n    <HillingarHostSwitch>locked</HillingarHostSwitch>\n  </PropertyGroup>\n", Applied(Fix(LockFixKind.LockCompiler, text: "<Project Sdk=\"Hillingar.Sdk/0.1.0\">\n</Project>\n")), StringComparison.Ordinal);

    [Fact]
    public void What_the_host_switch_provides_is_written_into_the_opam_file_that_says_so_already()
    {
        _folder.Write("a.opam", "opam-version: \"2.0\"\n");
        _folder.Write("b.opam", "# why\nx-opam-monorepo-opam-provided: [\"conf-x\"]\ndepends: [ \"dune\" ]\n");
        Assert.Equal(Project, Applied(Fix(LockFixKind.Provide) with { Provided = ["conf-x", "z3"] }));
        Assert.Equal("opam-version: \"2.0\"\n", File.ReadAllText(_folder["a.opam"]));
        Assert.Equal("# why\nx-opam-monorepo-opam-provided: [\"conf-x\" \"z3\"]\ndepends: [ \"dune\" ]\n", File.ReadAllText(_folder["b.opam"]));
    }

    [Fact]
    public void Without_an_opam_file_it_is_said_why_not()
    {
        var fix = Fix(LockFixKind.LockCompiler) with { Provided = ["z3"] };
        Assert.False(ProjectEditor.CanApply(fix, "app"));
        var error = Assert.Throws<HillingarException>(() => ProjectEditor.Apply(fix, "app")).Diagnostic;
        Assert.Equal("HIL7004", error.Code);
        Assert.Contains("only an opam file can say it (x-opam-monorepo-opam-provided), and there is none beside the project", error.Message, StringComparison.Ordinal);
        Assert.Equal(Project, File.ReadAllText(_folder["app.csproj"]));
    }

    [Fact]
    public void Several_changes_are_made_together_or_none_is()
    {
        var fix = Fix(LockFixKind.Bound, "fmt", ">= 0.9 & <= 2", "../ports");
        var both = Applied(fix with { Also = [new LockFix("the other", LockFixKind.LeaveOut, fix.ProjectFile, "lwt", "", "app", null)] });
        Assert.Contains("<OpamDependency Include=\"fmt\" Version=\"&gt;= 0.9 &amp; &lt;= 2\" />", both, StringComparison.Ordinal);
        Assert.DoesNotContain("lwt", both, StringComparison.Ordinal);
        Assert.Contains("<OpamRepository Include=\"../ports\" />", both, StringComparison.Ordinal);

        fix = Fix(LockFixKind.Bound, "fmt", "", "../ports");
        foreach (var (owner, package) in new[] { ("lib", "lwt"), ("app", "nowhere") })
            Assert.Equal("HIL7004", Assert.Throws<HillingarException>(() => ProjectEditor.Apply(fix with { Also = [new LockFix("the other", LockFixKind.LeaveOut, fix.ProjectFile, package, "", owner, null)] }, "app")).Diagnostic.Code);
        Assert.Equal(Project, File.ReadAllText(_folder["app.csproj"]));
    }

    [Fact]
    public async Task A_fix_of_a_real_conflict_is_applied_and_the_project_locks()
    {
        var machine = await Toolchain.TryProbe(TestContext.Current.CancellationToken);
        Assert.SkipWhen(machine is null || !machine.OCaml.StartsWith("4.13", StringComparison.Ordinal), "needs OCaml 4.13 (Debian 12: ocaml)");
        // The overlay has the port of fmt, z3 has none, and the machine's compiler is too old: three changes in one.
        using var report = new ReportCase("<HillingarHostSwitch>machine</HillingarHostSwitch>", "<OpamRepository Include=\"REPO\" /><OpamOverlay Include=\"OVERLAYS\" />").Opam("depends: [\"dune\" \"ocaml\" {>= \"4.14\"} \"fmt\" \"z3\"]");
        var conflict = (await Assert.ThrowsAsync<ConflictException>(() => report.Lock())).Conflict;
        var fix = Assert.Single(conflict.Fixes, fix => fix.Kind == LockFixKind.LockCompiler);
        Assert.True(ProjectEditor.CanApply(fix, "case"));
        ProjectEditor.Apply(fix, "case");
        var locked = await report.Lock();
        Assert.Equal(["z3"], locked.OpamProvided);
        Assert.EndsWith("+dune", locked.Version("fmt")!.Value.Text, StringComparison.Ordinal);
    }
}
