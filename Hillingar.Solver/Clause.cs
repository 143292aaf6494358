namespace Hillingar.Solver;

/// <summary>A statement about one role: its value is in the set.</summary>
readonly record struct Literal(Role Role, VersionSet Set)
{
    public bool IsFalse => !Role.Domain.Overlaps(Set);
}

/// <summary>A disjunction of literals, each about another role; the first two are watched.</summary>
abstract class Clause(params Literal[] literals)
{
    /// <summary>The literals. A fact is watched at its object only, as its subject's clauses are looked at when it is selected.</summary>
    public Literal[] Literals { get; } = literals;
}

/// <summary>A clause of the problem: if the subject has a version, the object's value is in a set.</summary>
/// <param name="without">The literal that the subject has another version.</param>
/// <param name="target">The literal about the object.</param>
abstract class Fact(Literal without, Literal target) : Clause(without, target)
{
    public Role Subject => Literals[0].Role;

    /// <summary>The literal about the object.</summary>
    public ref Literal Target => ref Literals[1];
}

/// <summary>What a version depends on.</summary>
sealed class DependencyFact(Literal without, Literal target, Dependency said) : Fact(without, target)
{
    public Dependency Said => said;
}

/// <summary>That a version shares a conflict class with versions of another package.</summary>
sealed class ClassFact(Literal without, Literal target, string name) : Fact(without, target)
{
    public string Name => name;
}

/// <summary>A clause that follows from others.</summary>
sealed class Lemma(Literal[] literals, List<Clause> premises) : Clause(literals)
{
    public List<Clause> Premises => premises;
}
