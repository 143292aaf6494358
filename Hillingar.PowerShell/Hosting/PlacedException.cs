using Hillingar.Opam.Diagnostics;

namespace Hillingar.PowerShell.Hosting;

/// <summary>An error of ours whose message begins with its place, as scripts read it that take the exception alone.</summary>
/// <param name="exception">The error.</param>
sealed class PlacedException(HillingarException exception) : HillingarException(exception.Diagnostic, exception)
{
    /// <inheritdoc/>
    public override string Message => Errors.Text(Diagnostic);
}
