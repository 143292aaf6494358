namespace Hillingar.Build.Repositories;

/// <summary>
/// The words of opam2json's encoding (<c>render_…</c> in its <c>opam2json.ml</c>), each in the order of our enumeration. As it writes no
/// order that JSON's readers keep, Nix sorts the members by name, and so do we.
/// </summary>
static class Opam2Json
{
    /// <summary>For <see cref="Opam.Language.RelationalOperator"/>.</summary>
    public static readonly string[] Relations = ["eq", "neq", "geq", "gt", "leq", "lt"];

    /// <summary>For <see cref="Opam.Syntax.LogicalOperator"/>.</summary>
    public static readonly string[] Logic = ["and", "or"];

    /// <summary>For <see cref="Opam.Syntax.PrefixOperator"/>.</summary>
    public static readonly string[] Prefixes = ["not", "defined"];

    /// <summary>For <see cref="Opam.Syntax.UpdateOperator"/>.</summary>
    public static readonly string[] Updates = ["set", "prepend", "append", "prepend_or_replace", "prepend_trailing", "append_trailing"];
}
