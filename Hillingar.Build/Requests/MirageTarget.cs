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
    /// <exception cref="HillingarException">HIL6011: no such target. HIL6012: one that cannot be built yet.</exception>
    public static void Check(IReadOnlyList<string> targets, ProjectPlaces places)
    {
        foreach (var target in targets)
            if (target == "genode")
                throw new HillingarException("HIL6011", "The target 'genode' cannot be built: Solo5 dropped Genode in version 0.7.0, although mirage still offers it.", places.OfProperty("MirageTargets"));
            else if (!Known.Contains(target))
                throw new HillingarException("HIL6011", $"There is no mirage target '{target}'. Known are {string.Join(", ", Known)}.", places.OfProperty("MirageTargets"));
        if (targets is not ["unix"])
            throw new HillingarException("HIL6012", $"MirageTargets is '{string.Join(';', targets)}', but this version builds the one target 'unix' only.", places.OfProperty("MirageTargets"));
    }
}
