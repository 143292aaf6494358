using Hillingar.Build.Reporting;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

/// <summary>Remembers what it was told.</summary>
sealed class ReporterFake : IReporter
{
    readonly List<string> _told = [];

    /// <summary>How far things were.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<Progress> Progressed { get; } = [];

    public IReadOnlyList<string> Told
    {
        get
        {
            lock (_told)
                return [.. _told];
        }
    }

    public void Report(Diagnostic diagnostic) => Add(diagnostic.ToString());

    public void Step(string message) => Add(message);

    public void Progress(Progress progress) => Progressed.Enqueue(progress);

    public void Detail(string message) => Add(message);

    void Add(string text)
    {
        lock (_told)
            _told.Add(text);
    }
}
