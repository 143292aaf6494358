using System.Text.Json.Nodes;
using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sources;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>A flake's lock (version 7): which nixpkgs it follows.</summary>
static class FlakeLock
{
    /// <summary>Writes the lock where the flake has none for this address. An address that only Nix can resolve is left to it, when it is there.</summary>
    /// <param name="folder">The flake's folder.</param>
    /// <param name="nixpkgs">The address of nixpkgs.</param>
    /// <param name="reporter">Is told where there is no lock afterwards.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Whether a lock was written.</returns>
    public static async Task<bool> Write(string folder, string nixpkgs, IReporter reporter, bool offline, CancellationToken cancellation)
    {
        var file = Path.Combine(folder, "flake.lock");
        if (File.Exists(file) && Original(file) == nixpkgs)
            return false;
        if (nixpkgs.StartsWith("path:", StringComparison.Ordinal) && Path.IsPathRooted(nixpkgs[5..]) && Directory.Exists(nixpkgs[5..]))
        {
            var path = nixpkgs[5..];
            return AtomicFile.WriteText(
                file,
                Text(
                    JsonText.Object(("narHash", NarHash.Of(path)), ("path", path), ("type", "path")),
                    JsonText.Object(("path", path), ("type", "path"))
                )
            );
        }
        if (
            nixpkgs.StartsWith("git+", StringComparison.Ordinal)
            && !nixpkgs.Contains('&', StringComparison.Ordinal)
            && (!offline || nixpkgs.StartsWith("git+file:", StringComparison.Ordinal))
        )
        {
            var parts = nixpkgs[4..].Split('?', 2);
            var reference = parts is [_, var query] && query.StartsWith("ref=", StringComparison.Ordinal) ? query[4..] : null;
            if (parts.Length == 1 || reference is not null)
            {
                var commit = await GitSource
                    .Resolve($"git+{parts[0]}{(reference is null ? "" : "#" + reference)}", cancellation)
                    .ConfigureAwait(false);
                var original = JsonText.Object(("ref", reference), ("type", "git"), ("url", parts[0]));
                return AtomicFile.WriteText(
                    file,
                    Text(JsonText.Object(("ref", reference), ("rev", commit), ("type", "git"), ("url", parts[0])), original)
                );
            }
        }
        if (!offline && ProcessRunner.Find("nix") is { } nix)
        {
            var result = await ProcessRunner
                .Run(new Command(nix, ["flake", "lock", .. NixBackend.Experimental, "path:" + folder], folder), cancellation)
                .ConfigureAwait(false);
            if (result.ExitCode == 0)
                return File.Exists(file);
            reporter.Detail(result.Error.Trim());
        }
        reporter.Report(
            new Diagnostic(
                Severity.Warning,
                "HIL5089",
                $"The flake has no flake.lock, as {nixpkgs} could not be resolved here: 'nix flake lock' makes one. Commit it, so that everybody builds with the same nixpkgs.",
                new Place(Path.Combine(folder, "flake.nix"))
            )
        );
        return false;
    }

    // The address as a user wrote it is in none of Nix's own members; it decides whether the lock is of this flake.
    static string? Original(string file) =>
        JsonNode.Parse(File.ReadAllText(file))?["nodes"]?["nixpkgs"]?["original"] is JsonObject original
            ? original["type"]?.ToString() switch
            {
                "path" => $"path:{original["path"]}",
                "git" => $"git+{original["url"]}{(original["ref"] is { } reference ? $"?ref={reference}" : "")}",
                "github" => $"github:{original["owner"]}/{original["repo"]}{(original["ref"] is { } reference ? $"/{reference}" : "")}",
                "tarball" => original["url"]?.ToString(),
                _ => null,
            }
            : null;

    static string Text(JsonObject locked, JsonObject original) =>
        JsonText.Of(
            new JsonObject
            {
                ["nodes"] = new JsonObject
                {
                    ["nixpkgs"] = new JsonObject { ["locked"] = locked, ["original"] = original },
                    ["root"] = new JsonObject { ["inputs"] = new JsonObject { ["nixpkgs"] = "nixpkgs" } },
                },
                ["root"] = "root",
                ["version"] = 7,
            }
        );
}
