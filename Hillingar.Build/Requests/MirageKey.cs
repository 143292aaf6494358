using System.Text.RegularExpressions;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Requests;

/// <summary>A key of a project's <c>config.ml</c>, given when mirage configures it: <c>--NAME</c>, or <c>--NAME=VALUE</c>.</summary>
/// <param name="Name">Its name, such as <c>no-dhcp</c>.</param>
/// <param name="Value">Its value; empty for a flag.</param>
/// <param name="Target">The mirage target that it is for; empty for all.</param>
public sealed partial record MirageKey(string Name, string Value, string Target)
{
    // What a target is configured with beside its keys is ours to say, and so is where it goes.
    static readonly string[] s_ours = ["target", "output", "file", "config-file", "context-file", "dry-run", "help", "version"];

    /// <summary>As an argument of <c>mirage configure</c>.</summary>
    public string Argument => Value.Length == 0 ? $"--{Name}" : $"--{Name}={Value}";

    /// <summary>Checks a project's keys.</summary>
    /// <exception cref="HillingarException">HIL6019: a name that is none, one that is not the project's to say, or a target that the project does not have.</exception>
    internal static void Check(Request request)
    {
        foreach (var key in request.Keys)
            if (Fault(key, request) is { } fault)
                throw new HillingarException(
                    "HIL6019",
                    $"MirageKey '{key.Name}' {fault}",
                    new ProjectPlaces(request.ProjectFile).Of("MirageKey", key.Name)
                );
    }

    static string? Fault(MirageKey key, Request request) =>
        !Word().IsMatch(key.Name) ? "is no name of a key. Write it as config.ml has it, without the dashes before it: no-dhcp."
        : s_ours.Contains(key.Name) ? "is said by the SDK. Set MirageTargets, UnikernelName or DuneProfile instead."
        : key.Target.Length > 0 && !request.Targets.Contains(key.Target)
            ? $"is for the target '{key.Target}', which is none of MirageTargets ({string.Join(';', request.Targets)}). Correct its MirageTarget."
        : null;

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]*\\z")]
    private static partial Regex Word();
}
