using System.Collections.Concurrent;
using System.Diagnostics;
using System.Xml.Linq;

namespace Hillingar.BuildProgram;

static class Tests
{
    const string PesterSuite = "Pester";

    // Those that take longest come first, so that none is left alone at the end.
    static readonly string[] s_long =
    [
        "Hillingar.Sdk.Tests",
        PesterSuite,
        "Hillingar.Build.Tests",
        "Hillingar.Nix.Tests",
        AzureExtension.TestProject,
    ];

    /// <summary>Runs the test programs, two at a time, and adds up what they counted.</summary>
    public static async Task<int> Run(bool full, string[] only)
    {
        var names = Directory
            .GetDirectories(Path.Combine(Tool.Root, "tests"), "*.Tests")
            .Select(folder => Path.GetFileName(folder))
            .Append(PesterSuite)
            .Where(name => only.Length == 0 || only.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(name => Array.IndexOf(s_long, name) is var place and >= 0 ? place : s_long.Length)
            .ThenBy(name => name, StringComparer.Ordinal)
            .ToList();
        Dictionary<string, string> environment;
        try
        {
            environment = await Prepare(full, names);
        }
        catch (Exception exception) when (Failure(exception))
        {
            // The counts are the last line of what CI reads, whatever happens.
            Console.WriteLine($"error: {exception.Message}\n{new Counts(0, 1, 0)}");
            return 1;
        }

        var (queue, counts) = (new ConcurrentQueue<string>(names), new ConcurrentBag<Counts>());
        // Most tests wait for programs that they started; two of them keep a machine of two cores busy, and none waits for long.
        await Task.WhenAll(
            Enumerable
                .Range(0, 2)
                .Select(async _ =>
                {
                    while (queue.TryDequeue(out var name))
                        counts.Add(await One(name, environment));
                })
        );
        var sum = counts.Aggregate(default(Counts), (one, other) => one + other);
        Console.WriteLine(sum);
        return sum.Failed == 0 && sum.Passed + sum.Skipped > 0 ? 0 : 1;
    }

    // What the programs need, and the environment that tells them where it is.
    static async Task<Dictionary<string, string>> Prepare(bool full, List<string> names)
    {
        await Needs.Install();
        await Compile.All("Release");
        var environment = new Dictionary<string, string> { ["HILLINGAR_TEST_TIER"] = full ? "full" : "short" };
        Add(await Needs.Sources());
        Add(await Peers.Install());
        if (names.Exists(name => name is "Hillingar.Sdk.Tests" or PesterSuite or AzureExtension.TestProject))
            Add(await Pack.ForTests());
        if (names.Contains(AzureExtension.TestProject))
            environment["HILLINGAR_TEST_VSIX"] = await AzureExtension.Pack();
        return environment;

        void Add(IReadOnlyDictionary<string, string> more)
        {
            foreach (var (name, value) in more)
                environment[name] = value;
        }
    }

    static bool Failure(Exception exception) =>
        exception is InvalidOperationException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception;

    static async Task<Counts> One(string name, IReadOnlyDictionary<string, string> environment)
    {
        var title = name.Replace("Hillingar.", "", StringComparison.Ordinal).Replace(".Tests", "", StringComparison.Ordinal);
        // The lines of two programs come mixed.
        void Show(string line) => Console.WriteLine($"{title}: {line}");
        Tool.Say($"Testing {title}");
        var watch = Stopwatch.StartNew();
        Counts counts;
        try
        {
            counts = name == PesterSuite ? await Pester.Run(environment, Show) : await Program(name, environment, Show);
        }
        catch (Exception exception) when (Failure(exception))
        {
            // Its neighbour goes on; that it did not run counts.
            Show($"error: {exception.Message}");
            counts = new Counts(0, 1, 0);
        }

        Tool.Say($"{title}: {counts}, in {watch.Elapsed:h\\:mm\\:ss}");
        return counts;
    }

    static async Task<Counts> Program(string name, IReadOnlyDictionary<string, string> environment, Action<string> show)
    {
        var report = Path.Combine(Directory.CreateDirectory(Path.Combine(Tool.Artifacts, "test-results")).FullName, name + ".xml");
        File.Delete(report);
        var program = Path.Combine(Tool.Root, "tests", name, "bin", "Release", "net10.0", name + ".dll");
        var exit = await Tool.Follow("dotnet", [program, "-xml", report, "-noColor", "-noLogo"], environment, show);
        if (!File.Exists(report))
        {
            show($"error: it ended with {exit} and reported nothing.");
            return new Counts(0, 1, 0);
        }

        var counts = default(Counts);
        foreach (var assembly in XDocument.Load(report).Root!.Elements("assembly"))
        {
            counts += new Counts(
                (int)assembly.Attribute("passed")!,
                (int)assembly.Attribute("failed")! + (int)assembly.Attribute("errors")!,
                (int)assembly.Attribute("skipped")!
            );
            foreach (var test in assembly.Descendants("test").Where(test => (string?)test.Attribute("result") == "Skip"))
                show($"skipped: {(string?)test.Attribute("name")}: {test.Element("reason")?.Value}");
        }

        // A test program that died after its report, or that ran nothing, is no success.
        return exit != 0 && counts.Failed == 0 ? counts with { Failed = 1 } : counts;
    }
}
