using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// What is to be given a value: a package, whose values are its versions, or a choice, whose values are its alternatives.
/// One more value, the last, says that the role is not filled.
/// </summary>
abstract class Role
{
    readonly ImmutableArray<int> _order;
    readonly Branch?[] _branches;

    private protected Role(ImmutableArray<int> order, int versions)
    {
        (_order, _branches) = (order, new Branch?[versions]);
        Domain = VersionSet.Of(order) | VersionSet.Of(versions);
    }

    /// <summary>The number of values, the one for «not filled» included.</summary>
    public int Size => _branches.Length + 1;

    /// <summary>The values that are still possible.</summary>
    public VersionSet Domain { get; set; }

    /// <summary>The trail's last entry for this role, or -1.</summary>
    public int Last { get; set; } = -1;

    /// <summary>The clauses to look at when the domain shrinks.</summary>
    public List<Clause> Watches { get; } = [];

    /// <summary>What the values that were tried ask for.</summary>
    public ref Branch? this[int version] => ref _branches[version];

    /// <summary>The version, or -1 where there are several yet or there is none.</summary>
    public int Selected
    {
        get
        {
            var only = Domain.Only;
            return only < _branches.Length ? only : -1;
        }
    }

    /// <summary>The most preferred version that is still possible.</summary>
    public int Preferred
    {
        get
        {
            foreach (var version in _order)
                if (Domain.Contains(version))
                    return version;
            return -1;
        }
    }

    /// <summary>The roles that the versions tried so far speak of.</summary>
    public IEnumerable<Role> Targets => _branches.OfType<Branch>().SelectMany(branch => branch.Facts).Select(fact => fact.Target.Role);

    /// <summary>How often a learned clause spoke of this package, or of a choice of its versions.</summary>
    public int Contested { get; private set; }

    /// <summary>Counts a learned clause that speaks of this role.</summary>
    public void Contest()
    {
        for (var role = this; role is not null; role = (role as ChoiceRole)?.Owner)
            role.Contested++;
    }

    /// <summary>The walk that met this role last.</summary>
    public int Walk { get; set; }

    /// <summary>The literal that says that the role has another value than <paramref name="version"/>.</summary>
    public Literal Without(int version) => new(this, VersionSet.Of(version).Complement(Size));
}

/// <summary>A package that is to be given a version.</summary>
sealed class PackageRole(Package package, ImmutableArray<int> candidates) : Role(candidates, package.Versions.Count)
{
    public Package Package => package;
}

/// <summary>A choice of which an alternative is to be taken.</summary>
/// <param name="choice">The choice.</param>
/// <param name="owner">Whose version brought it; null for the root, which is what the user asks for.</param>
sealed class ChoiceRole(Choice choice, Role? owner = null)
    : Role([.. Enumerable.Range(0, choice.Alternatives.Length)], choice.Alternatives.Length)
{
    public Choice Choice => choice;

    /// <summary>Whose version brought the choice; null for the root.</summary>
    public Role? Owner => owner;
}

/// <summary>What one value of a role asks for.</summary>
/// <param name="Children">The roles that it needs filled, in the order of its dependencies.</param>
/// <param name="Facts">The clauses that it brought.</param>
sealed record Branch(ImmutableArray<Role> Children, List<Fact> Facts);
