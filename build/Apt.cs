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
        Tool.Say($"Installing {string.Join(' ', missing)}");
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        // A package may already be known, and one broken extra source should not stop us: only the installation has to succeed.
        await Tool.Try(apt, [.. prefix, "-qq", "-o", Waiting, "update"], quiet);
        await Tool.Run(
            apt,
            [.. prefix, "-qq", "-y", "--no-install-recommends", "-o", Waiting, "-o", "Dpkg::Use-Pty=0", "install", .. missing],
            quiet
        );
    }

    /// <summary>
    /// Fetches archives of Debian source packages, which for many opam packages are byte for byte the upstream archives, into a folder.
    /// The system's own apt configuration is left alone: lists and sources of the suites lie in that folder too.
    /// </summary>
    /// <param name="archives">Suite, source package and the archive's name.</param>
    /// <param name="folder">Where to.</param>
    public static async Task FetchSources(IReadOnlyCollection<(string Suite, string Source, string Archive)> archives, string folder)
    {
        if (archives.Count == 0 || await Mirror() is not { } mirror)
            return;
        foreach (var suite in archives.GroupBy(archive => archive.Suite))
        {
            var options = await Suite(mirror, suite.Key, "deb-src", Path.Combine(folder, "apt-" + suite.Key));
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
                if (
                    await Tool.Try(
                        "/usr/lib/apt/apt-helper",
                        ["-qq", "-o", "APT::Sandbox::User=root", "download-file", line.Split('\'')[1], target]
                    ) != 0
                )
                    File.Delete(target);
            }
        }
    }

    /// <summary>Unpacks a package of a suite with everything that it depends on, the C library included, into a folder. Nothing is installed.</summary>
    /// <returns>Whether this system can: it has apt, and a mirror of Debian's.</returns>
    public static async Task<bool> Unpack(string suite, string package, string folder)
    {
        if (await Mirror() is not { } mirror)
        {
            Console.WriteLine($"note: no mirror of Debian is known here, so its {package} of {suite} is not.");
            return false;
        }

        Tool.Say($"Unpacking {package} of {suite}");
        var state = folder + ".apt";
        var options = await Suite(mirror, suite, "deb", state);
        // To a system without packages, everything is missing.
        await Tool.Run(
            "apt-get",
            [
                .. options,
                "-y",
                "-o",
                "Dir::State::status=/dev/null",
                "-o",
                "Debug::NoLocking=true",
                "--no-install-recommends",
                "--download-only",
                "install",
                package,
            ]
        );
        foreach (var archive in Directory.GetFiles(Path.Combine(state, "archives"), "*.deb"))
            await Tool.Run("dpkg-deb", ["--extract", archive, Directory.CreateDirectory(folder).FullName]);
        Directory.Delete(state, recursive: true);
        return true;
    }

    // Options for a suite's lists in a folder, brought up to date.
    static async Task<string[]> Suite(string mirror, string suite, string kind, string state)
    {
        Directory.CreateDirectory(Path.Combine(state, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(state, "archives", "partial"));
        var sources = Path.Combine(state, "sources.list");
        await File.WriteAllTextAsync(sources, $"{kind} {mirror} {suite} main\n");
        string[] options =
        [
            "-qq",
            "-o",
            $"Dir::Etc::sourcelist={sources}",
            "-o",
            "Dir::Etc::sourceparts=/dev/null",
            "-o",
            $"Dir::State::lists={state}/lists",
            "-o",
            $"Dir::Cache={state}",
            "-o",
            "Acquire::Check-Valid-Until=false",
            "-o",
            "Acquire::Languages=none",
            "-o",
            "APT::Sandbox::User=root",
            "-o",
            Waiting,
        ];
        await Tool.Run("apt-get", [.. options, "update"]);
        return options;
    }

    // Where the machine's own packages come from there are other suites too. Without lists apt does not know whose a mirror is.
    static async Task<string?> Mirror()
    {
        if (Tool.Find("apt-get") is null)
            return null;
        if (await KnownMirror() is { } known)
            return known;
        await Tool.Try("apt-get", ["-qq", "-o", Waiting, "update"]);
        return await KnownMirror();
    }

    static async Task<string?> KnownMirror() =>
        (await Tool.Ask("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages") ?? "")
            .Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => line.StartsWith("Debian|Debian|", StringComparison.Ordinal))
            .Select(line => line.Split('|')[2])
            .FirstOrDefault();
}
