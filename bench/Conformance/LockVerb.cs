using System.CommandLine;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;
using Command = System.CommandLine.Command;

namespace Hillingar.Conformance;

/// <summary>Locks projects whose locks by opam-monorepo are known.</summary>
static class LockVerb
{
    public static Command Create()
    {
        var cases = new Argument<DirectoryInfo>("CASES_DIR") { Description = "A folder for each case: app.opam, run.json, and app.opam.locked where opam-monorepo wrote one." };
        var repository = new Option<DirectoryInfo>("--repository") { Required = true, Description = "What stands for a case's file:///opam-repository." };
        var overlays = new Option<DirectoryInfo[]>("--overlay") { Description = "What stands for a case's file:///src/opam-overlays." };
        var verb = new Command("lock", "Compares locks with those of opam-monorepo: with its rules, which must give the same, and with ours.") { cases, repository, overlays };
        verb.SetAction(async (parsed, cancel) =>
        {
            // The cache of its own default is relative to the current folder where the user has no data folder yet.
            var cache = new RepositoryCache();
            var below = await cache.OpenAsync(parsed.GetRequiredValue(repository).FullName, cancel);
            var above = new List<Repository>();
            foreach (var folder in parsed.GetValue(overlays) ?? [])
                above.Add(await cache.OpenAsync(folder.FullName, cancel));
            var all = parsed.GetRequiredValue(cases).GetDirectories().Where(folder => File.Exists(Path.Combine(folder.FullName, "run.json")))
                .OrderBy(folder => folder.Name, StringComparer.Ordinal).Select(folder => new MonorepoCase(folder.FullName)).ToList();
            var equal = all.Count(known => IsEqual(known, below, above));
            Console.WriteLine($"equal {equal} of {all.Count}");
            return equal == all.Count ? 0 : 1;
        });
        return verb;
    }

    static bool IsEqual(MonorepoCase known, Repository repository, List<Repository> overlays)
    {
        if (known.Missing(overlays) is { } missing)
        {
            Console.WriteLine($"{known.Name}: NOT EQUAL, as no folder was given for its repository {missing}");
            return false;
        }
        var theirs = Solve(LockRules.OpamMonorepo);
        var text = theirs.Lock is null ? "" : MonorepoCase.Without(theirs.Lock);
        var equal = text == (known.IsLocked ? known.Text : "");
        Console.WriteLine($"{known.Name}: {(equal ? "equal" : "NOT EQUAL")}{(known.IsLocked ? "" : ", there is no lock")}");
        if (!equal)
            Print(known.IsLocked && theirs.Conflict is { } conflict ? conflict.ToString().Split('\n') : Lines(known.IsLocked ? known.Text : "", text));

        // One rule after the other is lifted: what then changes is its doing.
        var before = theirs;
        foreach (var (rules, cause) in Steps())
        {
            var after = Solve(rules);
            Print(Differences(before, after).Select(change => $"ours: {change}, as {cause}"));
            before = after;
        }
        if (before.Conflict is { } rest)
        {
            foreach (var overlay in overlays.Where(overlay => known.Problem(repository, overlays, LockRules.Hillingar).Repositories.All(named => named.Repository != overlay)))
                rest.Offer(Path.GetFileName(overlay.Location), overlay);
            Print(LockSolver.Explain(rest).Message.Split('\n').Select(line => $"ours: {line}"));
        }
        return equal;

        LockOutcome Solve(LockRules rules)
        {
            try
            {
                return LockSolver.Solve(known.Problem(repository, overlays, rules));
            }
            catch (HillingarException e)
            {
                // As opam-monorepo, we may find a solution and then no duniverse for it.
                Console.WriteLine($"  {e.Diagnostic}");
                return new(null, null);
            }
        }
    }

    static IEnumerable<(LockRules, string Cause)> Steps()
    {
        var rules = LockRules.OpamMonorepo with { KeepsConflicts = true };
        yield return (rules, "packages keep their own conflicts");
        yield return (rules = rules with { Jointly = true }, "monorepo and switch are solved together");
        yield return (rules = rules with { PlainSwitch = true }, "the switch does not repeat what only the monorepo needs");
        yield return (rules = rules with { VendorsAll = true }, "packages without dev-repo are vendored");
        yield return (rules with { SideBySide = true }, "archives of one dev-repo may lie side by side");
    }

    static void Print(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            Console.WriteLine($"  {line}");
    }

    static IEnumerable<string> Lines(string expected, string found)
    {
        var (left, right) = (expected.Split('\n'), found.Split('\n'));
        return left.Except(right).Select(line => $"- {line.Trim()}").Concat(right.Except(left).Select(line => $"+ {line.Trim()}"));
    }

    static IEnumerable<string> Differences(LockOutcome before, LockOutcome after) => (before.Lock, after.Lock) switch
    {
        (null, null) => [],
        (null, { } found) => [$"a lock of {found.Packages.Count} packages where there was none", .. found.Partial.Select(folder => $"duniverse/{folder} holds its own packages only")],
        ({ } lost, null) => [$"no lock where there was one of {lost.Packages.Count} packages"],
        ({ } old, { } found) =>
        [
            .. found.Changes(old),
            .. found.Packages.Where(item => old.Packages.Any(other => other.Package == item.Package && other.Vendored != item.Vendored)).Select(item => $"{item.Package} is {(item.Vendored ? "" : "not ")}vendored"),
            .. found.Duniverse.Select(source => $"+duniverse/{source.Folder} from {source.Url}").Except(old.Duniverse.Select(source => $"+duniverse/{source.Folder} from {source.Url}")),
            .. old.Duniverse.Select(source => $"-duniverse/{source.Folder} from {source.Url}").Except(found.Duniverse.Select(source => $"-duniverse/{source.Folder} from {source.Url}")),
            .. found.Partial.Except(old.Partial).Select(folder => $"duniverse/{folder} holds its own packages only"),
        ],
    };
}
