using System.CommandLine;
using System.Globalization;
using Hillingar.Build.Repositories;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;
using Command = System.CommandLine.Command;

namespace Hillingar.Conformance;

/// <summary>Builds and boots unikernels that others have written.</summary>
static class UnikernelsVerb
{
    const string Package = "Hillingar.Sdk.";

    public static Command Create()
    {
        var list = new Argument<FileInfo>("CORPUS") { Description = "The list, a unikernel a line, cells separated by tabs: repository, commit, folder, targets, and where needed keys, boot, arguments." };
        var feed = new Option<DirectoryInfo>("--feed") { Required = true, Description = "The folder with the packed SDK, such as artifacts/feed." };
        var work = new Option<DirectoryInfo>("--work") { Required = true, Description = "The folder for clones, projects and logs; what was done in it before is gone on with." };
        var repositories = new Option<DirectoryInfo[]>("--repository") { Description = "opam repositories; opam's own where none is named." };
        var overlays = new Option<DirectoryInfo[]>("--overlay") { Description = "Repositories that come before them, the first first; dune-universe's ports where none is named." };
        var clones = new Option<DirectoryInfo?>("--clones") { Description = "A folder with git repositories OWNER/NAME; others are cloned from GitHub." };
        var archives = new Option<DirectoryInfo?>("--archives") { Description = "A folder with archives, which are imported into the source store under their checksums." };
        var properties = new Option<string[]>("--property") { Description = "NAME=VALUE: a property of each project." };
        var jobs = new Option<int>("--jobs") { DefaultValueFactory = _ => Math.Max(1, Environment.ProcessorCount / 4), Description = "How many are built at once." };
        var results = new Option<FileInfo?>("--results") { Description = "Where to write a line for each unikernel and target: the same cells, then built, booted, seconds, SHA-256, step, code, whose fault, message." };
        var verb = new Command("unikernels", "Configures, locks, vendors, builds and boots unikernels that others have written.") { list, feed, work, repositories, overlays, clones, archives, properties, jobs, results };
        verb.SetAction(async (parsed, cancel) =>
        {
            try
            {
                var places = new CorpusPlaces(parsed.GetRequiredValue(work).FullName, parsed.GetValue(clones)?.FullName, parsed.GetRequiredValue(feed).FullName, Newest(parsed.GetRequiredValue(feed)),
                    await Open(parsed.GetValue(repositories), cancel), await Open(parsed.GetValue(overlays), cancel), [.. (parsed.GetValue(properties) ?? []).Select(text => text.Split('=', 2)).Select(pair => (pair[0], pair[^1]))]);
                foreach (var archive in parsed.GetValue(archives)?.EnumerateFiles("*", SearchOption.AllDirectories) ?? [])
                    Stores.Default.Sources.Import(archive.FullName);
                return await Run(CorpusEntry.Read(parsed.GetRequiredValue(list).FullName), places, parsed.GetValue(jobs), parsed.GetValue(results), cancel);
            }
            catch (HillingarException exception)
            {
                await Console.Error.WriteLineAsync(exception.Diagnostic.ToString());
                return 2;
            }
        });
        return verb;
    }

    static async Task<int> Run(IReadOnlyList<CorpusEntry> entries, CorpusPlaces places, int jobs, FileInfo? file, CancellationToken cancellation)
    {
        using var turn = new SemaphoreSlim(Math.Max(1, jobs));
        using var booting = new SemaphoreSlim(1);
        using var written = file is null ? null : new StreamWriter(file.FullName) { AutoFlush = true };
        var all = (await Task.WhenAll(entries.Select(One))).SelectMany(results => results).ToList();
        // What is refused for lack of a tender is of no use to those who count what runs.
        var (built, toBoot) = (all.Count(result => result.Built), all.Where(result => result.Booted is not null).ToList());
        var booted = toBoot.Count(result => result.Booted == true);
        Console.WriteLine($"built {built} of {all.Count}, booted {booted} of {toBoot.Count}");
        return built == all.Count && booted == toBoot.Count ? 0 : 1;

        async Task<IReadOnlyList<CorpusResult>> One(CorpusEntry entry, int at)
        {
            await turn.WaitAsync(cancellation);
            try
            {
                var results = await new CorpusRun(entry, places, Path.Combine(places.Work, $"{at + 1:000}"), booting).Run(cancellation);
                lock (turn)
                    foreach (var result in results)
                    {
                        Console.WriteLine(Told(result));
                        written?.WriteLine(Line(result));
                    }
                return results;
            }
            finally
            {
                turn.Release();
            }
        }
    }

    static string Told(CorpusResult result)
    {
        var state = !result.Built ? "NOT BUILT" : $"built in {Seconds(result)} s{result.Booted switch { true => ", booted", false => ", NOT BOOTED", null => "" }}, sha256 {result.Sha256}";
        return $"{result.Entry.Name} {result.Entry.Commit[..12]} {result.Target}: {state}{(result.Failure is { } failure ? $"; {Whose(failure.Culprit)}, at {Word(failure.Step)}: {failure.Fault}" : "")}";
    }

    static string Line(CorpusResult result) => string.Join('\t', new[]
    {
        result.Entry.Repository, result.Entry.Commit, result.Entry.Folder, result.Target, result.Built ? "built" : "", result.Booted switch { true => "booted", false => "not booted", null => "-" }, Seconds(result), result.Sha256,
        result.Failure is null ? "" : Word(result.Failure.Step), result.Failure?.Fault.Code ?? "", result.Failure is null ? "" : Word(result.Failure.Culprit), result.Failure?.Fault.Message ?? "",
    }.Select(Printable.Line));

    static string Whose(Culprit culprit) => culprit switch
    {
        Culprit.Sources => "for lack of sources",
        Culprit.Mirage => "mirage's fault",
        Culprit.Unikernel => "the unikernel's fault",
        Culprit.Machine => "for lack of a program on this machine",
        _ => "our fault",
    };

    static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    static string Seconds(CorpusResult result) => result.Seconds.ToString("F1", CultureInfo.InvariantCulture);

    static async Task<IReadOnlyList<NamedRepository>> Open(DirectoryInfo[]? folders, CancellationToken cancellation)
    {
        var cache = new RepositoryCache();
        return [.. await Task.WhenAll((folders ?? []).Select(async folder => new NamedRepository(folder.FullName, await cache.OpenAsync(folder.FullName, cancellation))))];
    }

    static string Newest(DirectoryInfo feed) => feed.EnumerateFiles($"{Package}*.nupkg").OrderByDescending(file => file.LastWriteTimeUtc).FirstOrDefault() is { } package
        ? Path.GetFileNameWithoutExtension(package.Name)[Package.Length..]
        : throw new HillingarException("HIL1004", $"There is no Hillingar.Sdk in '{feed.FullName}'. Pack it: ./build.sh pack");
}
