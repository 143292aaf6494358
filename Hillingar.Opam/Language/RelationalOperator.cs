namespace Hillingar.Opam.Language;

/// <summary>How two versions (or two values of a filter) are compared.</summary>
public enum RelationalOperator : byte
{
    /// <summary><c>=</c>.</summary>
    Equal,

    /// <summary><c>!=</c>.</summary>
    NotEqual,

    /// <summary><c>&gt;=</c>.</summary>
    GreaterOrEqual,

    /// <summary><c>&gt;</c>.</summary>
    Greater,

    /// <summary><c>&lt;=</c>.</summary>
    LessOrEqual,

    /// <summary><c>&lt;</c>.</summary>
    Less,
}

/// <summary>What the relational operators mean.</summary>
public static class RelationalOperators
{
    /// <summary>The operator as opam writes it.</summary>
    public static string Text(this RelationalOperator op) =>
        op switch
        {
            RelationalOperator.Equal => "=",
            RelationalOperator.NotEqual => "!=",
            RelationalOperator.GreaterOrEqual => ">=",
            RelationalOperator.Greater => ">",
            RelationalOperator.LessOrEqual => "<=",
            _ => "<",
        };

    /// <summary>The operator that holds exactly when this one does not.</summary>
    public static RelationalOperator Negate(this RelationalOperator op) =>
        op switch
        {
            RelationalOperator.Equal => RelationalOperator.NotEqual,
            RelationalOperator.NotEqual => RelationalOperator.Equal,
            RelationalOperator.GreaterOrEqual => RelationalOperator.Less,
            RelationalOperator.Greater => RelationalOperator.LessOrEqual,
            RelationalOperator.LessOrEqual => RelationalOperator.Greater,
            _ => RelationalOperator.GreaterOrEqual,
        };

    /// <summary>Whether it holds between two things that compare so (negative: the left is smaller).</summary>
    public static bool Holds(this RelationalOperator op, int comparison) =>
        op switch
        {
            RelationalOperator.Equal => comparison == 0,
            RelationalOperator.NotEqual => comparison != 0,
            RelationalOperator.GreaterOrEqual => comparison >= 0,
            RelationalOperator.Greater => comparison > 0,
            RelationalOperator.LessOrEqual => comparison <= 0,
            _ => comparison < 0,
        };

    /// <summary>Whether it holds between two versions.</summary>
    public static bool Holds(this RelationalOperator op, OpamVersion left, OpamVersion right) => op.Holds(left.CompareTo(right));
}
