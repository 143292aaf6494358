using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The opam files that mirage generates for a unikernel, locked over the real repository and the overlays they name.</summary>
public sealed class MirageLockTests
{
    static readonly string[] s_targets = ["unix", "hvt", "spt", "virtio", "muen", "xen", "qubes"];

    public static TheoryData<string> Targets => [.. s_targets];

    static PackageFile Generated(string target) => LocalRepository.Read(TestData.Require(Path.Combine("mirage-configured", target, "mirage", $"hello-{target}.opam")));

    internal static LockFile Lock(params string[] targets) => Lock([Platform.Parse("x86_64-linux")], targets);

    static LockFile Lock(IReadOnlyList<Platform> platforms, params string[] targets)
    {
        var files = targets.Select(Generated).ToList();
        var (locked, conflict) = LockSolver.Solve(new LockProblem
        {
            Folder = Path.GetTempPath(),
            Targets = files,
            Config = SourceConfig.Of(files),
            Repositories = [new("overlays", RealRepository.Overlays), new("opam", RealRepository.Main)],
            Platforms = platforms,
            RequireCrossCompile = targets.Any(MirageTarget.IsCross),
        }, TestContext.Current.CancellationToken);
        Assert.True(locked is not null, conflict?.ToString());
        return locked;
    }

    [Theory, MemberData(nameof(Targets))]
    public void Each_target_locks_alone(string target)
    {
        var locked = Lock(target);
        Assert.Equal([$"hello-{target}"], locked.RootPackages);
        Assert.Empty(locked.Partial);
        var runtime = target switch { "unix" => "mirage-unix", "xen" or "qubes" => "mirage-xen", _ => "mirage-solo5" };
        Assert.True(locked.Packages.Single(item => item.Package.Name.Text == runtime).Vendored);
        Assert.False(locked.Packages.Single(item => item.Package.Name.Text == "mirage").Vendored);
        Assert.Contains(locked.HostSwitch, package => package.Name.Text == "mirage");
        Assert.DoesNotContain(locked.HostSwitch, package => package.Name.Text == runtime);
        Assert.Equal(target != "unix", locked.HostSwitch.Any(package => package.Name.Text == "ocaml-solo5"));
        if (locked.HostSwitch.FirstOrDefault(package => package.Name.Text == "ocaml-solo5") is { Name.Text: "ocaml-solo5" } cross)
            AssertFits(locked, cross);
        Assert.Equal(locked.ToString(), LockFile.Parse(Opam.Syntax.Document.Parse(locked.ToString(), Path.Combine(locked.Folder, "a.opam.locked"))).ToString());
    }

    // The compiler that was taken is one that the cross compiler is there for: the reference's two solves can disagree on it.
    static void AssertFits(LockFile locked, OpamPackage cross)
    {
        var needed = RealRepository.Main.Find(cross)!.Depends.Atoms().Single(atom => atom.Name.Text == "ocaml");
        var bounds = needed.Condition.Atoms().OfType<FilteredConstraint.Constraint>().Select(bound => new VersionConstraint(bound.Operator, new OpamVersion(((Filter.Text)bound.Version).Value)));
        Assert.All(bounds, bound => Assert.True(bound.Holds(locked.Version("ocaml")!.Value), $"{cross} needs ocaml {bound}"));
    }

    [Fact]
    public void All_targets_lock_together_with_one_version_of_everything()
    {
        var locked = Lock(s_targets);
        Assert.Equal(s_targets.Length, locked.RootPackages.Count);
        Assert.Equal(locked.Packages.Count, locked.Packages.DistinctBy(item => item.Package.Name).Count());
        foreach (var runtime in new[] { "mirage-unix", "mirage-solo5", "mirage-xen" })
            Assert.True(locked.Packages.Single(item => item.Package.Name.Text == runtime).Vendored);
    }

    [Fact]
    public void The_targets_of_solo5_lock_alike()
    {
        static string Packages(LockFile locked) => string.Join(' ', locked.Packages.Select(item => item.Package));
        var hvt = Packages(Lock("hvt"));
        Assert.All(["spt", "virtio", "muen"], target => Assert.Equal(hvt, Packages(Lock(target))));
    }

    [Fact]
    public void A_lock_for_two_platforms_has_one_version_of_everything_and_says_what_only_one_needs()
    {
        var locked = Lock([Platform.Parse("x86_64-linux"), Platform.Parse("arm64-macos")], "unix");
        Assert.Equal(["x86_64-linux", "arm64-macos"], locked.Platforms);
        Assert.Equal(locked.Packages.Count, locked.Packages.DistinctBy(item => item.Package.Name).Count());
        Assert.True(locked.Serves(Platform.Parse("arm64-macos")));
        Assert.False(locked.Serves(Platform.Parse("arm64-linux")));
    }

    [Fact]
    public void What_mirage_says_of_locking_is_read()
    {
        var config = SourceConfig.Of([Generated("hvt")]);
        Assert.Equal(["mirage", "ocaml-solo5", "opam-monorepo", "solo5"], config.OpamProvided);
        Assert.Equal(["https://github.com/dune-universe/opam-overlays.git"], config.Overlays);
        Assert.Equal("mirage/hello-hvt.opam.locked", config.LockLocation);
        Assert.Null(SourceConfig.Of([Generated("hvt"), Generated("spt")]).LockLocation);
    }
}
