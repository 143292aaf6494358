using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>Audit, system packages and the store, through the SDK's properties and targets.</summary>
public sealed class AuditTests(Sdk sdk) : IAsyncLifetime
{
    TemplateProject _project = null!;

    public async ValueTask InitializeAsync()
    {
        _project = await TemplateProject.Make(sdk);
        // An advisory of the test's own, about a package that the samples' repository has.
        _project.Write("../advisories/OSEC-2026-90.md", "```\nid: OSEC-2026-90\naliases: [ CVE-2026-90 ]\nseverity_score: \"7.5\"\naffected: \"stringext\" {< \"2\"}\n```\n\n# It overflows\n");
        _project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamDependency Include=\"stringext\" />", StringComparison.Ordinal)
            .Replace("<DuneTarget>", "<HillingarAudit>true</HillingarAudit><HillingarAuditSource>../advisories</HillingarAuditSource><DuneTarget>", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync()
    {
        _project.Dispose();
        return ValueTask.CompletedTask;
    }

    const string Warning = "hello.opam.locked : warning HIL4053: Package stringext 1.6.0 has a known high severity vulnerability, OSEC-2026-90: It overflows";

    [Fact]
    public async Task A_finding_is_told_at_every_restore_and_fails_none_unless_just_that_is_asked_for()
    {
        Assert.Contains(Warning, (await _project.Dotnet("restore")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Matches("x-hillingar-advisories: \\[\\s*\\[?\\s*\"file://\\$OPAM_MONOREPO_CWD/../advisories\"\\s+\"sha256=", File.ReadAllText(_project["hello.opam.locked"]));
        Assert.Contains(Warning, (await _project.Dotnet("restore", "--locked-mode")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains(Warning, (await _project.Dotnet("restore", "-p:TreatWarningsAsErrors=true")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains(Warning, (await _project.Dotnet("build", "-p:TreatWarningsAsErrors=true")).Succeeded().Output, StringComparison.Ordinal);
        (await _project.Dotnet("restore", "-p:WarningsAsErrors=HIL4053")).FailedWith("error HIL4053");
        Assert.DoesNotContain("HIL4053", (await _project.Dotnet("restore", "-p:HillingarAudit=false")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_advisory_says_is_told_again_as_it_was_and_never_read_as_MSBuild()
    {
        // The second time it is MSBuild that tells, from a file: nothing in a stranger's title may mean anything to it.
        const string Title = "Over; $([System.IO.File]::ReadAllText('/etc/hostname')) @(DuneSource) %(Identity) %24(X) \" /><Exec Command=\"touch pwned\" /> <!-- & 'q' $(MSBuildProjectName) größer */*";
        _project.Write("../advisories/OSEC-2026-91.md", $"```\nid: OSEC-2026-91\naffected: \"stringext\"\n```\n\n# {Title}\n");
        var told = new List<string>();
        for (var time = 0; time < 2; time++)
            told.Add((await _project.Dotnet("restore")).Succeeded().Output.Split('\n').First(line => line.Contains("OSEC-2026-91", StringComparison.Ordinal)).Trim());
        Assert.Contains(Title, told[0], StringComparison.Ordinal);
        Assert.Equal(told[0].Replace(" [", "\n", StringComparison.Ordinal).Split('\n')[0], told[1].Replace(" [", "\n", StringComparison.Ordinal).Split('\n')[0]);
        Assert.Empty(Directory.EnumerateFiles(_project.Solution, "pwned", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_finding_is_suppressed_by_id_alias_or_level()
    {
        Assert.DoesNotContain("HIL4053", (await _project.Dotnet("restore", "-p:HillingarAuditLevel=critical")).Succeeded().Output, StringComparison.Ordinal);
        (await _project.Dotnet("restore", "-p:HillingarAuditLevel=serious")).FailedWith("HIL6004");
        _project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamAuditSuppress Include=\"CVE-2026-90\" />", StringComparison.Ordinal));
        Assert.DoesNotContain("HIL4053", (await _project.Dotnet("restore")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Advisories_that_cannot_be_had_are_one_warning()
    {
        var ran = (await _project.Dotnet("restore", "-p:HillingarOffline=true", "-p:HillingarAuditSource=git+https://example.invalid/advisories.git", "-p:TreatWarningsAsErrors=true")).Succeeded();
        Assert.Contains("warning HIL4050: The locked versions were not checked against security advisories: git+https://example.invalid/advisories.git needs the network", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("HIL4053", ran.Output, StringComparison.Ordinal);

        // Once a day is enough, unless it is asked for.
        string[] again = ["restore", "-p:HillingarOffline=true", "-p:HillingarAuditSource=git+https://example.invalid/advisories.git"];
        Assert.DoesNotContain("HIL4050", (await _project.Dotnet(again)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("warning HIL4050", (await _project.Dotnet([.. again, "--force"])).Succeeded().Output, StringComparison.Ordinal);
        File.SetLastWriteTime(_project["obj/hillingar/audit.told"], DateTime.Today.AddDays(-1));
        Assert.Contains("warning HIL4050", (await _project.Dotnet(again)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_what_a_program_says_nothing_is_told_of_advisories_that_cannot_be_had_and_the_next_restore_tells_it()
    {
        string[] unreachable = ["-p:HillingarOffline=true", "-p:HillingarAuditSource=git+https://example.invalid/advisories.git"];
        for (var times = 0; times < 2; times++)
        {
            var ran = (await _project.Dotnet(["run", .. unreachable])).Succeeded();
            Assert.DoesNotContain("HIL4050", ran.Output, StringComparison.Ordinal);
            Assert.EndsWith("Hello from hello.", ran.Output.TrimEnd(), StringComparison.Ordinal);
        }

        Assert.Contains("warning HIL4050", (await _project.Dotnet(["restore", .. unreachable])).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("HIL4050", (await _project.Dotnet(["restore", .. unreachable])).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_and_system_packages_of_a_lock_are_listed_and_the_missing_ones_told_before_the_first_compile()
    {
        using var folder = new TestFolder();
        folder.Write("packages/needy/needy.1/opam", "opam-version: \"2.0\"\ndepexts: [\"no-such-system-package\" \"libc6-dev\"]\n");
        _project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", $"<ItemGroup><OpamRepository Include=\"{folder.Path}\" /><OpamDependency Include=\"needy\" />", StringComparison.Ordinal));
        (await _project.Dotnet("restore")).Succeeded();
        var packages = (await _project.Dotnet("msbuild", "-t:HillingarListPackages")).Succeeded().Output;
        Assert.Contains("stringext 1.6.0 duniverse/stringext", packages, StringComparison.Ordinal);
        Assert.Contains("needy 1 not vendored", packages, StringComparison.Ordinal);
        Assert.Contains("this machine's", packages, StringComparison.Ordinal);

        var list = (await _project.Dotnet("msbuild", "-t:HillingarListSystemPackages")).Succeeded().Output;
        Assert.Contains("no-such-system-package (missing)", list, StringComparison.Ordinal);
        Assert.Contains("warning HIL4060", (await _project.Dotnet("build", "-p:TreatWarningsAsErrors=true")).Succeeded().Output, StringComparison.Ordinal);
        File.Delete(_project["bin/Debug/unix/hello"]);
        Assert.DoesNotContain("HIL4060", (await _project.Dotnet("build", "-p:HillingarSystemPackages=off")).Succeeded().Output, StringComparison.Ordinal);
        _project.Edit("main.ml", text => text + "let () = no_such_thing\n");
        var failed = await _project.Dotnet("build");
        failed.FailedWith("HIL5010");
        Assert.Contains("error HIL4060: The build failed, and the reason may be that these system packages are not installed: no-such-system-package. Run:", failed.Output, StringComparison.Ordinal);
        _project.Edit("main.ml", text => text.Replace("let () = no_such_thing\n", "", StringComparison.Ordinal));
        File.Delete(_project["bin/Debug/unix/hello"]);
        (await _project.Dotnet("build", "-p:HillingarSystemPackages=install")).FailedWith("HIL4062");
        Assert.False(File.Exists(_project["bin/Debug/unix/hello"]));
    }

    [Fact]
    public async Task All_sources_travel_in_one_archive_to_a_machine_without_network()
    {
        (await _project.Dotnet("restore")).Succeeded();
        using var folder = new TestFolder();
        var archive = folder["sources.tar"];
        (await _project.Dotnet("msbuild", "-t:HillingarExportSource", $"-p:HillingarArchive={archive}")).Succeeded();
        Directory.Delete(_project["obj"], recursive: true);
        string[] cache = [$"-p:HillingarCache={folder["store"]}", "-p:HillingarOffline=true"];
        (await _project.Dotnet(["restore", "--locked-mode", .. cache])).FailedWith("HIL4005");
        Assert.Contains("sources from", (await _project.Dotnet(["msbuild", "-t:HillingarImportSource", $"-p:HillingarArchive={archive}", .. cache])).Succeeded().Output, StringComparison.Ordinal);
        (await _project.Dotnet(["restore", "--locked-mode", .. cache])).Succeeded();
        Assert.True(Directory.Exists(_project["obj/hillingar/duniverse/stringext"]));

        Assert.Contains("all are as they were put there", (await _project.Dotnet(["msbuild", "-t:HillingarTestStore", .. cache])).Succeeded().Output, StringComparison.Ordinal);
        await File.AppendAllTextAsync(Directory.EnumerateFiles(folder["store/sources/sha512"], "*", SearchOption.AllDirectories).First(), "more", TestContext.Current.CancellationToken);
        (await _project.Dotnet(["msbuild", "-t:HillingarTestStore", .. cache])).FailedWith("HIL4071");
        Assert.Contains("warning HIL4071", (await _project.Dotnet(["msbuild", "-t:HillingarTestStore", "-p:HillingarRepairStore=true", .. cache])).Succeeded().Output, StringComparison.Ordinal);
        (await _project.Dotnet(["msbuild", "-t:HillingarTestStore", .. cache])).Succeeded();
        (await _project.Dotnet(["restore", "--force-evaluate", "-p:HillingarSolveTimeout=soon", .. cache])).FailedWith("HIL6004");

        Assert.Contains("Removed ", (await _project.Dotnet(["msbuild", "-t:HillingarPruneStore", "-p:HillingarStoreLimit=0", .. cache])).Succeeded().Output, StringComparison.Ordinal);
        (await _project.Dotnet(["msbuild", "-t:HillingarPruneStore", "-p:HillingarStoreLimit=much", .. cache])).FailedWith("HIL6003");
        (await _project.Dotnet("msbuild", "-t:HillingarPruneStore")).FailedWith("HIL6002");
        Directory.Delete(_project["obj"], recursive: true);
        (await _project.Dotnet(["restore", "--locked-mode", .. cache])).FailedWith("HIL4005");
    }

    [Fact]
    public async Task A_lock_is_made_for_the_platforms_named_and_one_package_is_taken_anew_on_request()
    {
        _project.Edit("hello.csproj", text => text.Replace("<DuneTarget>", "<HillingarBuildPlatforms>x86_64-linux;arm64-linux;arm64-macos</HillingarBuildPlatforms><DuneTarget>", StringComparison.Ordinal));
        (await _project.Dotnet("restore")).Succeeded();
        Assert.Contains("x-hillingar-platforms: [\"x86_64-linux\" \"arm64-linux\" \"arm64-macos\"]", File.ReadAllText(_project["hello.opam.locked"]), StringComparison.Ordinal);
        (await _project.Dotnet("restore", "-p:HillingarUpdate=stringext")).Succeeded();
        (await _project.Dotnet("restore", "-p:HillingarUpdate=no-such")).FailedWith("HIL3005");
    }
}
