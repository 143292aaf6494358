namespace Hillingar.Build;

/// <summary>The targets that mirage knows, and what we can do with each.</summary>
public static class MirageTarget
{
    /// <summary>Every target that a project may name.</summary>
    public static IReadOnlyList<string> Known { get; } =
        ["unix", "macosx", "hvt", "spt", "virtio", "muen", "xen", "qubes", "unikraft-firecracker", "unikraft-qemu"];

    /// <summary>Whether a target is compiled for another system than the machine that builds: its libraries must be able to.</summary>
    public static bool IsCross(string target) => target is not ("unix" or "macosx");

    /// <summary>Checks a project's targets.</summary>
    /// <exception cref="HillingarException">HIL6011: no such target. HIL6012: nothing says how to compile for it. HIL6019: a key of config.ml is none.</exception>
    public static void Check(Request request)
    {
        var (targets, places) = (request.Targets, new ProjectPlaces(request.ProjectFile));
        foreach (var target in targets)
            if (target == "genode")
                throw new HillingarException("HIL6011", "The target 'genode' cannot be built: Solo5 dropped Genode in version 0.7.0, although mirage still offers it.", places.OfProperty("MirageTargets"));
            else if (!Known.Contains(target))
                throw Unknown(target, places.OfProperty("MirageTargets"));
        MirageKey.Check(request);
        if (request.Configure == MirageConfigure.Auto && request.Config != Request.DefaultConfig && !File.Exists(request.ConfigFile))
            throw new HillingarException("HIL6004", $"MirageConfigFile is '{request.Config}', and there is no such file. Name the file that says what the unikernel is made of, from the project's folder.", places.OfProperty("MirageConfigFile"));
        if (!request.IsConfigured && targets.FirstOrDefault(IsCross) is { } cross && !File.Exists(Path.Combine(request.Folder, "dune-workspace")))
            throw new HillingarException("HIL6012", $"Nothing says how to compile for '{cross}'. Give the project a config.ml, from which mirage tells it, or a dune-workspace with a context for it, and name that in DuneContext.", places.OfProperty("MirageTargets"));
    }

    /// <summary>That there is no such target.</summary>
    internal static HillingarException Unknown(string target, Place? place = null) => new("HIL6011", $"There is no mirage target '{target}'. Known are {string.Join(", ", Known)}.", place);
}
