using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public class WorkLabelTests
{
    [Fact]
    public void A_label_says_the_phase_how_far_it_is_and_the_step()
    {
        var label = new WorkLabel();
        Assert.Null(label.Text);
        label.Step("Solving the dependencies of dns");
        Assert.Equal("Solving the dependencies of dns", label.Text);
        label.Begin("tools");
        Assert.Equal("tools", label.Text);
        label.Progress(new Progress("Host switch", "building dune.3.17.2", 2, 12, ProgressUnit.Items));
        Assert.Equal("tools 3 of 12: building dune.3.17.2", label.Text);
        label.Progress(new Progress("dune.3.17.2", "dune.3.17.2: ocaml boot", 0, 2, ProgressUnit.Items));
        Assert.Equal("tools 3 of 12: dune.3.17.2: ocaml boot, 1/2", label.Text);
        label.Progress(new Progress("Downloading", "lwt.tbz", 1 << 20, 4 << 20, ProgressUnit.Bytes));
        Assert.Equal("tools 3 of 12: lwt.tbz, 1.0 MB of 4.0 MB", label.Text);
        label.Begin("dune");
        Assert.Equal("dune", label.Text);
    }

    [Fact]
    public void No_label_stands_still_for_two_minutes_or_is_longer_than_a_line()
    {
        var time = new Clock();
        var label = new WorkLabel(time);
        label.Begin("tools");
        label.Step(new string('x', 200));
        Assert.Equal(64, label.Text!.Length);
        var seen = new HashSet<string>();
        for (var minute = 0; minute < 30; minute++, time.Now += TimeSpan.FromMinutes(1))
            Assert.True(seen.Add(label.Text!), label.Text);
        Assert.EndsWith("…, 30 min", label.Text, StringComparison.Ordinal);
        Assert.Equal(64, label.Text!.Length);
    }

    [Fact]
    public async Task How_far_dune_is_comes_from_its_log()
    {
        using var folder = new TestFolder();
        folder.Write("duniverse/lwt/x", "");
        folder.Write("duniverse/fmt/x", "");
        folder.Write("duniverse/.hillingar/x", "");
        folder.Write("_build/log", "$ of a build before\n");
        var (told, dune) = (new ReporterFake(), new TaskCompletionSource<int>());
        var running = new DuneProgress(new Workspace(folder.Path), told).During(dune.Task);
        File.SetLastWriteTimeUtc(folder.Write("_build/log", """
            # dune build --root .
            $ (cd _build/default && /usr/bin/ocamldep.opt -modules -impl duniverse/lwt/src/core/lwt.ml) > _build/default/duniverse/lwt/src/core/.lwt.d
            > output of a command in duniverse/fmt/
            $ (cd _build/default && /usr/bin/ocamlopt.opt -w -40 -I src/.main.eobjs/native -o src/.main.eobjs/native/main.cmx -c -impl src/ma
            """), DateTime.UtcNow.AddHours(1));
        while (told.Progressed.IsEmpty)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        dune.SetResult(7);
        Assert.Equal(7, await running);
        Assert.Equal(new Progress("dune", "lwt, 1 command", 0, 3, ProgressUnit.Items), told.Progressed.First());
    }

    sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
