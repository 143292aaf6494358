using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>Tries changes of the user's wishes: each alone, and, where none is enough, two together.</summary>
sealed class Fixing
{
    /// <summary>The most wishes that are changed together with another one.</summary>
    const int MaxTogether = 8;

    readonly IUniverse _universe;
    readonly ImmutableArray<Dependency> _wanted;
    readonly CancellationToken _cancellation;

    Fixing(IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancellation) =>
        (_universe, _wanted, _cancellation) = (universe, wanted, cancellation);

    /// <summary>A wish as the user knows it: what is said on several platforms is said once.</summary>
    /// <param name="Subject">Who says it; null for the request.</param>
    /// <param name="Said">What is said, by whom it is said.</param>
    /// <param name="Text">It in words.</param>
    sealed record Wish(Package? Subject, ImmutableArray<(Package? Subject, Dependency Said)> Said, string Text);

    /// <summary>A change of a wish: what takes the place of everything that is said.</summary>
    sealed record Change(Wish Wish, FixKind Kind, Func<Dependency, ImmutableArray<Dependency>> Instead);

    public static IEnumerable<Fix> Try(IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancellation)
    {
        var fixing = new Fixing(universe, wanted, cancellation);
        var found = false;
        foreach (var fix in fixing.Alone())
        {
            found = true;
            yield return fix;
        }

        if (!found)
            foreach (var fix in fixing.Together())
                yield return fix;
    }

    IEnumerable<Fix> Alone() =>
        Grouped().Select(wish => Changes(wish).Select(change => Fixes([change])).FirstOrDefault(fix => fix is not null)).OfType<Fix>();

    // What is missing is missing whatever else changes, so all of it goes at once.
    IEnumerable<Fix> Together()
    {
        var absent = Cause.MissingOf(_universe, _wanted).Select(item => _universe.Label(item.Missing)).ToHashSet();
        var missing = Grouped()
            .Where(wish => wish.Said.All(said => said.Said is Requirement needed && absent.Contains(_universe.Label(needed.Package))))
            .Select(wish => new Change(wish, FixKind.LeaveOut, _ => []))
            .ToList();
        if (missing.Count > 1 && Fixes(missing) is { } all)
        {
            yield return all;
            yield break;
        }

        var first = Near(Apply(missing), missing).Take(MaxTogether).ToList();
        var enough = missing.Count == 0 ? [] : first.Select(change => Fixes([.. missing, change])).OfType<Fix>().ToList();
        foreach (var fix in enough)
            yield return fix;
        var told = new HashSet<string>();
        foreach (var change in enough.Count > 0 ? [] : first)
        {
            List<Change> begun = [.. missing, change];
            foreach (var other in Near(Apply(begun), begun).Take(MaxTogether))
                if (
                    told.Add(
                        string.Join('\n', begun.Append(other).Select(each => each.Wish.Text + each.Kind).Order(StringComparer.Ordinal))
                    ) && Fixes([.. begun, other]) is { } fix
                )
                    yield return fix;
        }
    }

    /// <summary>The changes of the wishes that the reason of a conflict rests on.</summary>
    IEnumerable<Change> Near(Edited edited, IReadOnlyCollection<Change> made)
    {
        if (edited.Solve(edited.Edit(_wanted), _cancellation) is not Conflict conflict)
            return [];
        var said = conflict
            .Explain(_cancellation)
            .Statements.Where(statement => statement.Rejection is null)
            .Select(statement => (statement.Subject, Text: statement.Object(_universe)))
            .ToHashSet();
        return Grouped()
            .Where(wish =>
                !made.Any(change => change.Wish.Text == wish.Text && change.Wish.Subject == wish.Subject)
                && wish.Said.Any(each => said.Contains((each.Subject, wish.Text)))
            )
            .SelectMany(Changes);
    }

    IEnumerable<Change> Changes(Wish wish)
    {
        var said = wish.Said[0].Said;
        if (Bounds(said) is var (package, allowed) && allowed.Count < package.Versions.Count)
            yield return new(
                wish,
                said is Requirement ? FixKind.Widen
                    : said is Prohibition { Bound: false } ? FixKind.Allow
                    : FixKind.Drop,
                dependency =>
                    dependency is Requirement needed ? [new Requirement(needed.Package, VersionSet.All(needed.Package.Versions.Count))] : []
            );
        // Without its last package, or the user's last own one, a request asks for nothing.
        var last =
            wish.Subject is null
            && (
                said is Requirement { Package: var owned } && _universe.IsUsers(owned)
                    ? !_universe.IsOptional(owned) || Count(other => other is Requirement needed && _universe.IsUsers(needed.Package)) == 1
                    : Count(other => other is not Prohibition) == 1
            );
        if (said is not Prohibition && !last)
            yield return new(wish, FixKind.LeaveOut, _ => []);
    }

