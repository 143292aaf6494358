using Hillingar.Build.Reporting;

namespace Hillingar.Build.Tests;

public class PhaseTimesTests
{
    [Fact]
    public void What_took_long_is_told_in_one_line_and_what_did_not_is_not()
    {
        var times = new PhaseTimes();
        times.Add("versions", TimeSpan.FromSeconds(2));
        times.Add("sources", TimeSpan.FromSeconds(0.1));
        times.Add("dune", TimeSpan.FromSeconds(8));
        Assert.Null(times.Line(TimeSpan.FromSeconds(9)));
        times.Add("dune", TimeSpan.FromSeconds(100));
        Assert.Equal("Took 1 min 50 s: versions 2 s, dune 1 min 48 s", times.Line(TimeSpan.FromSeconds(110)));
    }

    [Fact]
    public async Task A_phase_is_measured_however_it_ends()
    {
        var reporter = new Listener();
        Assert.Equal(3, await ((IReporter)reporter).Timed("good", () => Task.FromResult(3)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ((IReporter)reporter).Timed("bad", () => Task.FromException(new InvalidOperationException())));
        Assert.Equal(["good", "bad"], reporter.Phases);
    }

    sealed class Listener : IReporter
    {
        public List<string> Phases { get; } = [];

        public void Report(Opam.Diagnostics.Diagnostic diagnostic)
        {
        }

        public void Step(string message)
        {
        }

        public void Detail(string message)
        {
        }

        public void Took(string phase, TimeSpan time) => Phases.Add(phase);
    }
}
