using System.Diagnostics;

namespace Hillingar.Sdk.Tests;

/// <summary>What merlin and ocaml-lsp are told, checked with the compiler: they give it the same folders and flags.</summary>
public sealed class EditorTests(Sdk sdk)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_compiler_types_every_source_in_its_place_with_what_the_editors_files_say()
    {
        using var project = await TemplateProject.Make(sdk, template: "mirage-dns");
        project.Write("transport/.merlin", "S mine\n");
        (await project.Dotnet("build", "-p:HillingarEditorFiles=true")).Succeeded();
        Assert.Equal("S mine\n", await File.ReadAllTextAsync(project["transport/.merlin"], Cancellation));
        foreach (var source in new[] { "dns.ml", "engine/zone.ml", "engine/answer.ml", "gen/embed.ml" })
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(Path.GetDirectoryName(project[source])!, ".merlin"), Cancellation);
            Assert.Contains("S " + Path.GetDirectoryName(project[source]), lines);
            Assert.DoesNotContain(lines, line => line.Contains("/src/engine", StringComparison.Ordinal) && line.StartsWith("S ", StringComparison.Ordinal));
            var flags = lines.Where(line => line.StartsWith("FLG ", StringComparison.Ordinal)).SelectMany(line => line[4..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            var folders = lines.Where(line => line.StartsWith("B ", StringComparison.Ordinal)).SelectMany(line => new[] { "-I", line[2..] });
            using var ocaml = Process.Start(new ProcessStartInfo("ocamlfind", ["ocamlc", .. flags, .. folders, "-i", project[source]]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = ocaml.StandardError.ReadToEndAsync(Cancellation);
            var signature = await ocaml.StandardOutput.ReadToEndAsync(Cancellation);
            await ocaml.WaitForExitAsync(Cancellation);
            Assert.True(ocaml.ExitCode == 0, source + ": " + await error);
            Assert.NotEmpty(signature);
        }

        // They are no sources themselves: a second build has nothing to do.
        Assert.Contains("Skipping target \"HillingarBuild\"", (await project.Dotnet("build", "-p:HillingarEditorFiles=true", "-v:normal")).Succeeded().Output, StringComparison.Ordinal);
    }
}
