using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Whole locks against those that opam-monorepo 0.4 wrote for the same projects, over the real repository.</summary>
public sealed class MonorepoLockTests
{
    public static TheoryData<string> Cases => TestData.Folder is { } folder && Directory.Exists(Path.Combine(folder, "monorepo-cases"))
        ? [.. Directory.GetDirectories(Path.Combine(folder, "monorepo-cases")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : ["(no test data)"];

    static LockOutcome Solve(string name, LockRules rules, params IReadOnlyList<OpamPackage> preferred)
    {
        var known = new MonorepoCase(TestData.Require(Path.Combine("monorepo-cases", name)));
        var problem = known.Problem(RealRepository.Main, [RealRepository.Overlays], rules) with { Preferred = preferred };
        return LockSolver.Solve(problem, TestContext.Current.CancellationToken);
    }

    [Theory, MemberData(nameof(Cases))]
    public void With_opam_monorepos_rules_the_lock_is_its_lock_byte_for_byte(string name)
    {
        var known = new MonorepoCase(TestData.Require(Path.Combine("monorepo-cases", name)));
        var outcome = Solve(name, LockRules.OpamMonorepo);
        Assert.Equal(known.IsLocked, outcome.Lock is not null);
        if (known.IsLocked)
            Assert.Equal(known.Text, MonorepoCase.Without(outcome.Lock!));
    }

    [Fact]
    public void Archives_of_one_repository_lie_side_by_side_where_opam_monorepo_gives_up()
    {
        Assert.NotNull(Solve("dream", LockRules.OpamMonorepo).Conflict);
        var locked = Solve("dream", LockRules.Hillingar).Lock!;
        Assert.Equal(["dream", "dream-dream-pure"], locked.Duniverse.Select(source => source.Folder).Where(folder => folder.StartsWith("dream", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("dream-dream-pure", locked.Partial);
        Assert.Equal(["dream-pure.1.0.0~alpha2"], locked.Entries.Single(entry => entry.Folder == "dream-dream-pure").Packages);
    }

    [Fact]
    public void What_is_provided_is_locked_for_the_switch_and_not_vendored()
    {
        var locked = Solve("provided", LockRules.Hillingar).Lock!;
        Assert.Contains(locked.HostSwitch, package => package.Name.Text == "ocamlformat");
        Assert.DoesNotContain(locked.HostSwitch, package => package.Name.Text == "cohttp");
        Assert.DoesNotContain(locked.Packages, item => item.Vendored && item.Package.Name.Text is ("ocamlformat" or "zarith"));
    }

    [Fact]
    public void Versions_of_the_old_lock_are_kept_where_they_can_be()
    {
        var newest = Solve("lwt", LockRules.Hillingar).Lock!.Version("lwt");
        var kept = OpamPackage.Parse("lwt.5.9.2");
        Assert.NotEqual(kept.Version, newest);
        Assert.Equal(kept.Version, Solve("lwt", LockRules.Hillingar, kept).Lock!.Version("lwt"));
        Assert.Equal(newest, Solve("lwt", LockRules.Hillingar, OpamPackage.Parse("lwt.2.0")).Lock!.Version("lwt"));
    }

    [Fact]
    public void A_port_in_an_overlay_is_named_in_the_first_line()
    {
        var conflict = Solve("lwt-noover", LockRules.Hillingar).Conflict!.Offer("https://example.org/overlays.git", RealRepository.Overlays);
        var first = LockSolver.Explain(conflict).Message.Split('\n')[0];
        Assert.Contains("fmt does not build with dune", first, StringComparison.Ordinal);
        Assert.Contains("https://example.org/overlays.git", first, StringComparison.Ordinal);
    }
}
