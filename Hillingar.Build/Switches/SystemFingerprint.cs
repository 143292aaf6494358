using Hillingar.Build.Requests;

namespace Hillingar.Build.Switches;

/// <summary>What of this machine's system goes into what is built with it, in a few words: another compiler must not be taken for the same.</summary>
static class SystemFingerprint
{
    static readonly string[] s_programs =
    [
        "cc",
        "gcc",
        "clang",
        "ld",
        "as",
        "ar",
        "make",
        "sh",
        "m4",
        "pkg-config",
        "ocaml",
        "ocamlc",
        "ocamlopt",
        "ocamlc.opt",
        "ocamlopt.opt",
        "ocamlfind",
        "dune",
    ];

    /// <summary>The fingerprint: where the tools are that builds run, and from when.</summary>
    /// <param name="path">The <c>PATH</c> that builds have.</param>
    public static string Of(string path) =>
        string.Join(
            '\n',
            [
                .. HostPlatform
                    .Current.Variables.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                    .Select(pair => $"{pair.Key}={pair.Value}"),
                .. s_programs
                    .SelectMany(program =>
                        path.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).Where(File.Exists).Take(1)
                    )
                    .Select(Stamp),
            ]
        );

    static string Stamp(string path)
    {
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
        return file.Exists ? $"{path} {file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}" : path;
    }
}
