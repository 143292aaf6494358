using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>The packages as the gallery wants them.</summary>
public sealed class PackageTests(Sdk sdk)
{
    static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Theory]
    [InlineData("Hillingar.Sdk", "MSBuildSdk")]
    [InlineData("Hillingar.Templates", "Template")]
    public void A_package_says_what_it_is_and_brings_readme_icon_and_licence(string id, string type)
    {
        using var package = ZipFile.OpenRead(Path.Combine(sdk.Feed, $"{id}.{sdk.Version}.nupkg"));
        using var stream = package.GetEntry($"{id}.nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        string Text(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
        Assert.Equal("MIT", Text("license"));
        Assert.Contains("MirageOS", Text("tags"), StringComparison.Ordinal);
        Assert.All(["description", "authors", "copyright"], name => Assert.NotEmpty(Text(name)));
        Assert.Equal(type, metadata.Descendants().Single(element => element.Name.LocalName == "packageType").Attribute("name")!.Value);
        Assert.DoesNotContain(metadata.Descendants(), element => element.Name.LocalName == "dependency");
        foreach (var file in new[] { Text("readme"), Text("icon") })
            Assert.True(package.GetEntry(file)!.Length > 100, file);
    }

    [Fact]
    public void Assemblies_are_deterministic_and_carry_their_symbols()
    {
        using var package = ZipFile.OpenRead(Path.Combine(sdk.Feed, $"Hillingar.Sdk.{sdk.Version}.nupkg"));
        var ours = package.Entries.Where(entry => entry.Name.StartsWith("Hillingar.", StringComparison.Ordinal) && entry.Name.EndsWith(".dll", StringComparison.Ordinal)).ToList();
        Assert.Equal(5, ours.Count);
        foreach (var entry in ours)
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            copy.Position = 0;
            using var assembly = new PEReader(copy);
            var kinds = assembly.ReadDebugDirectory().Select(item => item.Type).ToList();
            Assert.Contains(DebugDirectoryEntryType.Reproducible, kinds);
            Assert.Contains(DebugDirectoryEntryType.EmbeddedPortablePdb, kinds);
        }
    }

    [Fact]
    public async Task Symbols_lead_to_the_sources_of_the_repository_that_it_was_cloned_from()
    {
        using var folder = new TestFolder();
        async Task Run(string program, params string[] arguments)
        {
            using var process = sdk.Start(program, arguments, folder.Path);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output);
        }

        await Run("git", "clone", "--quiet", "--no-hardlinks", TestData.Root, "clone");
        await Run("git", "-C", "clone", "remote", "set-url", "origin", "https://github.com/example/hillingar.git");
        await Run("dotnet", "build", "clone/Hillingar.Solver", "-nodeReuse:false");
        using var assembly = new PEReader(File.OpenRead(folder["clone/Hillingar.Solver/bin/Debug/net10.0/Hillingar.Solver.dll"]));
        using var symbols = assembly.ReadEmbeddedPortablePdbDebugDirectoryData(assembly.ReadDebugDirectory().Single(item => item.Type == DebugDirectoryEntryType.EmbeddedPortablePdb));
        var reader = symbols.GetMetadataReader();
        var link = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation).Single(item => reader.GetGuid(item.Kind) == s_sourceLink);
        await Run("dotnet", "pack", "clone/Hillingar.Templates", "-o", "feed", "-nodeReuse:false");
        Assert.Equal("https://github.com/example/hillingar", Repository(Directory.EnumerateFiles(folder["feed"]).Single())?.Replace(".git", "", StringComparison.Ordinal));
        Assert.Contains("https://raw.githubusercontent.com/example/hillingar/", Encoding.UTF8.GetString(reader.GetBlobBytes(link.Value)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hillingar.Sdk")]
    [InlineData("Hillingar.Templates")]
    public void A_package_leads_to_no_folder_of_the_machine_that_packed_it(string id) =>
        Assert.True(Repository(Path.Combine(sdk.Feed, $"{id}.{sdk.Version}.nupkg")) is var url && (url is null || url.StartsWith("https://", StringComparison.Ordinal)), url);

    // Where git knows of no address, there is none.
    static string? Repository(string path)
    {
        using var package = ZipFile.OpenRead(path);
        using var stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream).Descendants().SingleOrDefault(element => element.Name.LocalName == "repository")?.Attribute("url")?.Value;
    }
}
