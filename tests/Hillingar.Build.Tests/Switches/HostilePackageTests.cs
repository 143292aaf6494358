using System.Net.Sockets;
using Hillingar.Build.Sandboxes;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Packages whose build takes more than it may, or reaches for what is outside.</summary>
public sealed class HostilePackageTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly SwitchCase _case;

    public HostilePackageTests() => _case = new SwitchCase(_folder);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    void Limits(int processes, long output = 1 << 30, long log = 16 << 20) =>
        _case.Options = _case.Options with { Limits = new BuildLimits(TimeSpan.FromMinutes(5), processes) { Output = output, Log = log } };

    [Fact]
    public async Task A_line_of_400_MB_is_cut_in_the_log_and_does_no_harm()
    {
        _case.Add("flood1.1", "build: [\"sh\" \"-c\" \"head -c 400000000 /dev/zero | tr '\\\\0' a\"]");
        await _case.Build();
        var log = new FileInfo(Assert.Single(Directory.EnumerateFiles(_folder["store/switch/logs"])));
        Assert.InRange(log.Length, 1000, 100_000);
        Assert.Contains("more characters in this line)", await File.ReadAllTextAsync(log.FullName, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_holds_what_it_may_whatever_a_package_writes()
    {
        Limits(1000, log: 100_000);
        _case.Add("many.1", "build: [[\"seq\" \"200000\"] [\"seq\" \"200000\"]]\ninstall: [\"sh\" \"-c\" \"echo the cause; exit 1\"]");
        var error = await _case.Refused();
        Assert.Equal("HIL5064", error.Code);
        var log = new FileInfo(error.Place!.Value.File);
        Assert.InRange(log.Length, 5_000, 110_000);
        Assert.Contains("is left out of this log", await File.ReadAllTextAsync(log.FullName, Cancellation), StringComparison.Ordinal);
        Assert.InRange(_case.Reporter.Told.Sum(line => line.Length), 5_000, 120_000);
    }

    [Fact]
    public async Task A_package_that_writes_without_end_is_ended()
    {
        Limits(1000, output: 50 << 20);
        _case.Add("endless.1", "build: [\"yes\"]");
        var error = await _case.Refused();
        Assert.Equal("HIL5064", error.Code);
        Assert.Contains("was ended, as the package wrote more than 50.0 MB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("i=0; while [ $i -lt 1500 ]; do sleep 90 & i=$((i+1)); done; echo all are there; sleep 90")]
    [InlineData("/usr/bin/python3 thr.py")]
    public async Task More_processes_or_threads_than_the_limit_are_refused(string script)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs python3");
        Limits(300);
        var threads = _case.File("takes.1", "thr.py", "import threading,time\nthreading.stack_size(65536)\nfor i in range(3000):\n    threading.Thread(target=time.sleep,args=(60,),daemon=True).start()\nprint('all are there',flush=True)\n");
        _case.Add("takes.1", $"extra-files: [{threads}]\nbuild: [\"sh\" \"-c\" \"{script.Replace("\"", "\\\"", StringComparison.Ordinal)}\"]");
        var error = await _case.Refused();
        Assert.Equal("HIL5064", error.Code);
        Assert.Contains("more than 300 processes and threads", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_case.Reporter.Told, line => line == "all are there");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/switch/builds"]));
    }

    // The builds that a daemon of Nix's does for whoever asks have the network.
    [Fact]
    public async Task A_package_reaches_no_daemon_that_listens()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/python3"), "needs root and python3");
        const string Folder = "/nix/var/nix/daemon-socket";
        var made = new[] { "/nix", "/nix/var", "/nix/var/nix", Folder }.FirstOrDefault(folder => !Directory.Exists(folder));
        // Beside the machine's own, where it has Nix.
        var path = $"{Folder}/{Guid.NewGuid():N}"[..^20];
        try
        {
            Directory.CreateDirectory(Folder);
            using var daemon = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            daemon.Bind(new UnixDomainSocketEndPoint(path));
            daemon.Listen();
            using (var trial = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                await trial.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancellation);
            foreach (var socket in new[] { path, $"{Folder}/socket" })
            {
                _case.Add("asks.1", $"build: [\"/usr/bin/python3\" \"-c\" \"import socket; s = socket.socket(socket.AF_UNIX); s.connect('{socket}')\"]");
                Assert.Equal("HIL5064", (await _case.Refused()).Code);
            }

            Assert.Equal(2, _case.Reporter.Told.Count(line => line.Contains("FileNotFoundError", StringComparison.Ordinal)));
            // What asks for nothing builds beside the same daemon.
            _case.Add("asks.1", "build: [\"true\"]");
            await _case.Build();
        }
        finally
        {
            File.Delete(path);
            if (made is not null)
                Directory.Delete(made, recursive: true);
        }
    }

    // Each kind of package that took too much, or left what it must not, and then the same one mended: what was left of the first is in nobody's way.
    [Theory]
    [InlineData("i=0; while [ $i -lt 400 ]; do sleep 90 & i=$((i+1)); done; wait", "HIL5064")]
    [InlineData("yes", "HIL5064")]
    [InlineData("mkfifo odd.install", "HIL5061")]
    [InlineData("mkdir secret; ln -s /etc secret/d; ln -s secret/d/passwd odd.config", "HIL5061")]
    [InlineData("mkdir -p $OPAM_SWITCH_PREFIX/lib; mkfifo $OPAM_SWITCH_PREFIX/lib/pipe", "HIL5064")]
    [InlineData("perl -e 'for (1..3000) { mkdir dddddddddd or die; chdir dddddddddd or die; }'; false", "HIL5064")]
    [InlineData("mkdir -p $OPAM_SWITCH_PREFIX/lib/x; touch $OPAM_SWITCH_PREFIX/lib/x/f; chmod 0 $OPAM_SWITCH_PREFIX/lib/x . ; false", "HIL5064")]
    [InlineData("kill -9 -1; kill -9 $PPID; exit 3", "HIL5064")]
    public async Task A_package_is_refused_and_the_mended_one_is_built(string script, string code)
    {
        Limits(200, output: 50 << 20);
        _case.Add("odd.1", $"build: [\"sh\" \"-c\" \"{script}\"]").Add("good.1", "build: [\"true\"]\ndepends: [\"odd\"]");
        Assert.Equal(code, (await _case.Refused()).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/switch/builds"]));
        _case.Add("odd.1", "build: [\"sh\" \"-c\" \"mkdir -p $OPAM_SWITCH_PREFIX/lib; echo mended > $OPAM_SWITCH_PREFIX/lib/odd\"]");
        var built = await _case.Build();
        Assert.Equal("mended\n", await File.ReadAllTextAsync(Path.Combine(built.Folder, "lib", "odd"), Cancellation));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/switch/builds"]));
    }
}
