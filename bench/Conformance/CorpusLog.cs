using Hillingar.Build.Reporting;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Conformance;

/// <summary>All that is told of a unikernel, in a file of its own.</summary>
sealed class CorpusLog(string path) : IReporter, IDisposable
{
    readonly StreamWriter _writer = new(path) { AutoFlush = true };

    public void Report(Diagnostic diagnostic) => Write(diagnostic.ToString());

    public void Step(string message) => Write(message);

    public void Detail(string message) => Write($"  {message}");

    public void Dispose() => _writer.Dispose();

    void Write(string line)
    {
        lock (_writer)
            _writer.WriteLine(line);
    }
}
