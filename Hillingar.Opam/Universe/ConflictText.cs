using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Universe;

/// <summary>A conflict in words, in its parts: whoever adds to it adds to one of them, and the text is made once, at the end.</summary>
/// <param name="Cause">The cause, on one line.</param>
/// <param name="Steps">The steps that lead to it, a line each.</param>
/// <param name="Advice">What to do, a line each.</param>
public sealed record ConflictText(string Cause, ImmutableArray<string> Steps, ImmutableArray<string> Advice)
{
    /// <summary>All of it, <see cref="Printable"/> whatever it quotes.</summary>
    public string Message => Printable.Text(string.Join('\n', [Cause, .. Steps, .. Advice]));

    /// <inheritdoc/>
    public override string ToString() => Message;
}
