using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>How Nix is to build: what <c>nix build</c> takes from the project, the environment or a cmdlet's parameters.</summary>
public sealed record NixOptions
{
    /// <summary>The address of nixpkgs, as a flake's input (<c>HillingarNixpkgs</c>).</summary>
    public string Nixpkgs { get; init; } = NixFlake.DefaultNixpkgs;

    /// <summary>The system to build on, such as <c>aarch64-linux</c>; empty for this machine's (<c>HillingarNixSystem</c>).</summary>
    public string System { get; init; } = "";

    /// <summary>Remote builders, as <c>nix.conf</c> writes them; empty for those of the machine (<c>HillingarNixBuilders</c>).</summary>
    public string Builders { get; init; } = "";

    /// <summary>The store to build in; empty for the machine's (<c>HillingarNixStore</c>).</summary>
    public string Store { get; init; } = "";

    /// <summary>Binary caches besides those of the machine (<c>HillingarNixSubstituters</c>).</summary>
    public IReadOnlyList<string> Substituters { get; init; } = [];

    /// <summary>The public keys of those caches (<c>HillingarNixTrustedKeys</c>).</summary>
    public IReadOnlyList<string> TrustedKeys { get; init; } = [];

    /// <summary>The store or cache that results are copied to; empty for none (<c>HillingarNixCopyTo</c>).</summary>
    public string CopyTo { get; init; } = "";

    /// <summary>Other settings of <c>nix.conf</c>, each <c>NAME=VALUE</c> (<c>HillingarNixSettings</c>).</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The folder of Nix's programs; empty for those on <c>PATH</c>.</summary>
    public string Programs { get; init; } = "";

    /// <summary>What is changed in the environment of Nix's programs.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>What a project's item says, each by the name of the property above.</summary>
    /// <param name="options">The item.</param>
    public static NixOptions Of(BackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new()
        {
            Nixpkgs = options[nameof(Nixpkgs)] is { Length: > 0 } address ? address : NixFlake.DefaultNixpkgs,
            System = options[nameof(System)],
            Builders = options[nameof(Builders)],
            Store = options[nameof(Store)],
            Substituters = options.List(nameof(Substituters)),
            TrustedKeys = options.List(nameof(TrustedKeys)),
            CopyTo = options[nameof(CopyTo)],
            Settings = options.List(nameof(Settings)),
        };
    }

    /// <summary>A command of one of Nix's programs.</summary>
    /// <param name="program">The program, such as <c>nix</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="HillingarException">HIL5084: it is not there.</exception>
    internal Command Command(string program, params IEnumerable<string> arguments)
    {
        var path = Programs.Length > 0 ? Path.Combine(Programs, program) : ProcessRunner.Find(program);
        return path is not null && File.Exists(path)
            ? new Command(path, [.. arguments], Environment: Environment)
            : throw new HillingarException(
                "HIL5084",
                $"Nix is not on this machine ('{program}' is not on PATH), and HillingarBackend asks for it. Install it (https://nixos.org/download), or set HillingarBackend to local."
            );
    }

    /// <summary>The folder of the store whose paths results have.</summary>
    internal string StoreFolder =>
        (Environment.GetValueOrDefault("NIX_STORE_DIR") ?? global::System.Environment.GetEnvironmentVariable("NIX_STORE_DIR"))
            is { Length: > 0 } named
            ? named.TrimEnd('/')
            : "/nix/store";

    /// <summary>The arguments that these come to.</summary>
    /// <exception cref="HillingarException">HIL6004: a setting is none.</exception>
    internal IEnumerable<string> Arguments()
    {
        if (Builders.Length > 0)
            foreach (var word in new[] { "--builders", Builders })
                yield return word;
        if (Store.Length > 0)
            foreach (var word in new[] { "--store", Store })
                yield return word;
        foreach (var word in Option("extra-substituters", Substituters).Concat(Option("extra-trusted-public-keys", TrustedKeys)))
            yield return word;
        foreach (var setting in Settings)
            if (setting.IndexOf('=', StringComparison.Ordinal) is var at and > 0)
                foreach (var word in new[] { "--option", setting[..at].Trim(), setting[(at + 1)..].Trim() })
                    yield return word;
            else
                throw new HillingarException(
                    "HIL6004",
                    $"'{setting}' is no setting of Nix. Write NAME=VALUE, several with ';' between, in HillingarNixSettings."
                );

        static IEnumerable<string> Option(string name, IReadOnlyList<string> values) =>
            values.Count == 0 ? [] : ["--option", name, string.Join(' ', values)];
    }
}
