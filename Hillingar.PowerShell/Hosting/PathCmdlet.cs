using System.Management.Automation;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that take files by <c>-Path</c>, with wildcards, or by <c>-LiteralPath</c>, without.</summary>
public abstract class PathCmdlet : HillingarCmdlet
{
    /// <summary>The parameter set of paths.</summary>
    private protected const string ByPath = "Path";

    /// <summary>The parameter set of paths without wildcards.</summary>
    private protected const string ByLiteralPath = "LiteralPath";

    /// <summary>The files; wildcards are taken.</summary>
    public abstract string[] Path { get; set; }

    /// <summary>The same without wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Does work for each file that is named.</summary>
    private protected void ForPaths(Action<string> work) =>
        ForPaths(ParameterSetName == ByLiteralPath ? LiteralPath : Path, ParameterSetName == ByLiteralPath, work);
}