    int Count(Func<Dependency, bool> counts) => _wanted.Where(counts).Select(wish => Statement.Object(_universe, wish)).Distinct().Count();

    Edited Apply(IEnumerable<Change> changes) =>
        new(
            _universe,
            [.. changes.SelectMany(change => change.Wish.Said.Select(said => (said.Subject, said.Said, change.Instead(said.Said))))]
        );

    Fix? Fixes(IReadOnlyList<Change> changes)
    {
        if (LeavesOutAll(changes) || IsIdle(changes))
            return null;
        var edited = Apply(changes);
        if (edited.Solve(edited.Edit(_wanted), _cancellation) is not Solution solution)
            return null;
        var fixes = changes.Select(change => Describe(change, solution)).ToList();
        return fixes is [var only]
            ? only
            : fixes[0] with
            {
                Kind = fixes.Max(fix => fix.Kind),
                Description = string.Join(", and ", fixes.Select(fix => fix.Description)),
                With = fixes[1..],
            };
    }

    // Several together must not do what none may do alone.
    bool LeavesOutAll(IReadOnlyList<Change> changes)
    {
        var gone = changes
            .Where(change => change.Kind == FixKind.LeaveOut && change.Wish.Subject is null)
            .SelectMany(change => Owned(change.Wish.Said.Select(said => said.Said)))
            .ToHashSet();
        return gone.Count > 0 && Owned(_wanted).All(gone.Contains);

        IEnumerable<string> Owned(IEnumerable<Dependency> wishes) =>
            wishes
                .OfType<Requirement>()
                .Select(wish => wish.Package)
                .Where(package => _universe.IsUsers(package) && _universe.IsOptional(package))
                .Select(_universe.Label);
    }

    // What a package says does not count where the package itself is left out.
    bool IsIdle(IReadOnlyList<Change> changes) =>
        changes.Any(gone =>
            gone is { Kind: FixKind.LeaveOut, Wish.Subject: null }
            && gone.Wish.Said[0].Said is Requirement { Package: var package }
            && changes.Any(other => other.Wish.Subject is { } subject && _universe.Label(subject) == _universe.Label(package))
        );

    Fix Describe(Change change, Solution solution)
    {
        var (wish, said) = (change.Wish, change.Wish.Said[0].Said);
        var where = wish.Subject is { } subject ? $" in {_universe.Label(subject)}" : "";
        if (change.Kind == FixKind.LeaveOut)
            return new(
                FixKind.LeaveOut,
                wish.Subject,
                said,
                $"leave out {wish.Text}{where}{(wish.Subject is null && said is Requirement { Package: var own } && _universe.Removal(own) is { } how ? $": {how}" : "")}",
                solution
            )
            {
                Package = (said as Requirement)?.Package,
            };
        var (package, allowed) = Bounds(said)!.Value;
        var name = _universe.Label(package);
        if (change.Kind == FixKind.Allow)
            return new(
                FixKind.Allow,
                wish.Subject,
                said,
                $"take {name} out of the conflicts{(wish.Subject is null ? "" : $" of {_universe.Label(wish.Subject)}")}",
                solution
            )
            {
                Package = package,
            };
        // Of twins any will do, as they agree.
        var version = wish
            .Said.Select(each => Bounds(each.Said) is var (twin, _) ? solution[twin] : null)
            .FirstOrDefault(rank => rank is not null);
        if (version is not { } rank)
            return new(FixKind.Drop, wish.Subject, said, $"drop {wish.Text}{where}{Spelled("")}", solution)
            {
                Package = package,
                Bound = "",
            };
        var selected = $" ({name} {package.Versions[rank]} is selected then)";
        return Wider(package, allowed, rank) is { } range
            ? new(FixKind.Widen, wish.Subject, said, $"widen {wish.Text} to {name} {range}{where}{Spelled(range)}{selected}", solution)
            {
                Package = package,
                Bound = range,
            }
            : new(FixKind.Drop, wish.Subject, said, $"drop the bound of {wish.Text}{where}{Spelled("")}{selected}", solution)
            {
                Package = package,
                Bound = "",
            };

        string Spelled(string bound) => said is Requirement && _universe.Spell(wish.Subject, package, bound) is { } text ? $": {text}" : "";
    }

