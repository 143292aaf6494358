namespace Hillingar.Build.Tests;

/// <summary>Remembers what it was told.</summary>
sealed class ReporterFake : IReporter
{
    readonly List<string> _told = [];

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

    public void Detail(string message) => Add(message);

    void Add(string text)
    {
        lock (_told)
            _told.Add(text);
    }
}
