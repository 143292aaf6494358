using System.Diagnostics;
using System.Globalization;

namespace Hillingar.Benchmarks;

/// <summary>Works that are timed by turns in one run, so that what else the machine does meets them alike: wall-clock seconds, medians.</summary>
sealed class SideBySide(int rounds)
{
    readonly List<(string Name, Func<Task> Work, Action? After, List<double> Times)> _works = [];

    /// <summary>Adds a work.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="work">What is timed.</param>
    /// <param name="after">What clears up after it, untimed.</param>
    public void Add(string name, Func<Task> work, Action? after = null) => _works.Add((name, work, after, []));

    /// <summary>Runs everything; a first round, which fills caches and compiles code, does not count.</summary>
    public async Task Run()
    {
        for (var round = 0; round <= rounds; round++)
            foreach (var (_, work, after, times) in _works)
            {
                var start = Stopwatch.GetTimestamp();
                await work();
                var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
                after?.Invoke();
                if (round > 0)
                    times.Add(elapsed);
            }
    }

    /// <summary>A line for each: its median, its quickest and slowest rounds, and its ratio to another's median.</summary>
    /// <param name="peer">The other, by a work's name.</param>
    public void Print(Func<string, string?> peer)
    {
        foreach (var (name, _, _, times) in _works)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{name,-44} {Median(times):f4} s ({times.Min():f4} to {times.Max():f4})");
            Console.WriteLine(peer(name) is { } other ? string.Create(CultureInfo.InvariantCulture, $"{line}  {Median(times) / Median(Of(other)):f3} of {other}") : line);
        }
    }

    List<double> Of(string name) => _works.Find(work => work.Name == name).Times;

    public static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Runs a program in a folder, its output thrown away; one that fails stops the measurement.</summary>
    public static async Task Start(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder ?? "", RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}:\n{await said}{await complained}");
    }

    /// <summary>Runs this program anew.</summary>
    public static Task StartSelf(params string[] arguments) => Start(Environment.ProcessPath!,
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(SideBySide).Assembly.Location, .. arguments] : arguments);
}
