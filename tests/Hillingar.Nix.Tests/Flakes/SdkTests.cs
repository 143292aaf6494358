namespace Hillingar.Tests;

/// <summary>Nix behind <c>dotnet build</c>, with the packed SDK.</summary>
public sealed class SdkTests(SharedNix shared, Hillingar.Sdk.Tests.Sdk sdk)
{
    [Fact]
    public async Task A_build_with_Nix_is_incremental_and_its_errors_are_the_projects()
    {
        using var project = await NixProject.Make(shared, sdk);
        // Nix has what other tests built.
        project.Edit("dns.ml", text => text + "(* of this test *)\n");
        var first = (await project.Dotnet("build")).Succeeded();
        Assert.Contains("Building dns", first.Output, StringComparison.Ordinal);
        Assert.Equal("192.0.2.53", await DnsServer.Answers(project.Image, "ns1.example.org"));
        var built = File.GetLastWriteTimeUtc(project.Image);
        Assert.DoesNotContain("Building dns", (await project.Dotnet("build")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(built, File.GetLastWriteTimeUtc(project.Image));

        project.Edit("example.org.zone", zone => zone.Replace("192.0.2.53", "192.0.2.55", StringComparison.Ordinal));
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("192.0.2.55", await DnsServer.Answers(project.Image, "ns1.example.org"));

        using (project.Edit("dns.ml", text => "let () = no_such_function ()\n" + text))
            Assert.Contains($"{project["dns.ml"]}(1,10): error HIL5010: Unbound value no_such_function", (await project.Dotnet("build")).FailedWith("HIL5010").Output, StringComparison.Ordinal);

        (await project.Dotnet("clean")).Succeeded();
        Assert.False(Directory.Exists(project["obj/hillingar/nix"]));
        Assert.False(File.Exists(project.Image));
    }

    [Fact]
    public async Task The_flake_that_a_target_writes_builds_what_dotnet_build_builds()
    {
        using var project = await NixProject.Make(shared, sdk);
        (await project.Dotnet("build")).Succeeded();
        var written = (await project.Dotnet("msbuild", "-t:HillingarWriteFlake")).Succeeded().Output;
        foreach (var file in new[] { "flake.nix", "flake.lock", "hillingar.json", "hillingar/default.nix" })
        {
            Assert.Contains($"Wrote {file}", written, StringComparison.Ordinal);
            Assert.True(File.Exists(project[file]), file);
        }
        Assert.DoesNotContain("Wrote", (await project.Dotnet("msbuild", "-t:HillingarWriteFlake")).Succeeded().Output, StringComparison.Ordinal);
        var built = await shared.Store("modern").Build(null, $"path:{project["."]}#unix");
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(built, "dns"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(project.Image, TestContext.Current.CancellationToken));

        // The flake's files are no sources of the program.
        Assert.DoesNotContain("Building dns", (await project.Dotnet("build")).Succeeded().Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(project["flake.nix"], "{ outputs = { self }: { }; }\n", TestContext.Current.CancellationToken);
        (await project.Dotnet("msbuild", "-t:HillingarWriteFlake")).FailedWith("HIL5083");
    }
}
