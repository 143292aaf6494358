namespace Hillingar.BuildProgram;

/// <summary>What the tests and the demo need of the machine.</summary>
static class Needs
{
    static readonly (string, string)[] s_build =
    [
        ("ocamlopt", "ocaml"),
        ("ocamlfind", "ocaml-findlib"),
        ("dune", "ocaml-dune"),
        ("git", "git"),
        ("gcc", "gcc"),
        ("make", "make"),
        ("xz", "xz-utils"),
        ("bzip2", "bzip2"),
        ("dig", "dnsutils"),
    ];

    static readonly (string, string)[] s_test =
    [
        ("named", "bind9"),
        ("opam", "opam"),
        ("bwrap", "bubblewrap"),
        ("dot", "graphviz"),
        ("/usr/lib/ocaml/opam-file-format/META", "libopam-file-format-ocaml-dev"),
        ("/usr/lib/ocaml/alcotest/META", "libalcotest-ocaml-dev"),
        ("/usr/lib/ocaml/ounit2/META", "libounit-ocaml-dev"),
        ("nix", "nix-bin"),
        ("opam-installer", "opam-installer"),
        ("unzip", "unzip"),
        ("m4", "m4"),
        ("patchelf", "patchelf"),
        ("ssh", "openssh-client"),
        ("systemd-analyze", "systemd"),
        ("named-checkzone", "bind9-utils"),
        ("qemu-system-x86_64", "qemu-system-x86"),
        ("ip", "iproute2"),
    ];

    public static Task Install(bool tests = true) => Apt.Install(tests ? [.. s_build, .. s_test] : s_build);

    /// <summary>What the extension for Azure DevOps is packed with, and its task runs on.</summary>
    public static Task InstallNode() => Apt.Install(("node", "nodejs"), ("npm", "npm"));

    /// <summary>
    /// The archives of the sample and of tests for a machine that cannot reach upstream: fetched from Debian's source packages into
    /// artifacts/sources, under the names that Debian gives them.
    /// </summary>
    /// <returns>The environment that tells tests where they are.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> Sources()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Tool.Artifacts, "sources")).FullName;
        string[] lists =
        [
            Path.Combine(Tool.Root, "samples", "opam-repository", "debian-archives.tsv"),
            Path.Combine(Tool.Root, "tests", "debian-archives.tsv"),
        ];
        var archives = lists
            .SelectMany(list => File.ReadLines(list).Skip(1))
            .Select(line => line.Split('\t'))
            .Where(fields => fields.Length >= 5)
            .Select(fields => (Suite: fields[2], Source: fields[3], Archive: fields[4]))
            .Distinct()
            .Where(archive => !File.Exists(Path.Combine(folder, archive.Archive)))
            .ToList();
        if (archives.Count > 0)
            Tool.Say($"Fetching {archives.Count} archives of Debian's source packages");
        await Apt.FetchSources(archives, folder);
        return new Dictionary<string, string> { ["HILLINGAR_TEST_SOURCES"] = folder };
    }
}
