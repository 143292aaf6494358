using System.Net.Sockets;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What a program in a real bubblewrap sees and reaches.</summary>
public sealed class SandboxTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    Task<Sandbox> Probe() => Sandbox.Probe(SandboxMode.Required, _reporter, Cancellation);

    async Task<string> Says(string script, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var sandbox = await Probe();
        var (work, temporary) = (Directory.CreateDirectory(_folder["work"]).FullName, Directory.CreateDirectory(_folder["tmp"]).FullName);
        var command = sandbox.Enter(new Command("/bin/sh", ["-c", script], null, environment), "/seen", temporary, [], [(work, "/seen")]);
        var result = await ProcessRunner.Run(command.With([]), Cancellation);
        return result.Output + result.Error;
    }

    [Theory]
    [InlineData("/usr/local/lib")]
    [InlineData("/usr")]
    [InlineData("/etc")]
    [InlineData("/opt")]
    [InlineData("/nix/var/nix/daemon-socket")]
    [InlineData("/gnu")]
    [InlineData("/run")]
    [InlineData("/var/run")]
    [InlineData("/tmp")]
    [InlineData("/dev/shm")]
    [InlineData("WORK")]
    public async Task A_socket_that_somebody_listens_on_is_not_reached(string place)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || place == "WORK", $"needs root to listen below {place}");
        Assert.SkipWhen(ProcessRunner.Find("python3") is null, "needs python3");
        var folder = place == "WORK" ? Directory.CreateDirectory(_folder["work"]).FullName : place;
        var missing = FirstMissing(folder);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"hillingar-{Guid.NewGuid():N}"[..20]);
        try
        {
            using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listening.Bind(new UnixDomainSocketEndPoint(path));
            listening.Listen();
            // What this process can, the program inside cannot.
            using (var trial = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                await trial.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancellation);
            var seen = place == "WORK" ? "/seen/" + Path.GetFileName(path) : path;
            var said = await Says($"/usr/bin/python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"{seen}\"); print(\"reached\")' 2>&1 | tail -1");
            Assert.DoesNotContain("reached", said, StringComparison.Ordinal);
            Assert.Matches("No such file|refused|Permission denied", said);
        }
        finally
        {
            File.Delete(path);
            if (missing is not null)
                Directory.Delete(missing, recursive: true);
        }

        static string? FirstMissing(string folder)
        {
            string? missing = null;
            for (var at = folder; at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
                missing = at;
            return missing;
        }
    }

    [Fact]
    public async Task A_socket_without_a_path_is_not_reached()
    {
        Assert.SkipWhen(ProcessRunner.Find("python3") is null, "needs python3");
        var name = $"hillingar-{Guid.NewGuid():N}";
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listening.Listen();
        using (var trial = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            await trial.ConnectAsync(new UnixDomainSocketEndPoint("\0" + name), Cancellation);
        var said = await Says($"/usr/bin/python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"\\0{name}\"); print(\"reached\")' 2>&1 | tail -1");
        Assert.Contains("refused", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_settings_of_the_machine_only_those_of_a_list_are_seen()
    {
        var seen = (await Says("cd /etc && find . -mindepth 1 -maxdepth 1 | sort")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("./passwd", seen);
        Assert.Contains("./alternatives", seen);
        foreach (var name in new[] { "shadow", "gshadow", "machine-id", "ssh", "gitconfig", "pip.conf", "npmrc", "fstab", "sudoers", "environment", "krb5.keytab", "docker", "systemd" })
            Assert.DoesNotContain("./" + name, seen);
        Assert.Equal("", await Says("ls /etc/ssl/private 2>/dev/null; ls -A /opt /nix/var /gnu/var /run /var /root /sys /srv /mnt 2>/dev/null; find /home -mindepth 2"));
    }

    [Fact]
    public async Task It_has_no_terminal_and_a_session_of_its_own()
    {
        // From the terminal that one sits at, one could type into it (TIOCSTI).
        Assert.Contains("no terminal", await Says("(: < /dev/tty) 2>/dev/null || echo no terminal"), StringComparison.Ordinal);
        // The session of processes that cannot be seen is 0.
        Assert.NotEqual("0", (await Says("cut -d' ' -f6 /proc/self/stat")).Trim());
    }

    [Fact]
    public async Task It_has_no_rights_and_no_processes_but_its_own()
    {
        var said = await Says("grep -E 'Cap(Prm|Eff|Bnd|Amb)' /proc/self/status | cut -f2 | sort -u; grep NoNewPrivs /proc/self/status | cut -f2; ls /proc | grep -c '^[0-9]'; grep NoNewPrivs /proc/self/status");
        Assert.StartsWith("0000000000000000\n1\n", said, StringComparison.Ordinal);
        Assert.True(int.Parse(said.Split('\n')[2], System.Globalization.CultureInfo.InvariantCulture) < 10, said);
    }

    [Theory]
    [InlineData("/proc/sys/kernel/core_pattern", "cat FILE > /tmp/value; cat /tmp/value > FILE")]
    [InlineData("/proc/sys/kernel/core_pattern", "unshare --user --map-root-user --mount sh -c 'cat FILE > /tmp/value; mount -o remount,rw /proc; cat /tmp/value > FILE'")]
    [InlineData("/proc/sys/kernel/core_pattern", "unshare --user --map-root-user --mount --pid --fork sh -c 'cat FILE > /tmp/value; mount -t proc proc /proc; cat /tmp/value > FILE'")]
    [InlineData("/proc/sys/kernel/pid_max", "cat FILE > /tmp/value; cat /tmp/value > FILE")]
    [InlineData("/proc/sys/vm/drop_caches", "echo 0 > FILE")]
    [InlineData("/proc/irq/default_smp_affinity", "cat FILE > /tmp/value; cat /tmp/value > FILE")]
    public async Task No_setting_of_the_kernel_can_be_written_not_even_where_root_builds(string file, string script)
    {
        Assert.SkipUnless(File.Exists(file), $"this kernel has no {file}");
        Assert.EndsWith("refused\n", await Says($"{{ {script.Replace("FILE", file, StringComparison.Ordinal)} && echo written || echo refused; }} 2>/dev/null"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_package_sets_in_its_environment_does_not_reach_bubblewrap_itself()
    {
        // bubblewrap runs outside: a library that it loads would too.
        var source = _folder.Write("evil.c", $"#include <fcntl.h>\n__attribute__((constructor)) static void f(void) {{ open(\"{_folder["reached"]}\", O_CREAT, 0600); }}\n");
        Assert.SkipWhen(ProcessRunner.Find("cc") is null, "needs a C compiler");
        Assert.Equal(0, (await ProcessRunner.Run(new Command("cc", ["-shared", "-fPIC", "-o", _folder["evil.so"], source]), Cancellation)).ExitCode);
        var said = await Says("echo $LD_PRELOAD", new Dictionary<string, string?> { ["LD_PRELOAD"] = _folder["evil.so"] });
        Assert.Contains(_folder["evil.so"], said, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["reached"]));
    }

    [Fact]
    public async Task The_users_own_values_are_on_no_command_line()
    {
        Environment.SetEnvironmentVariable("HILLINGAR_TEST_TOKEN", "s3cr3t-t0k3n");
        var command = (await Probe()).Enter(new Command("true", [], null, new Dictionary<string, string?> { ["HILLINGAR_TEST_TOKEN"] = "s3cr3t-t0k3n", ["OTHER"] = "value" }) { IsAlone = true }, "/", [], []).With([]);
        Assert.DoesNotContain(command.Arguments, word => word.Contains("s3cr3t", StringComparison.Ordinal));
        Assert.Equal(["HILLINGAR_TEST_TOKEN"], command.Environment!.Keys);
        Assert.Contains("OTHER=value", command.Arguments);
    }

    [Fact]
    public async Task That_there_is_no_sandbox_is_said_once_and_where_one_sees_it()
    {
        foreach (var mode in new[] { SandboxMode.Auto, SandboxMode.Auto })
            Assert.False((await Probe(mode)).IsOn);
        Assert.Equal("HIL5062", (await Assert.ThrowsAsync<HillingarException>(() => Probe(SandboxMode.Required))).Diagnostic.Code);
        Assert.Single(_reporter.Told, line => line.Contains("run without a sandbox", StringComparison.Ordinal) && line.Contains("is not installed", StringComparison.Ordinal));

        Task<Sandbox> Probe(SandboxMode mode) => Sandbox.Probe(mode, "HillingarSandbox", "Packages", _reporter, Cancellation, _ => null);
    }
}
