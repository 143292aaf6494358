using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Reporting;

/// <summary>
/// Where work tells what it does: the one channel to MSBuild's log, PowerShell's streams and the terminal.
/// Implementations may be called from several threads at once.
/// </summary>
public interface IReporter
{
    /// <summary>Tells a warning, a piece of information, or an error beside the one that is thrown.</summary>
    void Report(Diagnostic diagnostic);

    /// <summary>Tells that a step of the work begins or is done, in one line that a user wants to see.</summary>
    void Step(string message);

    /// <summary>Tells a detail that only somebody who looks for a cause wants to see.</summary>
    void Detail(string message);

    /// <summary>Tells how far work is that takes its time. Most listeners have no use for it, so nothing happens by default.</summary>
    void Progress(Progress progress) { }

    /// <summary>Tells that a phase of the work begins. Nothing happens by default.</summary>
    /// <param name="phase">The phase, such as <c>dune</c>.</param>
    void Begins(string phase) { }

    /// <summary>Tells how long a phase of the work took. Nothing happens by default.</summary>
    /// <param name="phase">The phase, such as <c>dune</c>.</param>
    /// <param name="time">How long.</param>
    void Took(string phase, TimeSpan time) { }
}
