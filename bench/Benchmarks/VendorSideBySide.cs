using System.Diagnostics;
using System.Globalization;
using Hillingar.Build;

namespace Hillingar.Benchmarks;

/// <summary>
/// Vendoring from a warm store beside <c>sha256sum</c> and <c>tar -x</c> of the same archives, as many at once as there are
/// processors, by turns in one run: <c>Benchmarks vendor FOLDER</c>. Medians of wall-clock seconds.
/// </summary>
static class VendorSideBySide
{
    const int Rounds = 3;

    public static async Task<int> Run(string[] args)
    {
        if (args is ["once", var archives, var cache, var target])
        {
            await Vendor(archives, cache, target);
            return 0;
        }

        if (args is not [var folder])
            return 2;
        var scratch = Directory.CreateTempSubdirectory("hillingar-bench-").FullName;
        try
        {
            var store = Path.Combine(scratch, "store");
            var files = Archives(folder);
            var times = new SortedDictionary<string, List<double>>(StringComparer.Ordinal);
            for (var round = 0; round <= Rounds; round++)
            {
                await Time("hillingar, warm process", target => Vendor(folder, store, target));
                await Time("hillingar, process of its own", target => Start(Environment.ProcessPath!, typeof(VendorSideBySide).Assembly.Location, "vendor", "once", folder, store, target));
                await Time("sha256sum and tar", target => Start("xargs", "-0", "-a", List(files), "-P", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), "-I{}",
                    "sh", "-c", "d=\"$2/$(basename \"$1\")\"; sha256sum \"$1\" > /dev/null && mkdir -p \"$d\" && tar -xf \"$1\" -C \"$d\"", "-", "{}", target));

                async Task Time(string name, Func<string, Task> work)
                {
                    var target = Path.Combine(scratch, "target");
                    var watch = Stopwatch.StartNew();
                    await work(target);
                    // The first round fills the store and the caches.
                    if (round > 0)
                        (times.TryGetValue(name, out var list) ? list : times[name] = []).Add(watch.Elapsed.TotalSeconds);
                    Directory.Delete(target, recursive: true);
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length} archives, {files.Sum(file => new FileInfo(file).Length) / 1e6:f1} MB"));
            foreach (var (name, list) in times)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-32} {Median(list):f3} s  {Median(list) / Median(times["sha256sum and tar"]):f2}"));
            return 0;

            string List(string[] paths)
            {
                var list = Path.Combine(scratch, "list");
                File.WriteAllText(list, string.Join('\0', paths));
                return list;
            }
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    static async Task Vendor(string archives, string cache, string target)
    {
        var store = new SourceStore(cache);
        using var fetcher = new SourceFetcher(store, new Silence()) { Offline = true };
        // Checksums of a lock: known beforehand, and not part of vendoring.
        var sums = Path.Combine(cache, "..", "sums");
        if (!File.Exists(sums))
            File.WriteAllLines(sums, Archives(archives).Select(file => $"{file}\t{store.Import(file)[1]}"));
        var entries = File.ReadAllLines(sums).Select((line, number) => line.Split('\t') is [var file, var sum] && Opam.Checksum.TryParse(sum, out var checksum)
            ? new DuniverseEntry($"lib{number}", new Source("file://" + file, [checksum], [], []), [Path.GetFileName(file)])
            : throw new InvalidDataException(line)).ToList();
        await Duniverse.Vendor(target, entries, fetcher, store, new Silence(), CancellationToken.None);
    }

    static string[] Archives(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(file => file.Contains(".tar.", StringComparison.Ordinal) || file.EndsWith(".tbz", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    static async Task Start(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments.Where(argument => !argument.EndsWith(".dll", StringComparison.Ordinal) || Path.GetFileNameWithoutExtension(program) == "dotnet")))!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    sealed class Silence : IReporter
    {
        public void Report(Diagnostic diagnostic) => Console.Error.WriteLine(diagnostic);

        public void Step(string message)
        {
        }

        public void Detail(string message)
        {
        }
    }
}
