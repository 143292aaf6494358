namespace Hillingar.Sdk.Tests;

/// <summary><c>dotnet watch run</c> of a server, on a terminal, as one has it beside the editor.</summary>
public sealed class WatchRunTests(Sdk sdk)
{
    [Fact]
    public async Task An_edit_builds_the_server_again_and_starts_it_in_place_of_the_old_one()
    {
        using var project = await SampleProject.Built(sdk);
        await using var terminal = new Terminal(sdk, project["."], "dotnet watch run --property:HillingarAudit=false -- --port 0");
        await terminal.Until("listening on 127.0.0.1:");
        foreach (var words in new[] { "serves now on", "serves again on" })
        {
            var image = File.GetLastWriteTimeUtc(project.Image);
            File.WriteAllText(project["dns.ml"], System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(project["dns.ml"]), "(listening|serves now) on %s", words + " %s"));
            await terminal.Until(words + " 127.0.0.1:", () => File.SetLastWriteTimeUtc(project["dns.ml"], DateTime.UtcNow));
            Assert.NotEqual(image, File.GetLastWriteTimeUtc(project.Image));
            Assert.Single(Programs.Below(project.Parent));
        }
    }
}
