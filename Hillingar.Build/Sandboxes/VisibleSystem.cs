namespace Hillingar.Build.Sandboxes;

/// <summary>What every build sees of this machine's system, read-only: programs and libraries, and of <c>/etc</c> what these read. Nothing in it is a socket.</summary>
static class VisibleSystem
{
    // Of Nix and Guix the stores alone: beside them lie the sockets of their daemons, which would build anything, with network.
    static readonly string[] s_folders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"];

    // Users and names, the dynamic linker, alternatives, and the settings of compilers and interpreters. No keys, tokens or configuration of services.
    static readonly string[] s_settings =
    [
        "passwd",
        "group",
        "nsswitch.conf",
        "hosts",
        "host.conf",
        "protocols",
        "services",
        "rpc",
        "networks",
        "shells",
        "localtime",
        "timezone",
        "locale.alias",
        "locale.conf",
        "os-release",
        "debian_version",
        "redhat-release",
        "fedora-release",
        "alpine-release",
        "arch-release",
        "SuSE-release",
        "lsb-release",
        "system-release",
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "ld-musl-x86_64.path",
        "ld-musl-aarch64.path",
        "alternatives",
        "ocamlfind.conf",
        "ocaml",
        "perl",
        "java",
        "clang",
        "gprofng.rc",
        "terminfo",
        "magic",
        "mime.types",
        "groff",
        "papersize",
        "xml",
        "sgml",
        "texmf",
        "fonts",
        "crypto-policies",
        "ssl/openssl.cnf",
        "ssl/certs",
        "pki/tls/openssl.cnf",
        "pki/tls/certs",
        "pki/ca-trust/extracted",
    ];

    // Those whose names have a version in them.
    static readonly string[] s_patterns = ["python3*", "java-*"];

    static readonly string[] s_programs = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>The system's own programs, as <c>PATH</c> has them.</summary>
    public static string Programs { get; } = string.Join(Path.PathSeparator, s_programs.Where(Directory.Exists));

    /// <summary>Whether a path is below what every build sees of the system's programs and libraries.</summary>
    public static bool Holds(string path) => s_folders.Any(folder => IsBelow(path, folder));

    /// <summary>The path of one of the system's own programs, or null.</summary>
    public static string? Find(string program) =>
        Programs.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>The mounts, as options of bubblewrap; a link, such as Debian's <c>/bin</c>, is made again.</summary>
    public static IEnumerable<string> Mounts() =>
        [
            .. s_folders
                .Where(Path.Exists)
                .SelectMany<string, string>(path =>
                    new DirectoryInfo(path).LinkTarget is { } target ? ["--symlink", target, path] : ["--ro-bind", path, path]
                ),
            .. Settings().SelectMany<string, string>(path => ["--ro-bind", path, path]),
        ];

    /// <summary>
    /// The sockets that somebody listens on below folders that are shown, each covered by nothing, as options of bubblewrap: a mount that is
    /// read-only, and a network of its own, keep nobody from a socket that has a path.
    /// </summary>
    /// <param name="shown">The folders, where they are and where they are seen.</param>
    public static IEnumerable<string> Covers(IEnumerable<(string Real, string Seen)> shown)
    {
        if (!File.Exists("/proc/net/unix"))
            return [];
        var places = s_folders.Select(folder => (Real: folder, Seen: folder)).Concat(shown).ToList();
        // Number, references, protocol, flags, type, state, inode, path; those of no path are another network's.
        return File.ReadLines("/proc/net/unix")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 7)
            .Select(fields => string.Join(' ', fields[7..]))
            .Where(path => path.StartsWith('/'))
            .Distinct()
            .SelectMany(path =>
                places.Where(place => IsBelow(path, place.Real)).Select(place => (Path: path, Seen: place.Seen + path[place.Real.Length..]))
            )
            .Where(socket => File.Exists(socket.Path))
            .SelectMany<(string, string Seen), string>(socket => ["--ro-bind", "/dev/null", socket.Seen])
            .ToList();
    }

    static IEnumerable<string> Settings() =>
        s_settings
            .Select(name => "/etc/" + name)
            .Concat(
                Directory.Exists("/etc")
                    ? s_patterns.SelectMany(pattern => Directory.EnumerateFileSystemEntries("/etc", pattern)).Order(StringComparer.Ordinal)
                    : []
            )
            .Where(Path.Exists);

    static bool IsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);
}
