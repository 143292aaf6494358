using System.Collections.Immutable;
using System.Diagnostics;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Vendoring where everything goes wrong: kills, full disks, servers at fault, many at once.</summary>
public sealed class FaultTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A lock of so many sources, each of so many files that say which version they are of.
    string Lock(string version, int sources, Func<string, string>? address = null, int files = 30)
    {
        var locked = new LockFile
        {
            Folder = _folder.Path,
            Packages = [],
            Duniverse =
            [
                .. Enumerable.Range(0, sources).Select(n =>
                {
                    var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Enumerable.Range(0, files).Select(file => Tarball.File($"lib/d{file % 5}/f{file}.ml", $"{version} of lib{n}")))), $"upstream/lib{n}-{version}.tar.gz");
                    return new LockedSource(address?.Invoke(Path.GetFileName(archive)) ?? "file://" + archive, $"lib{n}", Hashes.OfFile(archive, Hashes.Kinds).ToImmutableArray());
                }),
            ],
        };
        return _folder.Write($"{version}.opam.locked", locked.ToString());
    }

    static async Task Vendor(string lockFile, string duniverse, string store, TimeSpan? stall = null)
    {
        var own = new SourceStore(store);
        using var fetcher = new SourceFetcher(own, new ReporterFake(), pause: TimeSpan.FromMilliseconds(1)) { StallTimeout = stall ?? TimeSpan.FromSeconds(30) };
        await Duniverse.Vendor(duniverse, LockFile.Read(lockFile).Entries, fetcher, own, new ReporterFake(), Cancellation);
    }

    // Whole, of one version, and nothing else.
    static void AssertHolds(string duniverse, string version, int sources, int files = 30)
    {
        Assert.Equal(Enumerable.Range(0, sources).Select(n => $"lib{n}").Append(".hillingar").Order(), Directory.EnumerateDirectories(duniverse).Select(folder => Path.GetFileName(folder)).Order());
        for (var n = 0; n < sources; n++)
            Assert.Equal([.. Enumerable.Repeat($"{version} of lib{n}", files)], Contents(Path.Combine(duniverse, $"lib{n}")));
        Assert.Equal(["lock", .. Enumerable.Range(0, sources).Select(n => $"lib{n}.stamp").Order()], Directory.EnumerateFileSystemEntries(Path.Combine(duniverse, ".hillingar")).Select(path => Path.GetFileName(path)).OrderBy(name => name != "lock").ThenBy(name => name));
    }

    static List<string> Contents(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText)];

    [Fact]
    public async Task A_kill_at_any_moment_leaves_whole_folders_and_the_next_restore_finishes()
    {
        const int Sources = 10;
        var kills = TestData.Full ? 200 : 5;
        var versions = new[] { Lock("one", Sources), Lock("two", Sources) };
        var (duniverse, store) = (_folder["duniverse"], _folder["store"]);
        await Run(versions[0]);
        var watch = Stopwatch.StartNew();
        await Run(versions[1]);
        var whole = watch.Elapsed;
        var random = new Random(20);
        var killed = 0;
        for (var round = 0; round < kills; round++)
        {
            // The store as well is filled anew, every other time.
            if (round % 2 == 0)
                Directory.Delete(store, recursive: true);
            var version = round % 2 == 0 ? "one" : "two";
            using (var process = VendorWorker.Start(versions[round % 2], duniverse, store))
            {
                await process.StandardOutput.ReadLineAsync(Cancellation);
                await Task.Delay(whole * random.NextDouble(), Cancellation);
                process.Kill();
                await process.WaitForExitAsync(Cancellation);
                killed += process.ExitCode == 0 ? 0 : 1;
            }

            foreach (var folder in Directory.EnumerateDirectories(duniverse).Where(folder => Path.GetFileName(folder)[0] != '.'))
            {
                var contents = Contents(folder);
                Assert.Equal(30, contents.Count);
                Assert.Single(contents.Distinct());
            }

            Assert.All(new SourceStore(store).Files(), file => Assert.EndsWith(Path.GetFileName(file.Path), Hashes.OfFile(file.Path, [ChecksumKind.Sha512])[0].Hex, StringComparison.Ordinal));
            await Run(versions[round % 2]);
            AssertHolds(duniverse, version, Sources);
        }

        Assert.True(killed > 0, "every process had ended before it was killed");

        async Task Run(string lockFile)
        {
            using var process = VendorWorker.Start(lockFile, duniverse, store);
            await process.StandardOutput.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            Assert.Equal(0, process.ExitCode);
        }
    }

    [Theory]
    [InlineData("duniverse")]
    [InlineData("store")]
    public async Task A_full_disk_is_told_with_its_path_and_what_was_there_stays(string full)
    {
        Directory.CreateDirectory(_folder["disk"]);
        Assert.SkipUnless(OperatingSystem.IsLinux() && await Mounted("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", _folder["disk"]), "needs to mount a tmpfs (root)");
        try
        {
            var (duniverse, store) = full == "store" ? (_folder["duniverse"], _folder["disk/store"]) : (_folder["disk/duniverse"], _folder["store"]);
            await Vendor(Lock("one", 1), duniverse, store);
            // Noise, as a megabyte of one letter would fit.
            var noise = new byte[1 << 20];
            new Random(1).NextBytes(noise);
            var archive = Tarball.Write(_folder, Tarball.Tar(Tarball.File("lib/noise", Convert.ToHexString(noise))), "upstream/big.tar");
            var big = new LockFile { Folder = _folder.Path, Packages = [], Duniverse = [new("file://" + archive, "lib0", [.. Hashes.OfFile(archive, Hashes.Kinds)])] };
            var error = (await Assert.ThrowsAsync<HillingarException>(() => Vendor(_folder.Write("big.opam.locked", big.ToString()), duniverse, store))).Diagnostic;
            Assert.Equal("HIL4007", error.Code);
            Assert.Contains(full == "store" ? store : duniverse, error.Message, StringComparison.Ordinal);
            Assert.Contains("full", error.Message, StringComparison.Ordinal);
            AssertHolds(duniverse, "one", 1);
            await Vendor(_folder["one.opam.locked"], duniverse, store);
        }
        finally
        {
            await Mounted("umount", _folder["disk"]);
        }

        static async Task<bool> Mounted(string program, params string[] arguments) =>
            ProcessRunner.Find(program) is not null && (await ProcessRunner.Run(new Command(program, arguments), Cancellation)).ExitCode == 0;
    }

    public static TheoryData<string> Faults => ["reset", "reset before an answer", "stall", "stall in the middle", "500", "length too long", "length too short", "wrong bytes", "no length and cut off"];

    static Task Answer(string fault, byte[] body, System.Net.Sockets.NetworkStream stream)
    {
        var ok = $"HTTP/1.1 200 OK\nConnection: close\nContent-Length: ";
        switch (fault)
        {
            case "reset" or "reset before an answer":
                stream.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
                return fault == "reset" ? SourceServer.Send(stream, ok + body.Length, body.AsMemory(0, body.Length / 2)) : Task.CompletedTask;
            case "stall":
                return Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
            case "stall in the middle":
                return SourceServer.Send(stream, ok + body.Length, body.AsMemory(0, body.Length / 2)).ContinueWith(_ => Task.Delay(TimeSpan.FromSeconds(3), Cancellation), TaskScheduler.Default).Unwrap();
            case "500":
                return SourceServer.Send(stream, "HTTP/1.1 500 Broken\nContent-Length: 0\nConnection: close");
            case "length too long":
                return SourceServer.Send(stream, ok + (body.Length + 7), body);
            case "length too short":
                return SourceServer.Send(stream, ok + (body.Length - 7), body);
            case "wrong bytes":
                return SourceServer.Ok(stream, [.. body.Reverse()]);
            default:
                return SourceServer.Send(stream, "HTTP/1.1 200 OK\nConnection: close", body.AsMemory(0, body.Length / 2));
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_server_at_fault_is_told_and_the_mirror_or_another_time_helps(string fault)
    {
        byte[] body = [];
        var healthy = false;
        using var server = new SourceServer((_, _, stream) => healthy ? SourceServer.Ok(stream, body) : Answer(fault, body, stream));
        var one = Lock("one", 1);
        await Vendor(one, _folder["duniverse"], _folder["store"]);
        var two = Lock("two", 1, server.Url);
        body = await File.ReadAllBytesAsync(_folder["upstream/lib0-two.tar.gz"], Cancellation);

        var error = await Assert.ThrowsAsync<HillingarException>(() => Vendor(two, _folder["duniverse"], _folder["store"], TimeSpan.FromMilliseconds(200)));
        Assert.Equal("HIL4005", error.Diagnostic.Code);
        Assert.Contains(server.Url("lib0-two.tar.gz"), error.Message, StringComparison.Ordinal);
        AssertHolds(_folder["duniverse"], "one", 1);
        Assert.Empty(Directory.EnumerateFiles(_folder["store"], "*.part", SearchOption.AllDirectories));

        healthy = true;
        await Vendor(two, _folder["duniverse"], _folder["store"]);
        AssertHolds(_folder["duniverse"], "two", 1);
    }

    [Fact]
    public async Task Eight_projects_at_once_share_a_store_and_each_archive_is_downloaded_once()
    {
        using var server = new SourceServer(async (_, head, stream) =>
        {
            await Task.Delay(20);
            await SourceServer.Ok(stream, await File.ReadAllBytesAsync(_folder["upstream/" + head.Split(' ')[1][1..]]));
        });
        var locks = new[] { Lock("one", 6, server.Url), Lock("two", 6, server.Url) };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Vendor(locks[n % 2], _folder[$"duniverse{n}"], _folder["store"])));
        for (var n = 0; n < 8; n++)
            AssertHolds(_folder[$"duniverse{n}"], n % 2 == 0 ? "one" : "two", 6);
        Assert.Equal(12, server.Requests.Count);
    }

    [Fact]
    public async Task Two_processes_that_restore_one_project_both_succeed()
    {
        var lockFile = Lock("one", 8);
        using var first = VendorWorker.Start(lockFile, _folder["duniverse"], _folder["store"]);
        using var second = VendorWorker.Start(lockFile, _folder["duniverse"], _folder["store"]);
        foreach (var process in new[] { first, second })
        {
            await process.StandardOutput.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            Assert.Equal(0, process.ExitCode);
        }

        AssertHolds(_folder["duniverse"], "one", 8);
    }

    [Fact]
    public async Task No_more_than_eight_downloads_run_at_once()
    {
        var (running, most) = (0, 0);
        using var server = new SourceServer(async (_, head, stream) =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Delay(50);
            Interlocked.Decrement(ref running);
            await SourceServer.Ok(stream, await File.ReadAllBytesAsync(_folder["upstream/" + head.Split(' ')[1][1..]]));
        });
        await Vendor(Lock("one", 30, server.Url, files: 1), _folder["duniverse"], _folder["store"]);
        Assert.InRange(most, 2, 8);

        static void InterlockedMax(ref int place, int value)
        {
            for (var seen = place; value > seen; seen = place)
                Interlocked.CompareExchange(ref place, value, seen);
        }
    }
}
