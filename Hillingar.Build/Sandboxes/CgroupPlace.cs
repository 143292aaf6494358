namespace Hillingar.Build.Sandboxes;

/// <summary>A folder in which control groups can be made.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="IsUnified">Whether it is of version 2.</param>
/// <param name="Processes">Whether groups in it bound processes.</param>
/// <param name="Memory">Whether they bound memory.</param>
sealed record CgroupPlace(string Folder, bool IsUnified, bool Processes, bool Memory)
{
    /// <summary>
    /// Where this process could make groups, if it is let: version 2 where a group above it hands the controller on to those within, else a group
    /// within its own of version 1.
    /// </summary>
    /// <param name="unified">Whether to look at version 2.</param>
    /// <param name="own">Whether to look at version 1.</param>
    public static IReadOnlyList<CgroupPlace> Find(bool unified = true, bool own = true)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/proc/self/cgroup"))
            return [];
        var groups = File.ReadLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3).ToList();
        var mounts = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')).ToList();
        var (processes, memory) = (Of("pids"), Of("memory"));
        return processes is null
            ? memory is null
                ? []
                : [memory]
            : memory is null
                ? [processes]
                : processes.Folder == memory.Folder
                    ? [processes with { Memory = true }]
                    : [processes, memory];

        CgroupPlace? Of(string controller) =>
            Within(controller) is { } folder ? new CgroupPlace(folder, true, controller == "pids", controller == "memory")
            : Own(controller) is { } other ? new CgroupPlace(other, false, controller == "pids", controller == "memory")
            : null;

        string? Within(string controller)
        {
            if (
                !unified
                || groups.Find(parts => parts[1].Length == 0) is not [_, _, var path]
                || Mounted("cgroup2", null, path) is not var (mount, folder)
            )
                return null;
            for (var at = folder; at.Length >= mount.Length; at = Path.GetDirectoryName(at)!)
                if (
                    File.Exists(Path.Combine(at, "cgroup.subtree_control"))
                    && File.ReadAllText(Path.Combine(at, "cgroup.subtree_control"))
                        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                        .Contains(controller)
                )
                    return at;
            return null;
        }

        string? Own(string controller) =>
            own && groups.Find(parts => parts[1].Split(',').Contains(controller)) is [_, _, var path]
                ? Mounted("cgroup", controller, path)?.Folder
                : null;

        // proc(5): number, parent, device, root, place, options, …, "-", kind, source, options of the file system.
        (string Mount, string Folder)? Mounted(string kind, string? controller, string path)
        {
            foreach (var fields in mounts)
                if (
                    Array.IndexOf(fields, "-") is > 0 and var dash
                    && fields[dash + 1] == kind
                    && (controller is null || fields[dash + 3].Split(',').Contains(controller))
                )
                {
                    var (root, place) = (fields[3].TrimEnd('/'), fields[4]);
                    var below = path == root || path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..] : "";
                    return (place, (place + below).TrimEnd('/'));
                }

            return null;
        }
    }
}
