using System.IO.Compression;

namespace Hillingar.Sdk.Tests;

/// <summary>What is in the package that users get.</summary>
public sealed class PackedTests(Sdk sdk)
{
    [Fact]
    public async Task Every_library_of_others_in_the_SDK_is_in_its_notices()
    {
        await using var package = await ZipFile.OpenReadAsync(Path.Combine(sdk.Feed, $"Hillingar.Sdk.{sdk.Version}.nupkg"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await package.GetEntry("THIRD-PARTY-NOTICES.txt")!.OpenAsync(TestContext.Current.CancellationToken));
        var notices = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        var others = package.Entries.Select(entry => entry.Name).Where(name => name.EndsWith(".dll", StringComparison.Ordinal) && !name.StartsWith("Hillingar.", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(others);
        Assert.All(others, name => Assert.Contains($"\n{name}\n", notices, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_templates_ship_what_a_project_needs_and_nothing_of_the_machine_that_packed_them()
    {
        await using var package = await ZipFile.OpenReadAsync(Path.Combine(sdk.Feed, $"Hillingar.Templates.{sdk.Version}.nupkg"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain(package.Entries, entry => entry.Name is ".merlin" or ".ocamlformat" || entry.FullName.Split('/').Any(part => part is "bin" or "obj" or "_build") || entry.Name.EndsWith(".locked", StringComparison.Ordinal));
        foreach (var entry in package.Entries.Where(entry => entry.FullName.StartsWith("content/", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(await entry.OpenAsync(TestContext.Current.CancellationToken));
            Assert.DoesNotContain(Hillingar.Tests.TestData.Root, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_packed_unikernel_carries_its_lock_bill_of_materials_and_licences()
    {
        using var project = await SampleProject.Built(sdk);
        (await project.Dotnet("pack", "-p:Version=1.2.3", "-o", project["packed"])).Succeeded();
        await using var package = await ZipFile.OpenReadAsync(project["packed/dns.1.2.3.nupkg"], TestContext.Current.CancellationToken);
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("contentFiles/any/any/unix/dns", files);
        Assert.Contains("unikernel/dns.opam.locked", files);
        Assert.Contains("unikernel/sbom.cdx.json", files);
        Assert.Contains("unikernel/manifest.json", files);
        Assert.Contains(files, file => file.StartsWith("unikernel/LICENSES/", StringComparison.OrdinalIgnoreCase));
        Assert.Single(files, file => Path.GetFileName(file) == "dns");
    }
}
