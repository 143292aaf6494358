namespace Hillingar.BuildProgram;

/// <summary>
/// Programs that tests need from another Debian suite, or without the service that installing them would start: unpacked with all their
/// libraries below artifacts/debian, and bound to those. The system's packages stay as they are.
/// </summary>
static class Peers
{
    // A Nix of today beside bookworm's 2.8; and bookworm's sshd, which is one program, where later ones want helpers at a fixed place.
    static readonly (string Suite, string Package, string Program)[] s_peers =
    [
        ("trixie", "nix-bin", "usr/bin/nix"),
        ("bookworm", "openssh-server", "usr/sbin/sshd"),
    ];

    static readonly string[] s_libraries = ["lib", "usr/lib"];

    /// <summary>Unpacks what is not there yet.</summary>
    /// <returns>The environment that tells tests where they are.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> Install()
    {
        await Users();
        var folder = Path.Combine(Tool.Artifacts, "debian");
        foreach (var (suite, package, program) in s_peers)
        {
            var (root, stamp) = (Path.Combine(folder, package), Path.Combine(folder, package + ".root"));
            // The program knows its libraries by their whole path, so a moved folder is of no use.
            if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == root)
                continue;
            if (Directory.Exists(root))
                Directory.Delete(root, recursive: true);
            if (!await Apt.Unpack(suite, package, root))
                continue;
            await Bind(root, Path.Combine(root, program));
            await File.WriteAllTextAsync(stamp, root);
        }

        return new Dictionary<string, string> { ["HILLINGAR_TEST_PEERS"] = folder };
    }

    static async Task Bind(string root, string program)
    {
        string[] folders = [.. s_libraries.Select(name => Path.Combine(root, name)).Where(Directory.Exists)];
        var loader = folders
            .SelectMany(folder => Directory.GetFiles(folder, "ld-linux*.so.*", SearchOption.AllDirectories))
            .First(file => File.ResolveLinkTarget(file, false) is null);
        var libraries = folders
            .Select(folder => Path.Combine(folder, Path.GetFileName(Path.GetDirectoryName(loader)!)))
            .Where(Directory.Exists);
        // The old kind of path (DT_RPATH) holds for the libraries' libraries too.
        await Tool.Run("patchelf", ["--set-interpreter", loader, "--force-rpath", "--set-rpath", string.Join(':', libraries), program]);
    }

    // What the packages nix-setup-systemd and openssh-server make when they are installed. Without root Nix uses user namespaces instead.
    static async Task Users()
    {
        if (Environment.UserName != "root" || Tool.Find("useradd") is null)
            return;
        if (await Tool.Ask("getent", "group", "nixbld") is null)
            await Tool.Run("groupadd", ["--system", "nixbld"]);
        for (var number = 1; number <= 8; number++)
            await User($"nixbld{number}", "-g", "nixbld", "-G", "nixbld");
        await User("sshd", "-g", "nogroup");
    }

    static async Task User(string name, params string[] groups)
    {
        if (await Tool.Ask("getent", "passwd", name) is null)
            await Tool.Run(
                "useradd",
                ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", .. groups, name]
            );
    }
}
