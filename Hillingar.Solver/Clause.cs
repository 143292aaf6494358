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

/// <summary>A clause of the problem: if the subject has this version, the object's value is in a set.</summary>
/// <param name="version">The subject's version.</param>
/// <param name="without">The literal that the subject has another.</param>
/// <param name="target">The literal about the object.</param>
/// <param name="cause">The dependency, or the name of the conflict class.</param>
sealed class Fact(int version, Literal without, Literal target, object cause) : Clause(without, target)
{
    public Role Subject => Literals[0].Role;

    public int Version => version;

    /// <summary>The literal about the object.</summary>
    public ref Literal Target => ref Literals[1];

    public object Cause => cause;
}

/// <summary>A clause that follows from others.</summary>
sealed class Lemma(Literal[] literals, List<Clause> premises) : Clause(literals)
{
    public List<Clause> Premises => premises;
}
