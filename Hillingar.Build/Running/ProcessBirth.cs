using System.Diagnostics;

namespace Hillingar.Build.Running;

/// <summary>When a process began: numbers of processes are given again, and one that began at another time is another process.</summary>
static class ProcessBirth
{
    /// <summary>The same as <see cref="Of"/> as a function of a shell: Linux's ticks since the boot, with the boot, or what <c>ps</c> tells elsewhere.</summary>
    public const string Function = """
        birth() {
          if [ -r "/proc/$1/stat" ]; then
            stat=$(cat "/proc/$1/stat") && set -- ${stat##*) } && echo "${20} $(cat /proc/sys/kernel/random/boot_id)"
          else
            LC_ALL=C ps -o lstart= -p "$1"
          fi
        }

        """;

    /// <summary>When a process began, in words that are equal for the same process only; null where there is none of that number, or it has ended.</summary>
    public static string? Of(int process)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                // proc(5): what follows the name in parentheses begins with the third field, the state; the 22nd is the time.
                var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
                return fields[0] is "Z" or "X" ? null : $"{fields[19]} {File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}";
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It is gone.
                return null;
            }
        }

        using var ps = Process.Start(
            new ProcessStartInfo("ps", ["-o", "lstart=", "-p", $"{process}"])
            {
                RedirectStandardOutput = true,
                Environment = { ["LC_ALL"] = "C" },
            }
        );
        var answer = ps!.StandardOutput.ReadToEnd().Trim();
        ps.WaitForExit();
        return answer.Length > 0 ? answer : null;
    }
}
