using System.Collections.Immutable;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Locking;

/// <summary>
/// The order in which opam-monorepo writes <c>depexts</c>: by the names, then as OCaml's <c>compare</c> orders the filters, which is by their
/// cases in the order that opam declares them (<c>opamTypes.mli</c>), then by their parts.
/// </summary>
sealed class DepextOrder : IComparer<Filtered<ImmutableArray<string>>>
{
    public static DepextOrder Instance { get; } = new();

    public int Compare(Filtered<ImmutableArray<string>>? x, Filtered<ImmutableArray<string>>? y)
    {
        var names = Each(x!.Value, y!.Value);
        return names != 0 ? names : Compare(x.Filter, y.Filter);
    }

    static int Each(ImmutableArray<string> left, ImmutableArray<string> right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
            if (string.CompareOrdinal(left[i], right[i]) is not 0 and var order)
                return order;
        return left.Length.CompareTo(right.Length);
    }

    static int Compare(Filter left, Filter right)
    {
        if (Rank(left).CompareTo(Rank(right)) is not 0 and var order)
            return order;
        return (left, right) switch
        {
            (Filter.Bool a, Filter.Bool b) => a.Value.CompareTo(b.Value),
            (Filter.Text a, Filter.Text b) => string.CompareOrdinal(a.Value, b.Value),
            (Filter.Ident a, Filter.Ident b) => Each(a.Packages, b.Packages) is not 0 and var first
                ? first
                : string.CompareOrdinal(a.Variable, b.Variable),
            (Filter.Comparison a, Filter.Comparison b) => Compare(a.Left, b.Left) is not 0 and var first ? first
            : Rank(a.Operator) != Rank(b.Operator) ? Rank(a.Operator) - Rank(b.Operator)
            : Compare(a.Right, b.Right),
            (Filter.And a, Filter.And b) => Compare(a.Left, b.Left) is not 0 and var first ? first : Compare(a.Right, b.Right),
            (Filter.Or a, Filter.Or b) => Compare(a.Left, b.Left) is not 0 and var first ? first : Compare(a.Right, b.Right),
            (Filter.Not a, Filter.Not b) => Compare(a.Operand, b.Operand),
            (Filter.Defined a, Filter.Defined b) => Compare(a.Operand, b.Operand),
            _ => 0,
        };
    }

    static int Rank(Filter filter) =>
        filter switch
        {
            Filter.Bool => 0,
            Filter.Text => 1,
            Filter.Ident => 2,
            Filter.Comparison => 3,
            Filter.And => 4,
            Filter.Or => 5,
            Filter.Not => 6,
            _ => 7,
        };

    // Polymorphic variants compare by the hashes of their names: those of Eq, Gt, Lt, Geq, Leq and Neq ascend so.
    static int Rank(RelationalOperator op) => Array.IndexOf(s_operators, op);

    static readonly RelationalOperator[] s_operators =
    [
        RelationalOperator.Equal,
        RelationalOperator.Greater,
        RelationalOperator.Less,
        RelationalOperator.GreaterOrEqual,
        RelationalOperator.LessOrEqual,
        RelationalOperator.NotEqual,
    ];
}
