using Hillingar.Build.Mirage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Requests;

/// <summary>The targets that mirage knows, and what we can do with each.</summary>
public static class MirageTarget
{
    /// <summary>Every target that a project may name.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. TargetTable.Rows.Select(row => row.Name)];

    /// <summary>Whether a target is compiled for another system than the machine that builds: its libraries must be able to.</summary>
    public static bool IsCross(string target) => TargetTable.Find(target) is not { IsCross: false };

    /// <summary>Checks a project's targets.</summary>
    /// <exception cref="HillingarException">HIL6011: no such target. HIL6012: nothing says how to compile for it. HIL6019: a key of config.ml is none.</exception>
    public static void Check(Request request)
    {
        var (targets, places) = (request.Targets, new ProjectPlaces(request.ProjectFile));
        foreach (var target in targets)
            if (TargetTable.Find(target) is { Refused: { } why })
                throw new HillingarException(
                    "HIL6011",
                    $"The target '{target}' cannot be built: {why}",
                    places.OfProperty("MirageTargets")
                );
            else if (!Known.Contains(target))
                throw Unknown(target, places.OfProperty("MirageTargets"));
        MirageKey.Check(request);
        if (request.Configure == MirageConfigure.Auto && request.Config != Request.DefaultConfig && !File.Exists(request.ConfigFile))
            throw new HillingarException(
                "HIL6004",
                $"MirageConfigFile is '{request.Config}', and there is no such file. Name the file that says what the unikernel is made of, from the project's folder.",
                places.OfProperty("MirageConfigFile")
            );
        if (
            !request.IsConfigured
            && targets.FirstOrDefault(IsCross) is { } cross
            && !File.Exists(Path.Combine(request.Folder, "dune-workspace"))
        )
            throw new HillingarException(
                "HIL6012",
                $"Nothing says how to compile for '{cross}'. Give the project a config.ml, from which mirage tells it, or a dune-workspace with a context for it, and name that in DuneContext.",
                places.OfProperty("MirageTargets")
            );
    }

    /// <summary>That there is no such target.</summary>
    internal static HillingarException Unknown(string target, Place? place = null) =>
        new("HIL6011", $"There is no mirage target '{target}'. {Advice(target)}Known are {string.Join(", ", Known)}.", place);

    // Whoever writes several targets with another separator than MSBuild's has written one name.
    static string Advice(string target)
    {
        var parts = target.Split(
            [',', ' ', '|', '+', '&', '/', '\t'],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        return parts.Length > 1 && parts.All(part => Known.Contains(part, StringComparer.OrdinalIgnoreCase))
                ? $"Separate targets by ';': {string.Join(';', parts).ToLowerInvariant()}. "
            : TargetTable.Find(target) is { Refused: not null } || Spelling.Nearest(target, Known) is not { } near ? ""
            : $"Did you mean {near}? ";
    }

    /// <summary>That a target was picked which is none of the project's.</summary>
    /// <param name="target">The target.</param>
    /// <param name="targets">Those of the project.</param>
    /// <param name="projectFile">The project's file.</param>
    public static HillingarException NotOf(string target, IReadOnlyList<string> targets, string projectFile)
    {
        var places = new ProjectPlaces(projectFile);
        return places.OfProperty("MirageTarget") is { Line: > 0 } own
            ? new(
                "HIL6005",
                $"MirageTarget is '{target}', and the lock is made for MirageTargets ({string.Join(';', targets)}). A project says what it is built for in the property MirageTargets, a list: <MirageTargets>{target}</MirageTargets>. MirageTarget picks one of them on the command line.",
                own
            )
            : new(
                "HIL6005",
                $"The target '{target}' is none of MirageTargets ({string.Join(';', targets)}), for which the lock is made. {(Spelling.Nearest(target, targets) is { } near ? $"Did you mean {near}? Else add it there." : "Add it there.")}",
                places.OfProperty("MirageTargets")
            );
    }

    /// <summary>That dune's default context, which builds for this machine, is to build for another one.</summary>
    /// <param name="target">The target.</param>
    /// <param name="projectFile">The project's file.</param>
    public static HillingarException NoContext(string target, string projectFile) =>
        new(
            "HIL6012",
            $"dune's default context builds for this machine. Name the context of your dune-workspace that builds for '{target}' in DuneContext.",
            new ProjectPlaces(projectFile) is var places && places.OfProperty("DuneContext") is { Line: > 0 } own
                ? own
                : places.OfProperty("MirageTargets")
        );
}
