using Hillingar.Build.Reporting;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.TestHost;

/// <summary>Tells what is done on standard output, which <c>dotnet test</c> shows where it is asked for it.</summary>
sealed class ConsoleReporter : IReporter
{
    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic) => Console.WriteLine(Printable.Text(diagnostic.ToString()));

    /// <inheritdoc/>
    public void Step(string message) => Console.WriteLine(Printable.Text(message));

    /// <inheritdoc/>
    public void Detail(string message) { }
}
