using Hillingar.Build.Mirage;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Machines;

/// <summary>Which targets a machine builds natively, by its processor and system, and what it needs for that.</summary>
public static class TargetSupport
{
    static readonly string[] s_compilers = ["cc", "gcc", "clang"];

    /// <summary>Why a platform does not build a target, or null where it does (Solo5's <c>docs/building.md</c> and <c>configure.sh</c>; Unikraft's <c>ocaml-unikraft</c>).</summary>
    /// <param name="target">The mirage target.</param>
    /// <param name="platform">The platform, such as <c>x86_64-linux</c>.</param>
    public static string? Fault(string target, string platform) => TargetTable.Find(target)?.Fault(platform);

    /// <summary>The platform that .NET's name for one stands for; null for one that builds no unikernels.</summary>
    /// <param name="runtime">The <c>RuntimeIdentifier</c>, such as <c>linux-arm64</c>.</param>
    public static string? PlatformOf(string runtime) =>
        runtime switch
        {
            "linux-x64" or "linux-musl-x64" => "x86_64-linux",
            "linux-arm64" or "linux-musl-arm64" => "arm64-linux",
            "osx-x64" => "x86_64-macos",
            "osx-arm64" => "arm64-macos",
            "freebsd-x64" => "x86_64-freebsd",
            _ => null,
        };

    /// <summary>The programs that every OCaml compiler, and every cross compiler, is built with, and that this machine lacks.</summary>
    public static IReadOnlyList<string> MissingPrograms() =>
        [
            .. s_compilers.Any(program => ProcessRunner.Find(program) is not null) ? (string[])[] : ["a C compiler (gcc)"],
            .. ProcessRunner.Find("make") is null ? (string[])["make"] : [],
        ];

    /// <summary>Checks, before anything is built, that this machine can build a target.</summary>
    /// <param name="request">The project.</param>
    /// <param name="target">The target.</param>
    /// <param name="runtime">The <c>RuntimeIdentifier</c> that it is built for; empty for this machine's.</param>
    /// <exception cref="HillingarException">HIL5074: it cannot; the message says what is missing.</exception>
    internal static void Check(Request request, string target, string runtime)
    {
        var place = new ProjectPlaces(request.ProjectFile).OfProperty("MirageTargets");
        var platform = Platform.Host.Name;
        if (runtime.Length > 0 && PlatformOf(runtime) is var wanted && wanted != platform)
            throw new HillingarException(
                "HIL5074",
                wanted is null
                    ? $"There are no unikernels for '{runtime}'. Set RuntimeIdentifier to linux-x64 or linux-arm64."
                    : $"'{runtime}' is not this machine's ({platform}), and images are compiled natively. Build there; or with Nix and a builder of that kind: HillingarBackend=nix, HillingarNixBuilders.",
                place
            );
        if (Fault(target, platform) is { } fault)
            throw new HillingarException(
                "HIL5074",
                $"This machine ({platform}) cannot build '{target}': {fault}. Build it on another machine; the lock is the same.",
                place
            );
        if (request.IsConfigured)
            CheckPrograms(place);
    }

    /// <summary>Checks, before anything is built, that this machine's OCaml has the programs by which it assembles and links.</summary>
    /// <exception cref="HillingarException">HIL5074: it lacks one.</exception>
    internal static async Task CheckCompiler(Request request, CancellationToken cancellation)
    {
        if (ProcessRunner.Find("ocamlopt") is not { } compiler)
            return;
        var config = await ProcessRunner.Run(new Command(compiler, ["-config"], Path.GetTempPath()), cancellation).ConfigureAwait(false);
        var missing = config
            .Whole.Split('\n')
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair is ["native_c_compiler" or "asm", { Length: > 0 }])
            .Select(pair => pair[1].Split(' ')[0])
            .Distinct()
            .Where(program => ProcessRunner.Find(program) is null)
            .ToList();
        if (missing.Count > 0)
            throw new HillingarException(
                "HIL5074",
                $"This machine lacks {string.Join(" and ", missing)}, by which OCaml's compiler assembles and links. {Install}",
                new ProjectPlaces(request.ProjectFile).OfProperty("MirageTargets")
            );
    }

    const string Install =
        "Install it: Debian and Ubuntu 'apt-get install gcc make', Fedora 'dnf install gcc make', macOS 'xcode-select --install'.";

    /// <summary>Checks, before anything is built, that this machine can build mirage itself.</summary>
    /// <exception cref="HillingarException">HIL5074: it cannot.</exception>
    internal static void CheckPrograms(Place place)
    {
        if (MissingPrograms() is { Count: > 0 } missing)
            throw new HillingarException(
                "HIL5074",
                $"This machine lacks {string.Join(" and ", missing)}, with which compilers and libraries are built. {Install}",
                place
            );
    }
}
