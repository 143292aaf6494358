using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Tells a warning at its line: MSBuild's own <c>Warning</c> knows of files only.</summary>
public sealed class TellWarning : Microsoft.Build.Utilities.Task
{
    /// <summary>The code.</summary>
    [Required]
    public string Code { get; set; } = "";

    /// <summary>The file.</summary>
    public string File { get; set; } = "";

    /// <summary>The line, or 0.</summary>
    public int Line { get; set; }

    /// <summary>The column, or 0.</summary>
    public int Column { get; set; }

    /// <summary>What is wrong, and what to do.</summary>
    [Required]
    public string Text { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        Log.LogWarning(null, Code, null, null, File, Line, Column, 0, 0, "{0}", OneLine.Of(Text));
        return true;
    }
}
