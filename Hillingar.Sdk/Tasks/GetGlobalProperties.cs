using Microsoft.Build.Framework;

namespace Hillingar.Sdk;

/// <summary>The global properties that a project is built with, which MSBuild itself does not tell a project. Loads nothing of ours, as it runs in builds that have nothing to do.</summary>
public sealed class GetGlobalProperties : Microsoft.Build.Utilities.Task
{
    /// <summary>Names and values in one line, in the order of the names.</summary>
    [Output]
    public string Text { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        Text = string.Join('|', BuildEngine6.GetGlobalProperties()
            .Where(property => property.Key is not ("MSBuildRestoreSessionId" or "MSBuildIsRestoring"))
            .OrderBy(property => property.Key, StringComparer.OrdinalIgnoreCase)
            .Select(property => $"{property.Key}={property.Value.Replace('\r', ' ').Replace('\n', ' ')}"));
        return true;
    }
}
