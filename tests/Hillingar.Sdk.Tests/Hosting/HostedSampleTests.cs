using System.Text.RegularExpressions;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests.Hosting;

/// <summary>The sample of the guide, in a folder outside the repository, with the packages as users get them.</summary>
public sealed class HostedSampleTests(Sdk sdk)
{
    [Fact]
    public async Task A_test_with_xunit_starts_the_unikernel_and_asks_it_through_a_service_of_ASP_NET()
    {
        using var sample = await SampleProject.Built(sdk);
        var feed = await sdk.Once("hosting", async folder =>
            (await sdk.Dotnet(TestData.Root, ["pack", "Hillingar.Hosting", "-c", "Release", "-o", folder, $"-p:PackageVersion={sdk.Version}"])).Succeeded());
        SampleProject.Copy(Path.Combine(TestData.Root, "samples", "aspnet"), Path.Combine(sample.Parent, "aspnet"));
        // What the test program itself was restored from has xunit, wherever that came from.
        var packages = Regex.Match(File.ReadAllText(Path.Combine(TestData.Root, "tests", "Hillingar.Sdk.Tests", "obj", "project.assets.json")), "\"packageFolders\": \\{\\s*\"([^\"]+)\"").Groups[1].Value;
        File.WriteAllText(Path.Combine(sample.Parent, "NuGet.config"), sdk.NuGetConfig.Replace("</packageSources>", $"<add key=\"hosting\" value=\"{feed}\" /><add key=\"xunit\" value=\"{packages}\" /></packageSources>", StringComparison.Ordinal));
        var project = Path.Combine(sample.Parent, "aspnet", "Web.Tests", "Web.Tests.csproj");
        File.WriteAllText(project, File.ReadAllText(project).Replace("Include=\"Hillingar.Hosting\" Version=\"0.1.0\"", $"Include=\"Hillingar.Hosting\" Version=\"{sdk.Version}\"", StringComparison.Ordinal));
        var ran = (await sdk.Dotnet(Path.GetDirectoryName(project)!, ["run", "-p:HillingarAudit=false", "--", "-noColor"])).Succeeded();
        Assert.Matches(@"Total: 1, Errors: 0, Failed: 0, Skipped: 0", ran.Output);
        // What the test started ended with it.
        Assert.Empty(Programs.Below(sample.Parent));
    }
}
