using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Graphs;

/// <summary>Draws graphs with Graphviz's <c>dot</c>, where it is installed.</summary>
public static class Graphviz
{
    /// <summary>A text in DOT as SVG.</summary>
    /// <exception cref="HillingarException">HIL7005: Graphviz is not installed, or fails.</exception>
    public static async Task<string> Svg(string dot, CancellationToken cancellation)
    {
        if (ProcessRunner.Find("dot") is not { } program)
            throw new HillingarException(
                "HIL7005",
                "SVG is drawn by Graphviz, which is not installed. Install it (Debian and Ubuntu: apt-get install graphviz; macOS: brew install graphviz; Windows: winget install Graphviz.Graphviz), or take Mermaid or Dot."
            );
        var scratch = Directory.CreateTempSubdirectory("hillingar-graph-").FullName;
        try
        {
            var file = Path.Combine(scratch, "graph.dot");
            await File.WriteAllTextAsync(file, dot, cancellation).ConfigureAwait(false);
            var result = await ProcessRunner.Ask(new Command(program, ["-Tsvg", file]), cancellation).ConfigureAwait(false);
            return result.ExitCode == 0
                ? result.Whole
                : throw new HillingarException(
                    "HIL7005",
                    $"Graphviz's dot ended with {result.ExitCode}: {result.Error.Trim()} Take Mermaid or Dot."
                );
        }
        finally
        {
            Tree.Delete(scratch);
        }
    }
}
