using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Machines;

/// <summary>The OCaml tools that this machine provides, with their versions as the tools tell them.</summary>
/// <param name="OCaml">The version of the native compiler, such as <c>4.13.1</c>.</param>
/// <param name="Findlib">The version of findlib, or null where there is none.</param>
/// <param name="Dune">The version of dune, or null where there is none.</param>
public sealed record Toolchain(string OCaml, string? Findlib, string? Dune)
{
    /// <summary>Asks the tools on <c>PATH</c>.</summary>
    /// <exception cref="HillingarException">HIL5002: there is no OCaml compiler.</exception>
    public static async Task<Toolchain> Probe(CancellationToken cancellation) =>
        await TryProbe(cancellation).ConfigureAwait(false)
        ?? throw new HillingarException(
            "HIL5002",
            "This machine has no OCaml native compiler (ocamlopt is not on PATH, or does not run). Install one: Debian and Ubuntu 'apt-get install ocaml ocaml-findlib', Fedora 'dnf install ocaml ocaml-findlib', macOS 'brew install ocaml ocaml-findlib'."
        );

    /// <summary>Asks the tools on <c>PATH</c>; null where there is no OCaml compiler.</summary>
    internal static async Task<Toolchain?> TryProbe(CancellationToken cancellation)
    {
        var ocaml = Ask("ocamlopt", ["-version"], cancellation);
        var findlib = Ask("ocamlfind", ["query", "-format", "%v", "findlib"], cancellation);
        var dune = Ask("dune", ["--version"], cancellation);
        await Task.WhenAll(ocaml, findlib, dune).ConfigureAwait(false);
        return ocaml.Result is { } version ? new Toolchain(version, findlib.Result, dune.Result) : null;
    }

    static async Task<string?> Ask(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        if (ProcessRunner.Find(program) is not { } path)
            return null;
        var result = await ProcessRunner.Run(new Command(path, arguments, Path.GetTempPath()), cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 && result.Whole.Trim() is { Length: > 0 } version ? version : null;
    }
}
