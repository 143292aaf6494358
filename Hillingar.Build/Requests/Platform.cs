using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Requests;

/// <summary>A kind of machine that builds: a processor and a system. A lock serves the platforms that it was solved for.</summary>
/// <param name="Name">Its name, <c>ARCH-OS</c> in opam's words: <c>x86_64-linux</c>, <c>arm64-macos</c>.</param>
/// <param name="Environment">opam's variables there.</param>
public sealed record Platform(string Name, OpamEnvironment Environment)
{
    static readonly string[] s_processors = ["x86_64", "arm64", "x86_32", "arm32", "ppc64", "riscv64", "s390x"];

    /// <summary>This machine. Linux distributions are one platform: what they call their packages only decides what to install.</summary>
    public static Platform Host { get; } = Of(HostPlatform.Current);

    /// <summary>The platform that an environment is of.</summary>
    public static Platform Of(OpamEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new($"{environment.Variables["arch"]}-{environment.Variables["os"]}", environment);
    }

    /// <summary>A platform by name; of the distributions, this machine's where the system is the same, else the most usual.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="place">Where it stands, for the error.</param>
    /// <exception cref="HillingarException">HIL6017: there is none of this name.</exception>
    public static Platform Parse(string name, Place? place = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == Host.Name)
            return Host;
        if (name.Split('-') is not [var arch, var os] || !s_processors.Contains(arch))
            throw Unknown(name, place);
        return new(
            name,
            os switch
            {
                _ when os == Host.Environment.Variables["os"].ToString() => Host.Environment.With("arch", arch),
                "linux" => OpamEnvironment.Platform(arch, os, "debian", "debian", "12"),
                "macos" => OpamEnvironment.Platform(arch, os, "homebrew", "bsd", "15"),
                "win32" => OpamEnvironment.Platform(arch, os, "win32", "windows", "10"),
                "freebsd" or "openbsd" or "netbsd" or "dragonfly" => OpamEnvironment.Platform(arch, os, os, "bsd", ""),
                _ => throw Unknown(name, place),
            }
        );
    }

    static HillingarException Unknown(string name, Place? place) =>
        new(
            "HIL6017",
            $"There is no platform '{name}'. Write a processor ({string.Join(", ", s_processors)}), '-' and a system (linux, macos, win32, freebsd, openbsd, netbsd, dragonfly), such as x86_64-linux.",
            place
        );
}
