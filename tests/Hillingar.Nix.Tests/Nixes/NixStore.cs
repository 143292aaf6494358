using System.Text.Json;
using Hillingar.Build.Processes;

namespace Hillingar.Tests;

/// <summary>
/// A store of one Nix: its own folders for store, state, configuration and caches, so nothing of the machine's Nix is read or changed.
/// Builds run in the sandbox as build users where we are root; they see the system's toolchain, which the nixpkgs stand-in hands on,
/// and no network. Nothing is substituted, and flakes of a registry are not known.
/// </summary>
sealed class NixStore : IDisposable
{
    // Nix kills whatever runs as a build user before it uses it, so all stores of the machine take turns through the same locks.
    static readonly string s_users = Path.Combine(Path.GetTempPath(), "hillingar-nix-users");

    // The system's programs are where no script looks for them: in a real sandbox there is no /usr/bin/env either. Two programs are at
    // their own place, since the system's scripts and bytecode begin with it.
    static readonly string[] s_system =
    [
        "/system=/usr", "/usr/lib", "/usr/include", "/usr/share", "/lib=/usr/lib", "/lib64=/usr/lib64", "/bin/sh=/usr/bin/dash", "/usr/bin/perl", "/usr/bin/ocamlrun",
    ];

    readonly string _folder;
    readonly Dictionary<string, string?> _variables;

    /// <summary>Makes an empty store.</summary>
    /// <param name="nix">Whose.</param>
    /// <param name="folder">Where, or null for a temporary folder.</param>
    /// <param name="sandboxPaths">Further paths that builds see, as in nix.conf (<c>INSIDE=OUTSIDE</c>).</param>
    public NixStore(Nix nix, string? folder = null, params string[] sandboxPaths) : this(nix, null, folder, sandboxPaths)
    {
    }

    NixStore(Nix nix, string? store, string? folder, string[] sandboxPaths)
    {
        Nix = nix;
        _folder = folder is null ? Directory.CreateTempSubdirectory("hillingar-nix-").FullName : Directory.CreateDirectory(folder).FullName;
        // Builds run as others.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        _variables = new()
        {
            ["NIX_STORE_DIR"] = Store = store ?? this["store"],
            ["NIX_STATE_DIR"] = this["var"],
            ["NIX_LOG_DIR"] = this["log"],
            ["NIX_CONF_DIR"] = this["conf"],
            ["NIX_USER_CONF_FILES"] = "",
            ["NIX_CONFIG"] = null,
            ["NIX_PATH"] = "",
            ["NIX_REMOTE"] = store is null ? null : $"local?root={this["root"]}",
            ["HOME"] = this["home"],
            ["XDG_CACHE_HOME"] = this["cache"],
            ["XDG_CONFIG_HOME"] = null,
            ["XDG_STATE_HOME"] = null,
        };
        foreach (var name in new[] { "var", "conf", "home", "cache" })
            Directory.CreateDirectory(this[name]);
        Directory.CreateDirectory(s_users);
        if (!Path.Exists(this["var/userpool"]))
            File.CreateSymbolicLink(this["var/userpool"], s_users);
        File.WriteAllLines(this["conf/nix.conf"],
        [
            "experimental-features = nix-command flakes",
            "substituters =",
            "flake-registry =",
            "sandbox = true",
            "sandbox-fallback = false",
            $"build-users-group = {(Environment.UserName == "root" ? "nixbld" : "")}",
            // The default is the system's, whatever runs.
            .. nix.Name == "modern" ? [$"build-hook = {nix.Program} __build-remote"] : Array.Empty<string>(),
            $"sandbox-paths = {string.Join(' ', s_system.Where(path => Path.Exists(path.Split('=')[^1])).Concat(sandboxPaths))}",
        ]);
    }

    /// <summary>Whose store it is.</summary>
    public Nix Nix { get; }

    /// <summary>The folder that the store's paths begin with. Where they are, says <see cref="Real"/>.</summary>
    public string Store { get; }

    /// <summary>
    /// Another store whose paths begin with the same folder, so that the two can exchange paths. Its own lie elsewhere (<see cref="Real"/>);
    /// only builds see them there.
    /// </summary>
    public NixStore Beside(params string[] sandboxPaths) => new(Nix, Store, null, sandboxPaths);

    /// <summary>Where a path of the store is in the file system.</summary>
    public string Real(string path) => _variables["NIX_REMOTE"] is null ? path : Path.Combine(this["root/nix/store"], Path.GetRelativePath(Store, path));

    /// <summary>What makes a Nix use this store, for commands that others run.</summary>
    public IReadOnlyDictionary<string, string?> Variables => _variables;

    /// <summary>Sets a variable for all commands to come.</summary>
    public void Set(string name, string? value) => _variables[name] = value;

    /// <summary>Adds a line to nix.conf.</summary>
    public void Configure(string name, string value) => File.AppendAllText(this["conf/nix.conf"], $"{name} = {value}\n");

    /// <summary>Runs a Nix command, whatever comes of it.</summary>
    /// <param name="folder">The working folder, or null.</param>
    /// <param name="arguments">After <c>nix</c>.</param>
    public Task<ProcessResult> Try(string? folder, params string[] arguments) =>
        ProcessRunner.Ask(new Command(Nix.Program, arguments, folder, _variables), TestContext.Current.CancellationToken);

    /// <summary>Runs a Nix command, whatever comes of it, and tells each line as it comes.</summary>
    public Task<ProcessResult> Watch(Action<string> line, params string[] arguments) =>
        ProcessRunner.Run(new Command(Nix.Program, arguments, null, _variables), TestContext.Current.CancellationToken, line);

    /// <summary>Runs a Nix command whose failure is the test's.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> Run(string? folder, params string[] arguments)
    {
        var result = await Try(folder, arguments);
        Assert.True(result.ExitCode == 0, $"nix {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{result.Error}");
        return result.Output;
    }

    /// <summary>Runs a Nix command that prints JSON.</summary>
    public async Task<JsonElement> Json(string? folder, params string[] arguments) => JsonDocument.Parse(await Run(folder, arguments)).RootElement;

    /// <summary>Builds, and returns the path of the first thing's first output.</summary>
    public async Task<string> Build(string? folder, params string[] arguments) =>
        (await Json(folder, ["build", "--json", "--no-link", .. arguments]))[0].GetProperty("outputs").EnumerateObject().First().Value.GetString()!;

    public void Dispose()
    {
        // Nix makes its paths read-only, and only folders that can be written can be emptied.
        foreach (var path in Directory.EnumerateDirectories(_folder, "*", s_everything))
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, (UnixFileMode)0b111_000_000);
        Directory.Delete(_folder, recursive: true);
    }

    static readonly EnumerationOptions s_everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>The path of something in the store's own folder.</summary>
    public string this[string name] => Path.Combine(_folder, name);
}
