using System.Globalization;
using Hillingar.Build.Confinement;
using Hillingar.Build.Processes;

namespace Hillingar.Build.Sandboxes;

/// <summary>
/// A control group of our own, in which what a command starts is counted, bounded and ended together: of the unified hierarchy (version 2), or
/// of one controller's own (version 1).
/// </summary>
sealed class Cgroup : IDisposable
{
    const string Prefix = "hillingar-";
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    readonly CgroupPlace _place;
    readonly string _folder;

    Cgroup(CgroupPlace place, string folder) => (_place, _folder) = (place, folder);

    /// <summary>The file that takes in the process that writes a 0 into it.</summary>
    public string Members => Path.Combine(_folder, "cgroup.procs");

    /// <summary>Makes a group.</summary>
    /// <param name="place">Where.</param>
    /// <param name="limits">What it bounds, as far as the place can.</param>
    public static Cgroup Make(CgroupPlace place, BuildLimits limits)
    {
        var folder = Path.Combine(place.Folder, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        var group = new Cgroup(place, folder);
        try
        {
            if (place.Processes)
                group.Write("pids.max", limits.Processes);
            if (place.Memory && place.IsUnified)
            {
                group.Write("memory.max", limits.Memory);
                group.Write("memory.swap.max", 0, mayLack: true);
                // One process without which the others go on in a broken way is no use.
                group.Write("memory.oom.group", 1, mayLack: true);
            }
            else if (place.Memory)
            {
                group.Write("memory.limit_in_bytes", limits.Memory);
                group.Write("memory.memsw.limit_in_bytes", limits.Memory, mayLack: true);
            }

            return group;
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>Removes the groups of processes of ours that were killed.</summary>
    /// <param name="place">Where they are.</param>
    public static void RemoveLeftovers(CgroupPlace place)
    {
        foreach (
            var left in Directory
                .EnumerateDirectories(place.Folder, Prefix + "*")
                .Where(left => Path.GetFileName(left).Split('-') is [_, var owner, _] && !Directory.Exists($"/proc/{owner}"))
        )
            new Cgroup(place, left).Dispose();
    }

    /// <summary>Whether a process or thread was refused for the bound.</summary>
    public bool IsTooMany => _place.Processes && Count("pids.events", "max") > 0;

    /// <summary>Whether a process was ended for the bound on memory.</summary>
    public bool IsTooLarge => _place.Memory && Count(_place.IsUnified ? "memory.events" : "memory.oom_control", "oom_kill") > 0;

    /// <summary>Ends all that is in it.</summary>
    public void Kill()
    {
        if (_place.IsUnified && File.Exists(Path.Combine(_folder, "cgroup.kill")))
        {
            Write("cgroup.kill", 1);
            return;
        }

        // Those that are read are gone; whatever one of them started before is there at the next reading.
        for (var end = DateTime.UtcNow + s_patience; DateTime.UtcNow < end && Processes().ToList() is { Count: > 0 } members; )
            foreach (var member in members)
                ProcessTree.Kill(member);
    }

    /// <summary>Ends what is left in it, and removes it.</summary>
    public void Dispose()
    {
        for (var end = DateTime.UtcNow + s_patience; Directory.Exists(_folder); Thread.Sleep(5))
            try
            {
                Kill();
                Directory.Delete(_folder);
            }
            catch (Exception exception) when (FileFault.Is(exception) && DateTime.UtcNow < end)
            {
                // A process that is ended leaves its group a moment later.
                continue;
            }
            catch (Exception exception) when (FileFault.Is(exception))
            {
                // The next build removes it.
                return;
            }
    }

    IEnumerable<int> Processes() =>
        File.ReadLines(Members).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(number => number > 0);

    long Count(string file, string word)
    {
        var path = Path.Combine(_folder, file);
        return
            File.Exists(path)
            && File.ReadLines(path).Select(line => line.Split(' ')).FirstOrDefault(words => words[0] == word) is [_, var number]
            ? long.Parse(number, CultureInfo.InvariantCulture)
            : 0;
    }

    void Write(string file, long value, bool mayLack = false)
    {
        var path = Path.Combine(_folder, file);
        if (!mayLack || File.Exists(path))
            File.WriteAllText(path, value.ToString(CultureInfo.InvariantCulture));
    }
}
