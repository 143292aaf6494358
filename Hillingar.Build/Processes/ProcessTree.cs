using System.Globalization;
using System.Runtime.InteropServices;
using Hillingar.Build.Confinement;

namespace Hillingar.Build.Processes;

/// <summary>A process with all that it started, as this machine's list of processes shows it.</summary>
static class ProcessTree
{
    const int Stop = 19,
        End = 9;

    /// <summary>
    /// Ends a process and all below it. Each is stopped as soon as it is seen, so that it starts no more, and the list is read anew until
    /// nothing new is in it: that takes as many readings as the tree grows while we look, and not one for each process.
    /// </summary>
    /// <param name="process">The process.</param>
    public static void Kill(System.Diagnostics.Process process)
    {
        if (!OperatingSystem.IsLinux())
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            return;
        }

        var known = new HashSet<int>();
        for (var found = Below(process.Id); found.Any(number => !known.Contains(number)); found = Below(process.Id))
            foreach (var number in found.Where(known.Add))
                Signal(number, Stop);
        foreach (var number in known)
            Signal(number, End);
    }

    /// <summary>How many processes and threads a tree has; 0 where the system does not tell.</summary>
    /// <param name="process">The number of the process at its root.</param>
    public static int Count(int process) => OperatingSystem.IsLinux() ? Below(process).Sum(number => Math.Max(1, Threads(number))) : 0;

    /// <summary>Ends a process that may be gone already.</summary>
    internal static void Kill(int process) => Signal(process, End);

    static List<int> Below(int root)
    {
        var children = Directory
            .EnumerateDirectories("/proc")
            .Select(folder =>
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0
            )
            .Where(number => number > 0)
            .ToLookup(Parent);
        var found = new List<int> { root };
        for (var i = 0; i < found.Count; i++)
            found.AddRange(children[found[i]]);
        return found;
    }

    // proc(5): the fourth field, the second after the name in parentheses.
    static int Parent(int process) =>
        Read($"/proc/{process}/stat").Split(") ")[^1].Split(' ') is [_, var parent, ..]
            ? int.Parse(parent, CultureInfo.InvariantCulture)
            : 0;

    static int Threads(int process) =>
        Read($"/proc/{process}/stat").Split(") ")[^1].Split(' ') is { Length: > 17 } fields
            ? int.Parse(fields[17], CultureInfo.InvariantCulture)
            : 0;

    static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            // It ended while we looked.
            return "";
        }
    }

    static void Signal(int process, int signal) => _ = Send(process, signal);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Send(int process, int signal);
}
