using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// The problem as clauses. Those of a version are made when it is selected or tried, never before: most of a universe is never
/// looked at.
/// </summary>
sealed class Branches(IUniverse universe, CancellationToken cancellation)
{
    readonly Dictionary<Package, PackageRole> _roles = [];
    readonly Dictionary<string, Dictionary<Role, List<Membership>>> _classes = [];

    /// <summary>A version of a role that is a member of a class.</summary>
    readonly record struct Membership(int Version, ConflictClass Class);

    /// <summary>The packages that were spoken of so far.</summary>
    public IReadOnlyCollection<PackageRole> Packages => _roles.Values;

    /// <summary>What a version asks for.</summary>
    public Branch Of(Role role, int version) => role[version] ??= Make(role, version);

    Branch Make(Role role, int version)
    {
        cancellation.ThrowIfCancellationRequested();
        var branch = new BranchBuilder(role, version);
        switch (role)
        {
            case ChoiceRole choice:
                Depend(branch, choice.Choice.Alternatives[version]);
                break;
            case PackageRole package:
                Depend(branch, universe.Dependencies(package.Package, version));
                foreach (var membership in universe.Classes(package.Package, version))
                    Exclude(branch, membership);
                break;
        }
        return branch.Build();
    }

    void Depend(BranchBuilder branch, ImmutableArray<Dependency> dependencies)
    {
        foreach (var dependency in dependencies)
            switch (dependency)
            {
                case Requirement requirement:
                    branch.Need(Of(requirement.Package), requirement.Allowed, dependency);
                    break;
                case Prohibition prohibition:
                    var other = Of(prohibition.Package);
                    branch.State(other, prohibition.Forbidden.Complement(other.Size), dependency);
                    break;
                case Choice choice:
                    branch.Need(new ChoiceRole(choice, branch.Role), VersionSet.All(choice.Alternatives.Length), dependency);
                    break;
            }
    }

    /// <summary>Excludes the members of a class that were met before; those met later exclude this one.</summary>
    void Exclude(BranchBuilder branch, ConflictClass own)
    {
        if (!_classes.TryGetValue(own.Name, out var members))
            _classes[own.Name] = members = [];
        foreach (var (member, memberships) in members)
        {
            cancellation.ThrowIfCancellationRequested();
            if (member == branch.Role)
                continue;
            var excluded = VersionSet.Of(memberships.Where(other => own.Excludes(other.Class)).Select(other => other.Version));
            if (!excluded.IsEmpty)
                branch.State(member, excluded.Complement(member.Size), own.Name);
        }

        if (!members.TryGetValue(branch.Role, out var known))
            members[branch.Role] = known = [];
        known.Add(new(branch.Version, own));
    }

    PackageRole Of(Package package)
    {
        if (!_roles.TryGetValue(package, out var role))
            _roles[package] = role = new(package, universe.Candidates(package));
        return role;
    }
}

/// <summary>A branch that is being made.</summary>
sealed class BranchBuilder(Role role, int version)
{
    readonly ImmutableArray<Role>.Builder _children = ImmutableArray.CreateBuilder<Role>();
    readonly List<Fact> _facts = [];
    readonly Literal _without = role.Without(version);

    public Role Role => role;

    public int Version => version;

    /// <summary>The version needs the target filled.</summary>
    public void Need(Role target, VersionSet set, Dependency said)
    {
        _children.Add(target);
        State(target, set, said);
    }

    /// <summary>With the version the target's value is in the set, as a dependency says.</summary>
    public void State(Role target, VersionSet set, Dependency said)
    {
        if (Literal(target, set) is { } literal)
            Add(new DependencyFact(_without, literal, said));
    }

    /// <summary>With the version the target's value is in the set, as a conflict class says.</summary>
    public void State(Role target, VersionSet set, string name)
    {
        if (Literal(target, set) is { } literal)
            Add(new ClassFact(_without, literal, name));
    }

    public Branch Build() => new(_children.DrainToImmutable(), _facts);

    // What a version says of its own package is true, or rules it out.
    Literal? Literal(Role target, VersionSet set) =>
        target != role ? new(target, set)
        : set.Contains(version) ? null
        : new(target, VersionSet.Empty);

    void Add(Fact fact)
    {
        _facts.Add(fact);
        if (fact.Target.Role != role)
            fact.Target.Role.Watches.Add(fact);
    }
}
