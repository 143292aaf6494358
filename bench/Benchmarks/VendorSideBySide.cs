using System.Globalization;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;

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
        if (args is ["once", var archives, var cache, var into])
        {
            await Vendor(archives, cache, into);
            return 0;
        }

        if (args is not [var folder])
            return 2;
        using var scratch = new TemporaryFolder();
        var (store, target) = (scratch["store"], scratch["target"]);
        var files = Archives(folder);
        await File.WriteAllTextAsync(scratch["list"], string.Join('\0', files));
        var works = new SideBySide(Rounds);
        Add("sha256sum and tar", () => SideBySide.Start("xargs", ["-0", "-a", scratch["list"], "-P", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), "-I{}",
            "sh", "-c", "d=\"$2/$(basename \"$1\")\"; sha256sum \"$1\" > /dev/null && mkdir -p \"$d\" && tar -xf \"$1\" -C \"$d\"", "-", "{}", target]));
        Add("hillingar, process of its own", () => SideBySide.StartSelf("vendor", "once", folder, store, target));
        Add("hillingar, warm process", () => Vendor(folder, store, target));
        await works.Run();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length} archives, {files.Sum(file => new FileInfo(file).Length) / 1e6:f1} MB"));
        works.Print(name => name == "sha256sum and tar" ? null : "sha256sum and tar");
        return 0;

        void Add(string name, Func<Task> work) => works.Add(name, work, () => Directory.Delete(target, recursive: true));
    }

    static async Task Vendor(string archives, string cache, string target)
    {
        var store = new SourceStore(cache);
        using var fetcher = new SourceFetcher(store, new Silence()) { Offline = true };
        // Checksums of a lock: known beforehand, and not part of vendoring.
        var sums = Path.Combine(cache, "..", "sums");
        if (!File.Exists(sums))
            File.WriteAllLines(sums, Archives(archives).Select(file => $"{file}\t{store.Import(file)[1]}"));
        var entries = File.ReadAllLines(sums).Select((line, number) => line.Split('\t') is [var file, var sum] && Opam.Files.Checksum.TryParse(sum, out var checksum)
            ? new DuniverseEntry($"lib{number}", new Source("file://" + file, [checksum], [], []), [Path.GetFileName(file)])
            : throw new InvalidDataException(line)).ToList();
        await Duniverse.Vendor(target, entries, fetcher, store, new Silence(), CancellationToken.None);
    }

    static string[] Archives(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(file => file.Contains(".tar.", StringComparison.Ordinal) || file.EndsWith(".tbz", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

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
