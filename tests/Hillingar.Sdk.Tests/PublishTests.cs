using System.Diagnostics;
using System.Text.Json;

namespace Hillingar.Sdk.Tests;

public sealed class PublishTests(Sdk sdk)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stranger_gets_all_that_it_takes_to_run_rebuild_and_compare()
    {
        using var project = await TemplateProject.Make(sdk);
        project.StandInFor("unix", "spt");
        project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamDependency Include=\"stringext\" />", StringComparison.Ordinal));
        var elsewhere = project.Write("../out/notes.txt", "mine");
        var ran = (await project.Dotnet("publish", "-o", project["../out"])).Succeeded();
        Assert.Contains(Path.GetFullPath(project["../out"]), ran.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(elsewhere));
        string Out(string file) => Path.Combine(project.Solution, "out", file);
        Assert.All(["unix/hello", "spt/hello.spt", "manifest.json", "hello.opam.locked", "sbom.cdx.json", "SHA256SUMS", "run.sh"], file => Assert.True(File.Exists(Out(file)), file));
        Assert.Equal(0, (await Run("sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS")).Code);
        Assert.Equal((0, "Hello from hello.\n"), await Run("./run.sh"));

        using var bill = JsonDocument.Parse(await File.ReadAllTextAsync(Out("sbom.cdx.json"), Cancellation));
        Assert.Contains(bill.RootElement.GetProperty("components").EnumerateArray(), component => component.GetProperty("name").GetString() == "stringext" && component.GetProperty("version").GetString() == "1.6.0");
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Out("manifest.json"), Cancellation));
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Out("unix/hello"), Cancellation))), manifest.RootElement.GetRawText(), StringComparison.Ordinal);

        // Built already, once more, to the same bytes.
        var sums = await File.ReadAllTextAsync(Out("SHA256SUMS"), Cancellation);
        (await project.Dotnet("publish", "--no-build", "-o", project["../out"])).Succeeded();
        Assert.Equal(sums, await File.ReadAllTextAsync(Out("SHA256SUMS"), Cancellation));

        async Task<(int Code, string Output)> Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(Path.IsPathRooted(program) || !program.StartsWith('.') ? program : Out(program), arguments) { WorkingDirectory = Out(""), RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            return (process.ExitCode, output);
        }
    }
}
