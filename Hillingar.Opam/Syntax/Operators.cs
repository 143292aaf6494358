namespace Hillingar.Opam.Syntax;

/// <summary><c>&amp;</c> and <c>|</c>.</summary>
public enum LogicalOperator : byte
{
    /// <summary><c>&amp;</c>, which binds tighter.</summary>
    And,

    /// <summary><c>|</c>.</summary>
    Or,
}

/// <summary><c>!</c> and <c>?</c>.</summary>
public enum PrefixOperator : byte
{
    /// <summary><c>!</c>: not.</summary>
    Not,

    /// <summary><c>?</c>: is defined.</summary>
    Defined,
}

/// <summary>How a package changes an environment variable.</summary>
public enum UpdateOperator : byte
{
    /// <summary><c>=</c>: replace.</summary>
    Set,

    /// <summary><c>+=</c>: prepend.</summary>
    Prepend,

    /// <summary><c>=+</c>: append.</summary>
    Append,

    /// <summary><c>=+=</c>: replace where an earlier update put it, else prepend.</summary>
    Replace,

    /// <summary><c>:=</c>: prepend, with a separator even when the variable was empty.</summary>
    PrependAlways,

    /// <summary><c>=:</c>: append, with a separator even when the variable was empty.</summary>
    AppendAlways,
}

/// <summary>How the operators are spelled.</summary>
public static class Operators
{
    /// <summary>The operator as opam writes it.</summary>
    public static string Text(this LogicalOperator op) => op == LogicalOperator.And ? "&" : "|";

    /// <summary>The operator as opam writes it.</summary>
    public static string Text(this PrefixOperator op) => op == PrefixOperator.Not ? "!" : "?";

    /// <summary>The operator as opam writes it.</summary>
    public static string Text(this UpdateOperator op) =>
        op switch
        {
            UpdateOperator.Set => "=",
            UpdateOperator.Prepend => "+=",
            UpdateOperator.Append => "=+",
            UpdateOperator.Replace => "=+=",
            UpdateOperator.PrependAlways => ":=",
            _ => "=:",
        };
}
