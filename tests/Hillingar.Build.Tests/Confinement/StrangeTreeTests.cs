using System.Runtime.Versioning;
using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Whatever a stranger left in a folder: what we do there touches nothing outside, tells nothing of it, and ends.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StrangeTreeTests
{
    const int OperationsEach = 6;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways => ["openat2", "openat", "path"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Nothing_outside_changes_and_nothing_of_it_is_told(string way)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux, whose file systems have all these names and files");
        var trees = TestData.Full ? 20_000 / Ways.Count + 1 : 300 / Ways.Count;
        Func<string, Node> reach = way switch
        {
            "openat2" => path => LinuxNode.OpenRoot(path),
            "openat" => path => LinuxNode.OpenRoot(path, askKernel: false),
            _ => path => new PathNode(path),
        };
        for (var seed = 0; seed < trees; seed++)
            // Whatever waits for ever is to be told with its seed.
            await Task.Run(() => Try(seed, reach, isPlain: way == "path"), Cancellation).WaitAsync(TimeSpan.FromMinutes(5), Cancellation);
        TestContext.Current.SendDiagnosticMessage($"{trees} trees by {way}; in all so far {string.Join(", ", StrangeTree.Counts.Select(pair => $"{pair.Value} of {pair.Key}"))}");
    }

    static void Try(int seed, Func<string, Node> reach, bool isPlain)
    {
        using var folder = new TestFolder();
        var random = new Random(seed);
        var tree = new StrangeTree(folder, random, isPlain);
        tree.Make();
        var before = Surroundings.Of(tree.Outside);
        try
        {
            for (var count = 0; count < OperationsEach && Directory.Exists(tree.Inside); count++)
            {
                var told = new StrangeOperations(tree, folder, random, reach).Run();
                Assert.False(told.Contains(StrangeTree.Secret, StringComparison.Ordinal), $"seed {seed}: what is outside was read");
                Assert.True(before == Surroundings.Of(tree.Outside), $"seed {seed}: what is outside was changed");
            }

            if (Directory.Exists(folder["results"]))
                Assert.False(Holds(folder["results"], StrangeTree.Secret), $"seed {seed}: what is outside was copied");
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"seed {seed}: {exception.Message}", exception);
        }
        finally
        {
            Tree.Delete(tree.Inside);
            Tree.Delete(folder["results"]);
        }

        Assert.False(Path.Exists(tree.Inside), $"seed {seed}: the tree stayed");
        Assert.True(before == Surroundings.Of(tree.Outside), $"seed {seed}: deleting changed what is outside");
    }

    // Names of no UTF-8 are no names for .NET.
    static bool Holds(string folder, string text)
    {
        using var all = ConfinedFolder.Open(folder, (path, why) => new HillingarException("HIL4023", $"{path}: {why}"));
        return all.Walk(depth: 1000).Any(entry => entry.Kind == EntryKind.File && Encoding.UTF8.GetString(all.ReadBytes(entry.Path, 1 << 20)!).Contains(text, StringComparison.Ordinal));
    }
}
