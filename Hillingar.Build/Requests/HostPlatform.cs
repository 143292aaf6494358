using System.Runtime.InteropServices;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Requests;

/// <summary>The machine that builds, in opam's variables (<c>OpamSysPoll</c>): of the host, never of the target.</summary>
public static class HostPlatform
{
    /// <summary>The variables that opam defines for every platform, in the order locks list them.</summary>
    public static IReadOnlyList<string> Variables { get; } = ["arch", "os", "os-distribution", "os-family", "os-version", "opam-version"];

    /// <summary>This machine's environment.</summary>
    public static OpamEnvironment Current { get; } = Detect();

    static OpamEnvironment Detect()
    {
        var arch = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "x86_64",
            Architecture.X86 => "x86_32",
            Architecture.Arm64 => "arm64",
            Architecture.Arm => "arm32",
            Architecture.Ppc64le => "ppc64",
            Architecture.RiscV64 => "riscv64",
            Architecture.S390x => "s390x",
            var other => other.ToString().ToLowerInvariant(),
        };
        if (OperatingSystem.IsWindows())
            return OpamEnvironment.Platform(arch, "win32", "win32", "windows", Environment.OSVersion.Version.ToString());
        if (OperatingSystem.IsMacOS())
            return OpamEnvironment.Platform(
                arch,
                "macos",
                Directory.Exists("/opt/homebrew") || Directory.Exists("/usr/local/Homebrew") ? "homebrew" : "macos",
                "bsd",
                Environment.OSVersion.Version.ToString()
            );
        var release = Release(File.Exists("/etc/os-release") ? File.ReadAllLines("/etc/os-release") : []);
        var id = release.GetValueOrDefault("ID", "linux");
        return OpamEnvironment.Platform(
            arch,
            "linux",
            id,
            release.GetValueOrDefault("ID_LIKE", id).Split(' ')[0],
            release.GetValueOrDefault("VERSION_ID", "")
        );
    }

    // https://www.freedesktop.org/software/systemd/man/os-release.html
    static Dictionary<string, string> Release(IEnumerable<string> lines) =>
        lines
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0])
            .ToDictionary(group => group.Key, group => group.Last()[1].Trim('"', '\'').ToLowerInvariant());
}
