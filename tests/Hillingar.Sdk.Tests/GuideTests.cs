using System.Text.RegularExpressions;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>The guides for who comes from another tool: their project files as written, and each command that they name.</summary>
public sealed partial class GuideTests(Sdk sdk)
{
    [Theory]
    [InlineData("from-opam-monorepo")]
    [InlineData("from-opam")]
    [InlineData("from-dune-pkg")]
    public async Task The_commands_of_a_guide_work_on_its_project_as_written(string guide)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(TestData.Root, "docs", "guides", guide + ".md"), TestContext.Current.CancellationToken);
        using var project = await TemplateProject.Make(sdk, "server");
        foreach (var left in Directory.EnumerateFiles(project.Folder))
            File.Delete(left);
        var file = Assert.Single(ProjectBlock().Matches(text)).Groups["project"].Value;
        Assert.Contains("\"Hillingar.Sdk/0.1.0\"", file, StringComparison.Ordinal);
        file = file.Replace("Hillingar.Sdk/0.1.0", $"Hillingar.Sdk/{sdk.Version}", StringComparison.Ordinal);
        project.Write("server.csproj", file);
        // What such a project has already: what each tool reads and what it wrote.
        if (guide == "from-dune-pkg")
        {
            project.Write("dune-project", "(lang dune 2.0)\n(package\n (name server)\n (depends ocaml (stringext (>= 1.6))))\n");
            project.Write("dune.lock/lock.dune", "(lang package 0.1)\n");
        }
        else
        {
            project.Write("dune-project", "(lang dune 2.0)\n");
            project.Write("server.opam", "opam-version: \"2.0\"\ndepends: [\"dune\" \"ocaml\" \"stringext\" {>= \"1.6\"}]\n");
        }

        if (guide == "from-opam")
            project.Write("server.opam.locked", "opam-version: \"2.0\"\ndepends: [\"ocaml\" {= \"4.13.1\"}]\n");
        project.Write("src/dune", "(executable (name main) (libraries stringext))\n");
        project.Write("src/main.ml", "let () = print_endline (String.concat \"-\" (Stringext.split ~on:'a' \"bab\"))\n");
        project.Write("test/dune", "(test (name adds))\n");
        project.Write("test/adds.ml", "let () = assert (1 + 1 = 2)\n");

        var rows = text.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Split(" | ")).Where(cells => cells.Length == 2 && Command().IsMatch(cells[1]))
            // The file has the property from the first row on that speaks of it.
            .OrderBy(cells => cells[1].Contains("dotnet test", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(rows);
        foreach (var cells in rows)
        {
            if (cells[1].Contains("dotnet test", StringComparison.Ordinal))
                project.Write("server.csproj", file.Replace("<DuneTarget>", "<HillingarTests>true</HillingarTests><DuneTarget>", StringComparison.Ordinal));
            foreach (var command in Command().Matches(cells[1]).Select(match => match.Groups["command"].Value.Replace("NAME", "stringext", StringComparison.Ordinal)))
            {
                var ran = await project.Dotnet(command.Split(' ')[1..]);
                Assert.True(ran.ExitCode == 0, $"{command}: {ran.Output}");
                if (command == "dotnet test")
                    Assert.Contains("Passed! - Failed: 0, Passed: 1,", ran.Output, StringComparison.Ordinal);
            }
        }

        // Locks of others stay as they are.
        if (guide == "from-opam")
            Assert.Contains("{= \"4.13.1\"}]", await File.ReadAllTextAsync(project["server.opam.locked"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(File.Exists(project[guide == "from-opam" ? "hillingar.opam.locked" : "server.opam.locked"]));
    }

    [GeneratedRegex("```xml\n(?<project>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ProjectBlock();

    [GeneratedRegex("`(?<command>dotnet [^`]+)`")]
    private static partial Regex Command();
}
