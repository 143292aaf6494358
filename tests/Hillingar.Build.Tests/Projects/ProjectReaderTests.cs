using Hillingar.Build.Depext;
using Hillingar.Build.Projects;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Projects that MSBuild evaluates, without the SDK: what it sets is written into them. With the SDK: Hillingar.Sdk.Tests.</summary>
public sealed class ProjectReaderTests : IDisposable
{
    const string Properties = """
        <UsingHillingarSdk>true</UsingHillingarSdk><Configuration Condition="'$(Configuration)' == ''">Debug</Configuration>
        <UnikernelName>app</UnikernelName><MirageTargets>unix; hvt</MirageTargets><MirageConfigure>none</MirageConfigure>
        <HillingarLockFile>app.opam.locked</HillingarLockFile><HillingarWorkspace>obj/$(Configuration)/</HillingarWorkspace><_HillingarRestoreStamp>obj/stamp</_HillingarRestoreStamp>
        <HillingarOffline>true</HillingarOffline><HillingarAudit>false</HillingarAudit><HillingarSystemPackages>off</HillingarSystemPackages><HillingarSandbox>off</HillingarSandbox>
        """;

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Write(string properties, string items = "") =>
        _folder.Write("app/app.csproj", $"<Project>\n<PropertyGroup>{properties}</PropertyGroup>\n<ItemGroup>{items}</ItemGroup>\n<Target Name=\"Build\" />\n<Import Project=\"{Path.Combine(TestData.Root, "Hillingar.Sdk", "Sdk", "Hillingar.Facts.targets")}\" Condition=\"'$(UsingHillingarSdk)' == 'true'\" />\n</Project>\n");

    static async Task<string> Refused(string path) => (await Assert.ThrowsAsync<HillingarException>(() => ProjectReader.Read(path, null, Cancellation))).Diagnostic.Code;

    [Fact]
    public async Task Properties_and_items_are_those_that_MSBuild_evaluates()
    {
        Write(Properties, "<OpamRepository Include=\"../repository\" /><OpamDependency Include=\"lwt\" Version=\"[5.6,6.0)\" /><OpamDependency Include=\"a;b\" /><OpamDependency Remove=\"b\" /><_HillingarOpamFile Include=\"*.opam\" />");
        _folder.Write("app/other.opam", "");
        var project = await ProjectReader.Read(_folder["app"], "Release", Cancellation);
        Assert.Equal(("app", "Release", _folder["app/app.csproj"], _folder["app/app.opam.locked"], _folder["app/obj/Release/"]), (project.Name, project.Configuration, project.Path, project.LockFile, project.Workspace));
        Assert.Equal(["unix", "hvt"], project.Targets);
        Assert.Equal([new Dependency("lwt", "[5.6,6.0)"), new Dependency("a", "")], project.Dependencies);
        Assert.Equal([_folder["app/other.opam"]], project.Request.OpamFiles);
        Assert.True(project is { Offline: true, Audit: null, SystemPackages: SystemPackageCheck.Off, Sandbox: SandboxMode.Off, IsLocked: false });
    }

    [Fact]
    public async Task What_is_no_project_is_told()
    {
        Assert.Equal("HIL7002", await Refused(_folder["nowhere"]));
        Assert.Equal("HIL7002", await Refused(Write("<A>1</A>")));
        _folder.Write("app/second.csproj", "<Project />");
        Assert.Equal("HIL7002", await Refused(_folder["app"]));
        Assert.Equal("HIL7001", await Refused(_folder.Write("broken/x.csproj", "<Project")));
        Assert.Equal("HIL6004", await Refused(Write(Properties.Replace(">off<", ">perhaps<"))));
    }

    [Fact]
    public async Task A_target_that_the_lock_is_not_made_for_is_refused()
    {
        var project = await ProjectReader.Read(Write(Properties), null, Cancellation);
        Assert.Equal("HIL6005", (await Assert.ThrowsAsync<HillingarException>(() => ProjectReader.ReadTarget(project, "spt", Cancellation))).Diagnostic.Code);
        Assert.Equal("HIL6012", (await Assert.ThrowsAsync<HillingarException>(() => ProjectReader.ReadTarget(project, "hvt", Cancellation))).Diagnostic.Code);
    }

    [Fact]
    public void Zones_lie_in_their_folder_and_links_say_where_other_files_do() => Assert.Equal(
        [(Path.Combine("lib", "a.ml"), "/p/lib/a.ml"), ("x/b.ml", "/q/b.ml"), ("zones/z.zone", "/q/z.zone")],
        ProjectSources.Of("/p", [("/p/lib/a.ml", ""), ("/q/b.ml", "x/b.ml"), ("/p/zones/z.zone", "")], ["/q/z.zone"]));
}