    /// <summary>The wishes, those that read the same as one; without those that are nobody's.</summary>
    List<Wish> Grouped() =>
        [
            .. Wishes(_universe, _wanted)
                .Where(wish => _universe.Given(wish.Subject, wish.Said) is null)
                .GroupBy(wish =>
                    (Subject: wish.Subject is null ? null : _universe.Label(wish.Subject), Text: Statement.Object(_universe, wish.Said))
                )
                .Select(group => new Wish(
                    group.First().Subject,
                    [.. group],
                    group.First().Said is Prohibition { Bound: false } ? group.Key.Text["the conflict with ".Length..] : group.Key.Text
                )),
        ];

    /// <summary>What the user says, in the request and in packages of the user's own.</summary>
    public static IEnumerable<(Package? Subject, Dependency Said)> Wishes(IUniverse universe, ImmutableArray<Dependency> wanted)
    {
        foreach (var wish in wanted)
            yield return (null, wish);
        var packages = new List<Package>();
        void Add(IEnumerable<Dependency> wishes) =>
            packages.AddRange(
                wishes
                    .OfType<Requirement>()
                    .Select(wish => wish.Package)
                    .Where(package => universe.IsUsers(package) && !packages.Contains(package))
            );
        Add(wanted);
        for (var i = 0; i < packages.Count; i++)
            foreach (
                var wish in universe.Candidates(packages[i]).Take(1).SelectMany(version => universe.Dependencies(packages[i], version))
            )
            {
                // That twins agree is nobody's wish.
                if (wish is Prohibition { Package: var twin } && twin != packages[i] && universe.Label(twin) == universe.Label(packages[i]))
                    continue;
                Add([wish]);
                yield return (packages[i], wish);
            }
    }

    static (Package Package, VersionSet Allowed)? Bounds(Dependency wish) =>
        wish switch
        {
            Requirement needed => (needed.Package, needed.Allowed),
            Prohibition other => (other.Package, other.Forbidden.Complement(other.Package.Versions.Count)),
            _ => null,
        };

    /// <summary>A range that holds what was allowed and the version, or null where there is no simple one.</summary>
    static string? Wider(Package package, VersionSet allowed, int version)
    {
        if (allowed.IsEmpty)
            return null;
        var (low, high, last) = (allowed.Members.First(), allowed.Members.Last(), package.Versions.Count - 1);
        return version > high ? (low == 0 ? $"<= {package.Versions[version]}" : $">= {package.Versions[low]}")
            : version < low
                ? (
                    high == last ? $">= {package.Versions[version]}"
                    : low == high ? $"<= {package.Versions[high]}"
                    : $">= {package.Versions[version]} & <= {package.Versions[high]}"
                )
            : null;
    }

    /// <summary>The universe with some wishes of the user's packages replaced.</summary>
    sealed class Edited(IUniverse universe, ImmutableArray<(Package? Subject, Dependency Said, ImmutableArray<Dependency> Instead)> edits)
        : IUniverse
    {
        public ImmutableArray<Dependency> Edit(ImmutableArray<Dependency> wishes) => Edit(null, wishes);

        ImmutableArray<Dependency> Edit(Package? subject, ImmutableArray<Dependency> wishes)
        {
            foreach (var (who, said, instead) in edits)
                if (who == subject && wishes.IndexOf(said) is var at and >= 0)
                    wishes = wishes.RemoveAt(at).InsertRange(at, instead);
            return wishes;
        }

        public ImmutableArray<int> Candidates(Package package) => universe.Candidates(package);

        public ImmutableArray<Dependency> Dependencies(Package package, int version) =>
            Edit(package, universe.Dependencies(package, version));

        public ImmutableArray<ConflictClass> Classes(Package package, int version) => universe.Classes(package, version);

        public string Rejection(Package package, int version) => universe.Rejection(package, version);

        public bool IsUsers(Package package) => universe.IsUsers(package);

        public string? Given(Package? subject, Dependency wish) => universe.Given(subject, wish);

        public string Label(Package package) => universe.Label(package);
    }
}
