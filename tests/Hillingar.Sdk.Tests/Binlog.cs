using Microsoft.Build.Logging.StructuredLogger;

namespace Hillingar.Sdk.Tests;

/// <summary>What a binary log says that was run.</summary>
sealed class Binlog(string path)
{
    readonly Microsoft.Build.Logging.StructuredLogger.Build _build = BinaryLog.ReadBuild(path);

    /// <summary>How often a target ran (was not skipped), by project.</summary>
    public Dictionary<string, int> Runs(string target)
    {
        var runs = new Dictionary<string, int>(StringComparer.Ordinal);
        _build.VisitAllChildren<Target>(node =>
        {
            if (node.Name == target && node.Children.OfType<Microsoft.Build.Logging.StructuredLogger.Task>().Any())
                runs[Path.GetFileNameWithoutExtension(node.Project!.ProjectFile)] = runs.GetValueOrDefault(Path.GetFileNameWithoutExtension(node.Project.ProjectFile)) + 1;
        });
        return runs;
    }

    /// <summary>How often a task ran.</summary>
    public int Tasks(string name)
    {
        var runs = 0;
        _build.VisitAllChildren<Microsoft.Build.Logging.StructuredLogger.Task>(node => runs += node.Name == name ? 1 : 0);
        return runs;
    }

    /// <summary>The messages that hold a text.</summary>
    public IReadOnlyList<string> Messages(string text)
    {
        var found = new List<string>();
        _build.VisitAllChildren<Message>(node =>
        {
            if (node.Text.Contains(text, StringComparison.Ordinal))
                found.Add(node.Text);
        });
        return found;
    }
}
