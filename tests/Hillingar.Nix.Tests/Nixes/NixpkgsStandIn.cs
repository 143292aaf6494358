using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hillingar.Build.Processes;

namespace Hillingar.Tests;

/// <summary>The stand-in for nixpkgs (tests/Nixpkgs) over this Debian system's toolchain: a flake for <c>--override-input nixpkgs</c>.</summary>
static class NixpkgsStandIn
{
    static readonly string s_source = Path.Combine(TestData.Root, "tests", "Nixpkgs");

    // The same for all tests of a run.
    static readonly Lazy<Task<string>> s_toolchain = new(Probe);

    /// <summary>
    /// An expression for its lib; or, where <c>HILLINGAR_TEST_NIXPKGS_LIB</c> names the folder <c>lib</c> of a real nixpkgs, for that one, so
    /// that the same tests show that the two agree.
    /// </summary>
    public static string Lib { get; } = $"(import {(Environment.GetEnvironmentVariable("HILLINGAR_TEST_NIXPKGS_LIB") is { Length: > 0 } real ? real : Path.Combine(s_source, "lib"))})";

    /// <summary>Lays the flake into a folder, with what the system has; the test skips where the system is no Debian.</summary>
    /// <returns>The flake's reference.</returns>
    public static async Task<string> Lay(string folder)
    {
        Assert.SkipWhen(ProcessRunner.Find("dpkg-query") is null, "needs a Debian system, whose packages the nixpkgs stand-in hands on");
        foreach (var file in Directory.GetFiles(s_source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(s_source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "toolchain.json"), await s_toolchain.Value);
        return $"path:{folder}";
    }

    static async Task<string> Probe()
    {
        var installed = await Ask("-W", "-f", "${Package} ${Version} ${Status}\n");
        var versions = installed.Split('\n').Where(line => line.EndsWith(" installed", StringComparison.Ordinal))
            .Select(line => line.Split(' ')).GroupBy(fields => fields[0]).ToDictionary(group => group.Key, group => group.First()[1]);
        var packages = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var fields in (await File.ReadAllLinesAsync(Path.Combine(s_source, "system.tsv"))).Skip(1).Select(line => line.Split('\t')))
            if (fields[1].Split(' ').Where(versions.ContainsKey).ToList() is { Count: > 0 } present)
                packages[fields[0]] = Package(Upstream(versions[present[0]]), (await Ask(["-L", .. present])).Split('\n'), fields[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return JsonSerializer.Serialize(new
        {
            // What a package's build sees beside its inputs is anything of the system.
            fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(installed))),
            packages,
        });
    }

    static object Package(string version, string[] files, string[] alternatives)
    {
        var programs = files.Where(file => Path.GetDirectoryName(file) is "/bin" or "/usr/bin" && File.Exists(file)).Select(Path.GetFileName).Concat(alternatives)
            .Distinct().ToDictionary(name => name!, name => Place(name!));
        // Libraries' own folders: what findlib has beside the compiler.
        var folders = files.Where(file => file.EndsWith("/META", StringComparison.Ordinal)).Select(Path.GetDirectoryName).Where(folder => Path.GetDirectoryName(folder) == "/usr/lib/ocaml").Select(Path.GetFileName);
        return new { version, programs, folders };
    }

    // Where a program is below /usr. Builds do not see /usr/bin, so a link that goes through it is of no use to them.
    static string Place(string name)
    {
        var path = Path.Combine("/usr/bin", name);
        return File.ResolveLinkTarget(path, false) is { } link && link.FullName.StartsWith("/etc/alternatives/", StringComparison.Ordinal)
            ? Path.GetRelativePath("/usr", File.ResolveLinkTarget(path, true)!.FullName)
            : Path.GetRelativePath("/usr", path);
    }

    // Debian's version less its own parts: "1:2.0+dfsg-3" is upstream's 2.0.
    static string Upstream(string version)
    {
        var start = version.IndexOf(':', StringComparison.Ordinal) + 1;
        var end = version.LastIndexOf('-');
        return version[start..(end < start ? version.Length : end)].Split('+')[0];
    }

    static async Task<string> Ask(params string[] arguments) =>
        (await ProcessRunner.Ask(new Command("dpkg-query", arguments), CancellationToken.None)).Whole;
}
