using Hillingar.Opam.Diagnostics;

namespace Hillingar.TestHost;

/// <summary>A failure as the platform shows one: what it calls a stack is the line where it failed.</summary>
/// <param name="message">What the test printed, or what is wrong.</param>
/// <param name="place">Where.</param>
/// <param name="name">What failed there.</param>
sealed class DuneFailure(string message, Place? place, string name) : Exception(message)
{
    /// <inheritdoc/>
    public override string? StackTrace => place is { } at ? $"   at {name} in {at.File}:line {Math.Max(1, at.Line)}" : null;
}
