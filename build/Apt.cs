namespace Hillingar.BuildProgram;

/// <summary>Debian's packages and source archives.</summary>
static class Apt
{
    const string Waiting = "DPkg::Lock::Timeout=300";

    /// <summary>Installs the packages whose program is not there yet; on other systems it says what to install.</summary>
    /// <param name="needs">A program, by name or whole path, and the Debian package that has it.</param>
    public static async Task Install(params (string Program, string Package)[] needs)
    {
        var missing = needs.Where(need => Tool.Find(need.Program) is null).Select(need => need.Package).Distinct().ToList();
        if (missing.Count == 0)
            return;
        if (Tool.Find("apt-get") is null)
        {
            Console.WriteLine($"note: this system has no apt-get; install what corresponds to Debian's {string.Join(", ", missing)}.");
            return;
        }

        var (apt, prefix) = Environment.UserName == "root" ? ("apt-get", Array.Empty<string>()) : ("sudo", ["apt-get"]);
        Console.WriteLine($"Installing {string.Join(' ', missing)} …");
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        // A package may already be known, and one broken extra source should not stop us: only the installation has to succeed.
        await Tool.Try(apt, [.. prefix, "-qq", "-o", Waiting, "update"], quiet);
        await Tool.Run(apt, [.. prefix, "-qq", "-y", "--no-install-recommends", "-o", Waiting, "-o", "Dpkg::Use-Pty=0", "install", .. missing], quiet);
    }

    /// <summary>
    /// Fetches archives of Debian source packages, which for many opam packages are byte for byte the upstream archives, into a folder.
    /// The system's own apt configuration is left alone: lists and sources of the suites lie in that folder too.
    /// </summary>
    /// <param name="archives">Suite, source package and the archive's name.</param>
    /// <param name="folder">Where to.</param>
    public static async Task FetchSources(IReadOnlyCollection<(string Suite, string Source, string Archive)> archives, string folder)
    {
        if (archives.Count == 0 || Tool.Find("apt-get") is null)
            return;
        foreach (var suite in archives.GroupBy(archive => archive.Suite))
        {
            var state = Directory.CreateDirectory(Path.Combine(folder, "apt-" + suite.Key)).FullName;
            Directory.CreateDirectory(Path.Combine(state, "lists", "partial"));
            var sources = Path.Combine(state, "sources.list");
            await File.WriteAllTextAsync(sources, $"deb-src http://deb.debian.org/debian {suite.Key} main\n");
            string[] options =
            [
                "-qq", "-o", $"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", $"Dir::State::lists={state}/lists",
                "-o", "Acquire::Check-Valid-Until=false", "-o", "APT::Sandbox::User=root", "-o", Waiting,
            ];
            await Tool.Run("apt-get", [.. options, "update"]);
            foreach (var (_, source, archive) in suite.Where(item => !File.Exists(Path.Combine(folder, item.Archive))))
            {
                // apt-get source also wants the .dsc, which is not served everywhere; the archive's address is all that we need of it.
                var addresses = await Tool.Ask("apt-get", [.. options, "--print-uris", "--only-source", "source", $"{source}"]) ?? "";
                var line = addresses.Split('\n').FirstOrDefault(line => line.Contains($" {archive} ", StringComparison.Ordinal));
                if (line is null)
                {
                    Console.WriteLine($"note: the source package {source} of {suite.Key} has no {archive}.");
                    continue;
                }

                var target = Path.Combine(folder, archive);
                if (await Tool.Try("/usr/lib/apt/apt-helper", ["-qq", "-o", "APT::Sandbox::User=root", "download-file", line.Split('\'')[1], target]) != 0)
                    File.Delete(target);
            }
        }
    }
}
