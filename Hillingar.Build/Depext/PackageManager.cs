using Hillingar.Build.Processes;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Depext;

/// <summary>A system's package manager: how it tells what is installed, and how it installs.</summary>
/// <param name="Name">The program that installs.</param>
/// <param name="Families">The values of <c>os-family</c> and <c>os-distribution</c> that it is of.</param>
/// <param name="Query">Tells what is installed, given what is asked for.</param>
/// <param name="Missing">Which of the wanted packages are missing, from what the query wrote.</param>
/// <param name="Install">What installs them, before their names.</param>
/// <param name="NeedsRoot">Whether only root may install.</param>
sealed record PackageManager(
    string Name,
    IReadOnlyList<string> Families,
    Func<IReadOnlyList<string>, Command> Query,
    Func<IReadOnlyList<string>, string, IEnumerable<string>> Missing,
    IReadOnlyList<string> Install,
    bool NeedsRoot = true
)
{
    static readonly IReadOnlyList<PackageManager> s_all =
    [
        new(
            "apt-get",
            ["debian", "ubuntu"],
            _ => new Command("dpkg-query", ["-W", "-f", "${db:Status-Status}\t${Package}\t${Provides}\n"]),
            NotOfDpkg,
            ["install", "-y", "--"]
        ),
        Rpm("dnf", "fedora", "rhel", "centos", "amzn", "rocky", "almalinux"),
        Rpm("yum", "fedora", "rhel", "centos", "amzn", "ol"),
        Rpm("zypper", "suse", "opensuse", "sles"),
        new("apk", ["alpine"], _ => new Command("apk", ["info"]), NotListed, ["add", "--"]),
        // Tells those that nothing installed provides, and fails when there are any.
        new(
            "pacman",
            ["arch", "archlinux", "manjaro"],
            names => new Command("pacman", ["-T", "--", .. names]),
            (_, output) => Lines(output),
            ["-S", "--needed", "--noconfirm", "--"]
        ),
        new(
            "brew",
            ["homebrew"],
            _ => new Command("brew", ["list", "--formula", "-1"]),
            (names, output) =>
                NotListed(names.Select(name => name.Split('/')[^1]), output)
                    .SelectMany(last => names.Where(name => name.Split('/')[^1] == last)),
            ["install", "--"],
            NeedsRoot: false
        ),
    ];

    /// <summary>The package manager of a platform: of those that its family may have, the first that is there.</summary>
    public static PackageManager? Of(OpamEnvironment platform, Func<string, bool> isThere)
    {
        var (distribution, family) = (
            platform.Variables.GetValueOrDefault("os-distribution")?.ToString() ?? "",
            platform.Variables.GetValueOrDefault("os-family")?.ToString() ?? ""
        );
        return s_all.FirstOrDefault(manager =>
            (manager.Families.Contains(distribution) || manager.Families.Contains(family)) && isThere(manager.Name)
        );
    }

    static PackageManager Rpm(string name, params IReadOnlyList<string> families) =>
        new(
            name,
            families,
            _ => new Command("rpm", ["-qa", "--queryformat", "%{NAME}\n[%{PROVIDES}\n]"]),
            NotListed,
            ["install", "-y", "--"]
        );

    // A virtual package is installed when one that provides it is: "Provides: mail-transport-agent, smtp (= 2)".
    static IEnumerable<string> NotOfDpkg(IReadOnlyList<string> names, string output) =>
        NotListed(
            names,
            string.Join(
                '\n',
                Lines(output)
                    .Select(line => line.Split('\t'))
                    .Where(columns => columns[0] == "installed")
                    .SelectMany(columns =>
                        columns.Skip(1).SelectMany(column => column.Split(',')).Select(provided => provided.Trim().Split(' ')[0])
                    )
            )
        );

    static IEnumerable<string> NotListed(IEnumerable<string> names, string output)
    {
        var listed = Lines(output).ToHashSet(StringComparer.Ordinal);
        return names.Where(name => !listed.Contains(name));
    }

    static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
