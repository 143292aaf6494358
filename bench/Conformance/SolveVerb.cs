using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;
using Hillingar.Tests;
using Command = System.CommandLine.Command;

namespace Hillingar.Conformance;

/// <summary>Solves queries whose answers by <c>opam-0install</c> are known.</summary>
static class SolveVerb
{
    public static Command Create()
    {
        var repository = new Option<DirectoryInfo>("--repository") { Required = true, Description = "The opam repository." };
        var overlays = new Option<DirectoryInfo[]>("--overlay") { Description = "Repositories that come before it, the first first." };
        var queries = new Option<FileInfo>("--queries") { Required = true, Description = "The queries and their answers, a JSON object a line; .gz is unpacked." };
        var mismatches = new Option<FileInfo?>("--mismatches") { Description = "Where to write the queries that are answered otherwise." };
        var times = new Option<FileInfo?>("--times") { Description = "Where to write a line for each query: roots, seconds, the reference's seconds." };
        var once = new Option<bool>("--once") { Description = "Solve each query once and print the answer, as a tool does: for measuring a whole process." };
        var verb = new Command("solve", "Compares solutions with those of opam-0install.") { repository, overlays, queries, mismatches, times, once };
        verb.SetAction(async (parsed, cancel) =>
        {
            var cache = new RepositoryCache();
            var all = new List<Repository>();
            foreach (var folder in (parsed.GetValue(overlays) ?? []).Append(parsed.GetRequiredValue(repository)))
                all.Add(await cache.OpenAsync(folder.FullName, cancel));
            var solver = new OpamSolver(all is [var only] ? only : new OverlayRepository(all));
            var asked = Oracle.Read(parsed.GetRequiredValue(queries).FullName);
            return parsed.GetValue(once) ? Print(solver, asked) : Compare(solver, asked, parsed.GetValue(mismatches), parsed.GetValue(times));
        });
        return verb;
    }

    static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static int Print(OpamSolver solver, IEnumerable<Oracle> queries)
    {
        foreach (var query in queries)
            Console.WriteLine(solver.Solve(query.Context) is var outcome && outcome is OpamConflict conflict ? conflict.ToString() : Oracle.Print(outcome));
        return 0;
    }

    static int Compare(OpamSolver solver, IEnumerable<Oracle> queries, FileInfo? mismatches, FileInfo? times)
    {
        var (equal, seconds) = (0, new List<double>());
        using var wrong = mismatches is null ? null : new StreamWriter(mismatches.FullName);
        using var timed = times is null ? null : new StreamWriter(times.FullName);
        foreach (var query in queries)
        {
            // The first solve reads the files: the reference's figures are without that, too. Of three more the middle one counts.
            var found = Oracle.Print(solver.Solve(query.Context));
            seconds.Add(Enumerable.Range(0, 3).Select(_ => Time(() => solver.Solve(query.Context))).Order().ElementAt(1));
            timed?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', query.Context.Roots)}\t{seconds[^1]:F6}\t{query.Seconds:F6}"));
            if (found == query.Answer)
                equal++;
            else
                wrong?.WriteLine($"{query.Text}\n  expected {query.Answer ?? "none"}\n  found    {found ?? "none"}");
        }
        seconds.Sort();
        string Milliseconds(double share) => (seconds[Math.Min(seconds.Count - 1, (int)(share * seconds.Count))] * 1000).ToString("F2", CultureInfo.InvariantCulture);
        Console.WriteLine(seconds.Count == 0 ? "equal 0 of 0" : $"equal {equal} of {seconds.Count}, median {Milliseconds(.5)} ms, p99 {Milliseconds(.99)} ms, max {Milliseconds(1)} ms");
        return equal == seconds.Count ? 0 : 1;
    }
}
