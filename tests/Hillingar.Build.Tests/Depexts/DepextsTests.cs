using Hillingar.Build.Depext;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Tests;

public class DepextsTests
{
    static LockFile Lock(params string[] depexts) => new() { Folder = "/", Packages = [], Duniverse = [], Depexts = new PackageFile(Document.Parse($"depexts: [{string.Join(' ', depexts)}]")).Depexts };

    static OpamEnvironment Platform(string distribution, string family) => OpamEnvironment.Platform("x86_64", "linux", distribution, family, "1");

    static Task<SystemPackages> Check(LockFile locked, OpamEnvironment platform, string output, List<Command>? ran = null) => Depexts.Check(locked, platform, program => program is not "sudo", command =>
    {
        ran?.Add(command);
        return Task.FromResult(new ProcessResult(0, output, ""));
    });

    [Fact]
    public void Filters_decide_what_a_platform_needs()
    {
        var locked = Lock("[\"libgmp-dev\" \"m4\"] {os-family = \"debian\"}", "[\"gmp-dev\"] {os-distribution = \"alpine\"}", "[\"m4\"] {os = \"linux\"}", "[\"x\"] {undefined = \"1\"}");
        Assert.Equal(["libgmp-dev", "m4"], Depexts.Of(locked, Platform("ubuntu", "debian")));
        Assert.Equal(["gmp-dev", "m4"], Depexts.Of(locked, Platform("alpine", "alpine")));
    }

    [Theory]
    [InlineData("debian", "debian", "installed\ta\t\ninstalled\tmta\tc (= 2), d\nconfig-files\tb\t\n", "apt-get install -y -- b")]
    [InlineData("fedora", "fedora", "a\nlib(c)\nmta\nc\nd\n", "dnf install -y -- b")]
    [InlineData("opensuse", "suse", "a\nc\nd\n", "zypper install -y -- b")]
    [InlineData("alpine", "alpine", "a\nc\nd\n", "apk add -- b")]
    [InlineData("arch", "arch", "b\n", "pacman -S --needed --noconfirm -- b")]
    [InlineData("homebrew", "bsd", "a\nc\nd\n", "brew install -- b")]
    public async Task Each_package_manager_tells_what_is_missing(string distribution, string family, string output, string expected)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || distribution == "homebrew", "needs root, as the command would begin otherwise elsewhere");
        var ran = new List<Command>();
        var packages = await Check(Lock("[\"a\" \"b\" \"c\" \"d\"]"), Platform(distribution, family), output, ran);
        Assert.Equal(["b"], packages.Missing);
        Assert.Equal(expected, packages.Install!.ToString());
        Assert.Single(ran);
    }

    [Fact]
    public async Task A_tap_is_part_of_a_formulas_name_only_when_it_is_installed() =>
        Assert.Equal("brew install -- me/tap/b", (await Check(Lock("[\"me/tap/a\" \"me/tap/b\"]"), Platform("homebrew", "bsd"), "a\n")).Install!.ToString());

    [Theory]
    [InlineData("-oAPT::Update::Pre-Invoke::=id")]
    [InlineData("a b")]
    [InlineData("a;id")]
    public void A_name_that_is_an_option_or_more_is_refused(string name) =>
        Assert.Equal("HIL4063", Assert.Throws<HillingarException>(() => Depexts.Of(Lock($"[\"{name}\"]"), Platform("debian", "debian"))).Diagnostic.Code);

    [Fact]
    public async Task On_an_unknown_system_all_are_told_and_none_installed()
    {
        var packages = await Check(Lock("[\"a\"]"), Platform("plan9", "plan9"), "");
        Assert.Equal(["a"], packages.Missing);
        var error = await Assert.ThrowsAsync<HillingarException>(() => Depexts.Install(packages, new ReporterFake(), TestContext.Current.CancellationToken));
        Assert.Equal("HIL4061", error.Diagnostic.Code);
    }

    [Fact]
    public async Task The_real_dpkg_knows_what_this_machine_has()
    {
        Assert.SkipWhen(ProcessRunner.Find("dpkg-query") is null, "needs dpkg-query");
        // awk is virtual: mawk or gawk provides it.
        var packages = await Depexts.Check(Lock("[\"dpkg\" \"awk\" \"no-such-package-of-hillingar\"]"), TestContext.Current.CancellationToken);
        Assert.Equal(["no-such-package-of-hillingar"], packages.Missing);
        var reporter = new ReporterFake();
        Depexts.Report(packages, null, reporter);
        Assert.Contains("install -y -- no-such-package-of-hillingar", Assert.Single(reporter.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_installation_that_fails_is_told_with_its_command()
    {
        var packages = new SystemPackages(["a"], ["a"], new Command("false", []));
        Assert.SkipWhen(ProcessRunner.Find("false") is null, "needs false (coreutils)");
        Assert.Equal("HIL4062", (await Assert.ThrowsAsync<HillingarException>(() => Depexts.Install(packages, new ReporterFake(), TestContext.Current.CancellationToken))).Diagnostic.Code);
    }
}
