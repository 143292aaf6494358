using Hillingar.Build.Locks;
using Hillingar.Build.Projects;
using Hillingar.Build.Requests;
using Hillingar.Build.Tests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Sdk.Tests;

/// <summary>Projects of the packed SDK, worked on in this process as PowerShell's cmdlets do it.</summary>
public sealed class ProjectTests(Sdk sdk)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // This process has not the environment that Sdk gives to the commands it starts, so the project itself says where things are; and that editor files are wanted, as a CI machine's variable would say no.
    SampleProject Sample()
    {
        var sample = new SampleProject(sdk);
        File.WriteAllText(Path.Combine(sample.Parent, "NuGet.config"), sdk.NuGetConfig.Replace("<configuration>", $"<configuration><config><add key=\"globalPackagesFolder\" value=\"{sample.Parent}/packages\" /></config>", StringComparison.Ordinal));
        sample.Edit("dns.csproj", text => text.Replace("<PropertyGroup>", $"<PropertyGroup><HillingarCache>{sdk.Cache}</HillingarCache><HillingarOffline>true</HillingarOffline><HillingarAudit>false</HillingarAudit><HillingarEditorFiles>true</HillingarEditorFiles>", StringComparison.Ordinal));
        return sample;
    }

    [Fact]
    public async Task A_project_is_read_as_its_build_sees_it()
    {
        using var sample = Sample();
        var project = await ProjectReader.Read(sample["."], "Release", Cancellation);
        Assert.Equal(("dns", sample["dns.csproj"], sample.Lock, "unix"), (project.Name, project.Path, project.LockFile, Assert.Single(project.Targets)));
        Assert.Equal(["../opam-repository"], project.Repositories);
        Assert.Equal([new Dependency("lwt", "[5.6,6.0)"), new Dependency("stringext", ">= \"1.6\"")], project.Dependencies);
        Assert.True(project is { Offline: true, Audit: null, IsLocked: false, Memory: 512, EditorFiles: true });

        var target = await ProjectReader.ReadTarget(project, "unix", Cancellation);
        Assert.Equal((sample["bin/Release/unix/dns"], "dns.exe", "default", "release"), (target.Build.Image, target.Build.DuneTarget, target.Build.Context, target.Build.Profile));
        var paths = target.Build.Sources.Select(source => source.Path.Replace('\\', '/')).ToList();
        Assert.Contains("engine/zone.ml", paths);
        Assert.Contains("zones/example.org.zone", paths);
        Assert.DoesNotContain("dns.csproj", paths);
    }

    [Fact]
    public async Task What_is_locked_vendored_and_built_here_is_what_dotnet_build_builds()
    {
        using var sample = Sample();
        var work = new ProjectWork(await ProjectReader.Read(sample["."], null, Cancellation), new ReporterFake());
        Assert.Contains(await work.Lock([], false, Cancellation), change => change is { Name: "lwt", Change: LockChange.Added });
        Assert.Equal("HIL6001", (await Assert.ThrowsAsync<HillingarException>(() => work.Build("unix", Cancellation))).Diagnostic.Code);
        Assert.True(Directory.Exists(Path.Combine((await work.Restore(lockedMode: true, Cancellation)).Duniverse, "lwt")));
        var (image, errors) = await work.Build("unix", Cancellation);
        Assert.Empty(errors);
        Assert.Equal(sample.Image, image!.Path);
        var (locked, built) = (await File.ReadAllTextAsync(sample.Lock, Cancellation), await File.ReadAllBytesAsync(sample.Image, Cancellation));

        (await sample.Dotnet("build")).Succeeded();
        Assert.Equal(locked, await File.ReadAllTextAsync(sample.Lock, Cancellation));
        Assert.Equal(built, await File.ReadAllBytesAsync(sample.Image, Cancellation));
        var published = await work.Publish([image], Path.Combine(sample.Parent, "out"), Cancellation);
        Assert.Contains("unix/dns", published.Files);
    }
}
