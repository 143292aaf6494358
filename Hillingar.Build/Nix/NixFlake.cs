using System.Text;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>A flake that builds a project, as files: <c>flake.nix</c>, the plan in <c>hillingar.json</c>, and what both need in <c>hillingar/</c>.</summary>
public static class NixFlake
{
    /// <summary>The nixpkgs that a flake follows where the project names no other.</summary>
    public const string DefaultNixpkgs = "github:NixOS/nixpkgs/nixos-unstable";

    const string Mark = "# Written by Hillingar";

    /// <summary>Writes a flake into a folder. Files that are as they should be are not touched.</summary>
    /// <param name="folder">The folder; <c>hillingar/</c> in it is ours.</param>
    /// <param name="plan">What it builds.</param>
    /// <param name="nixpkgs">The address of nixpkgs, as a flake's input.</param>
    /// <returns>The files that were written, relative to the folder.</returns>
    /// <exception cref="HillingarException">HIL5080 to HIL5082: the plan cannot be a flake's. HIL5083: the folder has a flake of somebody else.</exception>
    public static IReadOnlyList<string> Write(string folder, FlakePlan plan, string nixpkgs)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var files = Files(plan, nixpkgs);
        if (Foreign(folder) is { } foreign)
            throw new HillingarException(
                "HIL5083",
                "There is a flake already, and Hillingar did not write it. Name another folder for Hillingar's, and use it as an input of yours.",
                new Place(foreign)
            );
        Directory.CreateDirectory(Path.Combine(folder, "hillingar"));
        return [.. files.Where(file => AtomicFile.WriteText(Path.Combine(folder, file.Name), file.Text)).Select(file => file.Name)];
    }

    /// <summary>The files of a flake, by path in its folder.</summary>
    /// <exception cref="HillingarException">HIL5080 to HIL5082: the plan cannot be a flake's.</exception>
    public static IReadOnlyList<(string Name, string Text)> Files(FlakePlan plan, string nixpkgs)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return
        [
            ("flake.nix", Flake(plan.Name, nixpkgs)),
            ("hillingar.json", plan.ToString()),
            .. Parts.Select(part => ($"hillingar/{part}", Read(part))),
        ];
    }

    /// <summary>A text as a string of Nix.</summary>
    /// <exception cref="HillingarException">HIL5080: Nix cannot hold it.</exception>
    public static string Quote(string text)
    {
        FlakeText.Checked(text);
        return $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("${", "\\${", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal)}\"";
    }

    /// <summary>The files in <c>hillingar/</c>, which are the same for every project.</summary>
    public static IReadOnlyList<string> Parts { get; } =
    [
        .. typeof(NixFlake)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Order(StringComparer.Ordinal),
    ];

    const string Prefix = "flake/";

    static string Read(string part)
    {
        using var stream = typeof(NixFlake).Assembly.GetManifestResourceStream(Prefix + part)!;
        return new StreamReader(stream, Encoding.UTF8).ReadToEnd();
    }

    // Nix wants the description and the inputs literally here.
    static string Flake(string name, string nixpkgs) =>
        string.Concat(
            new[]
            {
                $"{Mark} from the project and its lock, and overwritten by it: change the project instead.",
                "{",
                $"  description = {Quote($"{name}, a MirageOS unikernel")};",
                "",
                $"  inputs.nixpkgs.url = {Quote(nixpkgs)};",
                "",
                "  outputs =",
                "    { self, nixpkgs }:",
                "    import ./hillingar {",
                "      inherit self nixpkgs;",
                "      plan = builtins.fromJSON (builtins.readFile ./hillingar.json);",
                "      root = ./.;",
                "    };",
                "}",
            }.Select(line => line + "\n")
        );

    static string? Foreign(string folder) =>
        Path.Combine(folder, "flake.nix") is var file
        && File.Exists(file)
        && !File.ReadAllText(file).StartsWith(Mark, StringComparison.Ordinal)
            ? file
            : null;
}
