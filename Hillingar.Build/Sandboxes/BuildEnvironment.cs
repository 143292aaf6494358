using System.Collections.Immutable;

namespace Hillingar.Build.Sandboxes;

/// <summary>
/// The environment of dune and of <c>mirage configure</c>: a list of variables. Whatever else the user has, tokens and passwords among them, is
/// not for what strangers wrote, and would make results depend on who builds.
/// </summary>
static class BuildEnvironment
{
    /// <summary>Where OCaml and findlib look for libraries and stubs, where that is not at their usual places.</summary>
    public static readonly ImmutableArray<string> OCamlPlaces =
    [
        "OCAMLPATH",
        "OCAMLFIND_CONF",
        "OCAMLFIND_TOOLCHAIN",
        "OCAMLFIND_LDCONF",
        "OCAMLLIB",
        "CAMLLIB",
        "CAML_LD_LIBRARY_PATH",
    ];

    // Where the toolchain is, for those who have it elsewhere than the system; and what programs cannot start without on Windows.
    static readonly HashSet<string> s_names = new(
        [
            .. OCamlPlaces,
            "PATH",
            "TZ",
            "SOURCE_DATE_EPOCH",
            "OPAM_SWITCH_PREFIX",
            "OCAML_TOPLEVEL_PATH",
            "PKG_CONFIG",
            "PKG_CONFIG_PATH",
            "PKG_CONFIG_LIBDIR",
            "CPATH",
            "C_INCLUDE_PATH",
            "LIBRARY_PATH",
            "LD_LIBRARY_PATH",
            "SDKROOT",
            "DEVELOPER_DIR",
            "MACOSX_DEPLOYMENT_TARGET",
            "NIX_STORE",
            "NIX_CC",
            "NIX_BINTOOLS",
            "NIX_CFLAGS_COMPILE",
            "NIX_LDFLAGS",
            "NIX_HARDENING_ENABLE",
            "NIX_ENFORCE_NO_NATIVE",
            "SYSTEMROOT",
            "SYSTEMDRIVE",
            "WINDIR",
            "COMSPEC",
            "PATHEXT",
            "PROGRAMDATA",
            "PROGRAMFILES",
            "PROGRAMFILES(X86)",
            "COMMONPROGRAMFILES",
            "NUMBER_OF_PROCESSORS",
            "PROCESSOR_ARCHITECTURE",
            "OS",
        ],
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal
    );

    // The wrappers of compilers in a shell of Nix name the platform in their variables.
    static readonly string[] s_prefixes = ["NIX_CC_WRAPPER_", "NIX_BINTOOLS_WRAPPER_", "NIX_PKG_CONFIG_WRAPPER_"];

    static readonly string[] s_temporary = ["TMPDIR", "TEMP", "TMP"];

    /// <summary>The variables.</summary>
    /// <param name="more">Names that the project adds.</param>
    /// <param name="home">The home, an empty folder.</param>
    /// <param name="isShut">Whether the temporary folder is the sandbox's own.</param>
    public static Dictionary<string, string?> Of(IReadOnlyList<string> more, string home, bool isShut)
    {
        var variables = Environment
            .GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .Select(pair => (Name: (string)pair.Key, Value: (string?)pair.Value))
            .Where(pair =>
                s_names.Contains(pair.Name)
                || more.Contains(pair.Name)
                || s_prefixes.Any(prefix => pair.Name.StartsWith(prefix, StringComparison.Ordinal))
                || (!isShut && s_temporary.Contains(pair.Name))
            )
            .ToDictionary(pair => pair.Name, pair => pair.Value);
        var own = new Dictionary<string, string?>
        {
            ["HOME"] = home,
            ["USER"] = "build",
            ["LOGNAME"] = "build",
            ["SHELL"] = "/bin/sh",
            ["LC_ALL"] = "C.UTF-8",
        };
        if (isShut)
            own["TMPDIR"] = "/tmp";
        if (OperatingSystem.IsWindows())
            own["USERPROFILE"] = own["LOCALAPPDATA"] = own["APPDATA"] = home;
        foreach (var (name, value) in own.Where(pair => !more.Contains(pair.Key)))
            variables[name] = value;
        return variables;
    }
}
