using System.Security.Cryptography;
using System.Text;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>The global properties that a project is built with, which MSBuild itself does not tell a project. Loads nothing of ours, as it runs in builds that have nothing to do.</summary>
public sealed class GetGlobalProperties : Microsoft.Build.Utilities.Task
{
    /// <summary>Names of variables of the environment.</summary>
    public string[] Variables { get; set; } = [];

    /// <summary>The SHA-256 of their names and values: one of them may be a password, and this is written to a file.</summary>
    [Output]
    public string Digest { get; set; } = "";

    /// <summary>The same of the variables that are named; empty where none is.</summary>
    [Output]
    public string VariablesDigest { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        VariablesDigest =
            Variables.Length == 0
                ? ""
                : Of(
                    Variables
                        .SelectMany(list => list.Split(';'))
                        .Select(name => $"{name}={Environment.GetEnvironmentVariable(name.Trim())}")
                );
        Digest = Of(
            BuildEngine6
                .GetGlobalProperties()
                .Where(property => property.Key is not ("MSBuildRestoreSessionId" or "MSBuildIsRestoring"))
                .OrderBy(property => property.Key, StringComparer.OrdinalIgnoreCase)
                .Select(property => $"{property.Key}={property.Value}")
                .Append(VariablesDigest)
        );
        return true;
    }

    static string Of(IEnumerable<string> lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', lines))));
}
