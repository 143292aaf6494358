using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Hillingar.Opam.Language;

/// <summary>
/// A formula over atoms, as opam's <c>'a formula</c>: nothing, an atom, a parenthesis, a conjunction, a disjunction.
/// A version formula is one of <see cref="VersionConstraint"/>, a dependency formula one of <see cref="PackageAtom"/>, and what
/// an opam file says, filters and all, one of <see cref="FilteredPackage"/>. A parenthesis has no meaning of its own, but
/// the solver's order and the printed text depend on it.
/// </summary>
/// <typeparam name="T">What an atom is.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Formula<T>.Empty reads as what it is.")]
public abstract record Formula<T> : IShown
{
    private Formula() { }

    /// <summary>Says nothing.</summary>
    public static Formula<T> Empty { get; } = new Nothing();

    /// <summary>Whether it says nothing.</summary>
    public bool IsEmpty => this is Nothing;

    /// <summary>Says nothing; there is one, <see cref="Empty"/>.</summary>
    public sealed record Nothing : Formula<T>
    {
        internal Nothing() { }
    }

    /// <summary>One atom.</summary>
    /// <param name="Value">What it says.</param>
    public sealed record Atom(T Value) : Formula<T>;

    /// <summary>A formula in parentheses.</summary>
    /// <param name="Inner">What is in them.</param>
    public sealed record Block(Formula<T> Inner) : Formula<T>;

    /// <summary>Both.</summary>
    /// <param name="Left">The one.</param>
    /// <param name="Right">The other.</param>
    public sealed record And(Formula<T> Left, Formula<T> Right) : Formula<T>;

    /// <summary>Either.</summary>
    /// <param name="Left">The one.</param>
    /// <param name="Right">The other.</param>
    public sealed record Or(Formula<T> Left, Formula<T> Right) : Formula<T>;

    /// <summary>Both, where an empty side says nothing.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static Formula<T> MakeAnd(Formula<T> left, Formula<T> right) =>
        left.IsEmpty ? right
        : right.IsEmpty ? left
        : new And(left, right);

    /// <summary>Either, where an empty side is left out (it does not count as true).</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static Formula<T> MakeOr(Formula<T> left, Formula<T> right) =>
        left.IsEmpty ? right
        : right.IsEmpty ? left
        : new Or(left, right);

    /// <summary>
    /// All of some formulas, or any of them, in their order. The tree is as shallow as it can be: a list of a stranger's may have
    /// a hundred thousand elements, and everything here recurses.
    /// </summary>
    /// <param name="formulas">The formulas.</param>
    /// <param name="disjunction">Whether any of them will do.</param>
    public static Formula<T> Join(ReadOnlySpan<Formula<T>> formulas, bool disjunction)
    {
        if (formulas.Length < 2)
            return formulas.Length == 0 ? Empty : formulas[0];
        var half = formulas.Length / 2;
        var (left, right) = (Join(formulas[..half], disjunction), Join(formulas[half..], disjunction));
        return disjunction ? MakeOr(left, right) : MakeAnd(left, right);
    }

    /// <summary>Every atom replaced by a formula; what becomes empty is left out.</summary>
    /// <typeparam name="TResult">What an atom becomes a formula of.</typeparam>
    /// <param name="map">What an atom becomes.</param>
    public Formula<TResult> Map<TResult>(Func<T, Formula<TResult>> map) =>
        this switch
        {
            Atom atom => map(atom.Value),
            Block block => block.Inner.Map(map) is { IsEmpty: false } inner ? new Formula<TResult>.Block(inner) : Formula<TResult>.Empty,
            And and => Formula<TResult>.MakeAnd(and.Left.Map(map), and.Right.Map(map)),
            Or or => Formula<TResult>.MakeOr(or.Left.Map(map), or.Right.Map(map)),
            _ => Formula<TResult>.Empty,
        };

    /// <summary>Whether it holds, when empty is true.</summary>
    /// <param name="holds">Whether an atom holds.</param>
    public bool Evaluate(Func<T, bool> holds) =>
        this switch
        {
            Atom atom => holds(atom.Value),
            Block block => block.Inner.Evaluate(holds),
            And and => and.Left.Evaluate(holds) && and.Right.Evaluate(holds),
            Or or => or.Left.Evaluate(holds) || or.Right.Evaluate(holds),
            _ => true,
        };

    /// <summary>The atoms from left to right.</summary>
    public IEnumerable<T> Atoms()
    {
        var rest = new Stack<Formula<T>>();
        rest.Push(this);
        while (rest.TryPop(out var formula))
            switch (formula)
            {
                case Atom atom:
                    yield return atom.Value;
                    break;
                case Block block:
                    rest.Push(block.Inner);
                    break;
                case And and:
                    rest.Push(and.Right);
                    rest.Push(and.Left);
                    break;
                case Or or:
                    rest.Push(or.Right);
                    rest.Push(or.Left);
                    break;
            }
    }

    /// <summary>The formula as opam shows it.</summary>
    public sealed override string ToString() => IShown.Text(this);

    void IShown.Show(StringBuilder text) => Show(text, inAnd: false);

    void Show(StringBuilder text, bool inAnd)
    {
        switch (this)
        {
            case Atom { Value: IShown shown }:
                shown.Show(text);
                break;
            case Atom atom:
                text.Append(atom.Value);
                break;
            case Block block:
                text.Append('(');
                block.Inner.Show(text, inAnd: false);
                text.Append(')');
                break;
            case And and:
                and.Left.Show(text, inAnd: true);
                text.Append(" & ");
                and.Right.Show(text, inAnd: true);
                break;
            case Or or:
                text.Append(inAnd ? "(" : "");
                or.Left.Show(text, inAnd: false);
                text.Append(" | ");
                or.Right.Show(text, inAnd: false);
                text.Append(inAnd ? ")" : "");
                break;
            default:
                text.Append("[]");
                break;
        }
    }
}
