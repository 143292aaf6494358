using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Storage;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Running;

/// <summary>The unikernels that run on this machine for this user: starts, finds and stops them. Several processes may do so at once.</summary>
/// <param name="folder">Where their records are.</param>
/// <param name="reporter">Is told what is done.</param>
public sealed partial class UnikernelRuns(string folder, IReporter reporter)
{
    const int Terminate = 15,
        Kill = 9;
    static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    // A tender that does not take its image says so at once.
    static readonly TimeSpan s_early = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan s_begin = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_old = TimeSpan.FromDays(7);

    /// <summary>Those of a user's cache.</summary>
    public static UnikernelRuns Of(Stores stores, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(stores);
        return new(Path.Combine(stores.Root, "unikernels"), reporter);
    }

    /// <summary>Starts an image. It goes on when this process, its terminal or the user's session ends.</summary>
    /// <param name="name">The name by which it is known from now on; of one that has ended it takes the place.</param>
    /// <param name="start">The image, and with what.</param>
    /// <param name="log">The file that what it writes is appended to; null for one of ours, which is emptied.</param>
    /// <param name="cancellation">Stops; once it is started it is not stopped by this.</param>
    /// <returns>The unikernel: running, or already at its end.</returns>
    /// <exception cref="HillingarException">HIL5056: the name is none, or one that runs has it. HIL5058: it ended at once with an error. As of <see cref="StartPlan.Of"/>.</exception>
    public Task<RunningUnikernel> Start(string name, UnikernelStart start, string? log, CancellationToken cancellation) =>
        FileFault.Guard(
            folder,
            async () =>
            {
                if (!Name().IsMatch(name))
                    throw new HillingarException(
                        "HIL5056",
                        $"'{name}' is no name for a unikernel: up to 64 letters, digits, '.', '_' and '-'. Give it another with -Name."
                    );
                var plan = StartPlan.Of(start);
                using var turn = await FolderLock.Take(Path.Combine(folder, ".lock"), cancellation).ConfigureAwait(false);
                await Forget(name, cancellation).ConfigureAwait(false);
                var own = new RunRecord(Path.Combine(folder, name));
                var record = log is null ? own : new RunRecord(own.Folder) { Log = Path.GetFullPath(log) };
                Directory.CreateDirectory(Path.GetDirectoryName(record.Log)!);
                record.Create(name, start);
                await File.WriteAllTextAsync(record.Script, plan.Script(record), cancellation).ConfigureAwait(false);
                foreach (var tap in plan.TapsToMake)
                    reporter.Step($"Making the tap interface {tap}, until {name} has ended");
                reporter.Detail($"Starting {record.Script}");
                // In a session of its own: what happens to our terminal is no business of the unikernel's.
                string[] words = ["/bin/sh", record.Script];
                using var script = ProcessRunner.Find("setsid") is { } setsid
                    ? Process.Start(new ProcessStartInfo(setsid, words) { UseShellExecute = false, WorkingDirectory = "/" })!
                    : Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, WorkingDirectory = "/" })!;
                await Begun(record, script).ConfigureAwait(false);
                var started = record.Read();
                if (start.DebuggerPort is not null)
                    reporter.Step(
                        $"{name} waits for a debugger: {start.DebuggerCommand}. Where it crashes, its core lies beside its log, which names it."
                    );
                return started is { State: not UnikernelState.Exited } or { ExitCode: 0 }
                    ? started
                    : throw new HillingarException(
                        "HIL5058",
                        $"'{name}' ended at once{(started is null ? "" : $" with {started.ExitCode}")}: {Tail(record.Log)} Correct what it says; all it wrote is in '{record.Log}'.",
                        new Place(start.Image)
                    );
            }
        );

    /// <summary>Those that run, and those that have ended until another takes their name, or a week has passed.</summary>
    /// <exception cref="HillingarException">HIL5059: a record is damaged.</exception>
    public IReadOnlyList<RunningUnikernel> List() =>
        Directory.Exists(folder)
            ?
            [
                .. Directory
                    .GetDirectories(folder)
                    .Order(StringComparer.Ordinal)
                    .Select(path => new RunRecord(path).Read())
                    .OfType<RunningUnikernel>(),
            ]
            : [];

    /// <summary>One by its name, as it is now; null where there is none.</summary>
    public RunningUnikernel? Find(string name) => Name().IsMatch(name) ? new RunRecord(Path.Combine(folder, name)).Read() : null;

    /// <summary>One by its name, as it is now.</summary>
    /// <exception cref="HillingarException">HIL5057: there is none of that name.</exception>
    public RunningUnikernel Get(string name) =>
        Find(name)
        ?? throw new HillingarException(
            "HIL5057",
            $"There is no unikernel '{name}' here. {(Spelling.Nearest(name, List().Select(unikernel => unikernel.Name)) is { } near ? $"Did you mean {near}?" : "Get-Unikernel lists those that there are.")}"
        );

    /// <summary>Stops one: asks it to end, and after a time ends it. The tap interfaces that were made for it are removed.</summary>
    /// <param name="name">Its name; one that has ended already is no error.</param>
    /// <param name="timeout">How long it may take after it was asked.</param>
    /// <param name="cancellation">Gives up the waiting.</param>
    /// <returns>It, at its end.</returns>
    /// <exception cref="HillingarException">HIL5057: there is none of that name.</exception>
    public async Task<RunningUnikernel> Stop(string name, TimeSpan timeout, CancellationToken cancellation)
    {
        var unikernel = Get(name);
        if (unikernel.State == UnikernelState.Running)
        {
            Signal(name, Terminate);
            if (!await Ended(name, timeout, cancellation).ConfigureAwait(false))
            {
                reporter.Step($"{name} did not end within {timeout.TotalSeconds:0.#} s, and is killed");
                Signal(name, Kill);
                await Ended(name, Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
            }
        }

        await RemoveTaps(name, cancellation).ConfigureAwait(false);
        return Find(name) ?? unikernel with { State = UnikernelState.Lost };
    }

    /// <summary>Waits until one has ended.</summary>
    /// <exception cref="HillingarException">HIL5057: there is none of that name.</exception>
    public async Task<RunningUnikernel> Wait(string name, CancellationToken cancellation)
    {
        await Ended(name, Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
        return Get(name);
    }

    /// <summary>Waits until one has ended, but not for longer than a time.</summary>
    /// <exception cref="HillingarException">HIL5057: there is none of that name. HIL5095: it has not ended by then.</exception>
    public async Task<RunningUnikernel> Wait(string name, TimeSpan timeout, CancellationToken cancellation) =>
        Get(name) is var unikernel && await Ended(name, timeout, cancellation).ConfigureAwait(false)
            ? Find(name) ?? unikernel with { State = UnikernelState.Lost }
            : throw new HillingarException(
                "HIL5095",
                $"'{name}' has not ended within {timeout.TotalSeconds:0.#} s. {Advice.Say("Stop it", "Stop-Unikernel stops it")}, or wait for longer."
            );

    /// <summary>Stops one, and starts it again as it was started: the same image, arguments, devices and log.</summary>
    /// <param name="name">Its name; one that has ended already is started again.</param>
    /// <param name="timeout">How long it may take after it was asked to end.</param>
    /// <param name="cancellation">Stops; once it is stopped it is started too.</param>
    /// <exception cref="HillingarException">HIL5057: there is none of that name. As of <see cref="Start"/>.</exception>
    public async Task<RunningUnikernel> Restart(string name, TimeSpan timeout, CancellationToken cancellation)
    {
        var unikernel = Get(name);
        await Stop(name, timeout, cancellation).ConfigureAwait(false);
        var own = new RunRecord(Path.Combine(folder, unikernel.Name)).Log;
        return await Start(unikernel.Name, unikernel.Start, unikernel.LogPath == own ? null : unikernel.LogPath, CancellationToken.None)
            .ConfigureAwait(false);
    }

    /// <summary>Forgets one that has ended: its record and its log go; a log that was named stays.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5057: there is none of that name. HIL5096: it runs.</exception>
    public Task Remove(string name, CancellationToken cancellation) =>
        FileFault.Guard(
            folder,
            async () =>
            {
                using var turn = await FolderLock.Take(Path.Combine(folder, ".lock"), cancellation).ConfigureAwait(false);
                var unikernel = Get(name);
                if (unikernel.State == UnikernelState.Running)
                    throw new HillingarException(
                        "HIL5096",
                        $"'{name}' runs (process {unikernel.ProcessId}). Stop it before{Advice.Say("", ", or say -Force")}."
                    );
                await RemoveTaps(unikernel.Name, cancellation).ConfigureAwait(false);
                Tree.Delete(Path.Combine(folder, unikernel.Name));
                return true;
            }
        );

    /// <summary>Waits until one has ended; who gives up the waiting has stopped it.</summary>
    /// <inheritdoc cref="Wait(string, CancellationToken)"/>
    public async Task<RunningUnikernel> WaitOrStop(string name, CancellationToken cancellation)
    {
        try
        {
            return await Wait(name, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Stop(name, s_patience, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The lines that one wrote.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tail">Only so many of the last that are there now; null for all.</param>
    /// <param name="follow">Whether to go on with what it writes until it has ended.</param>
    /// <param name="cancellation">Ends the following.</param>
    /// <exception cref="HillingarException">HIL5057: there is none of that name. HIL1004: its log cannot be read.</exception>
    public async IAsyncEnumerable<string> Log(string name, int? tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var unikernel = Get(name);
        using var reader = OpenLog(unikernel);
        var (last, part) = (new Queue<string>(), new StringBuilder());
        for (var there = true; ; )
        {
            // Looked at before reading: what was written until the end is read after it.
            var lives = follow && Find(name) is { State: UnikernelState.Running } now && now.ProcessId == unikernel.ProcessId;
            for (IReadOnlyList<string>? lines; (lines = await Lines(reader, part, cancellation).ConfigureAwait(false)) is not null; )
                foreach (var line in lines)
                    if (!there || tail is null)
                        yield return line;
                    else
                    {
                        last.Enqueue(line);
                        if (last.Count > tail)
                            last.Dequeue();
                    }

            while (last.TryDequeue(out var line))
                yield return line;
            there = false;
            if (!lives)
                break;
            await Task.Delay(s_look, cancellation).ConfigureAwait(false);
        }

        if (part.Length > 0 && tail != 0)
            yield return part.ToString();
    }

    // A log of the user's may have been moved or deleted since.
    static StreamReader OpenLog(RunningUnikernel unikernel)
    {
        try
        {
            return new StreamReader(
                new FileStream(unikernel.LogPath, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
                Encoding.UTF8
            );
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new HillingarException(
                "HIL1004",
                $"The log of '{unikernel.Name}' cannot be read: {fault.Message}",
                new Place(unikernel.LogPath),
                fault
            );
        }
    }

    // Whole lines only: what has no end yet stays for the next time, and is a line when it is very long. Null at the end of what there is.
    static async Task<IReadOnlyList<string>?> Lines(StreamReader reader, StringBuilder part, CancellationToken cancellation)
    {
        var buffer = new char[Looked];
        var read = await reader.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        if (read == 0)
            return null;
        var lines = part.Append(buffer, 0, read).ToString().Split('\n');
        part.Clear();
        if (lines[^1].Length < LongestLine)
            part.Append(lines[^1]);
        return [.. (part.Length > 0 || lines[^1].Length == 0 ? lines[..^1] : lines).Select(line => line.TrimEnd('\r'))];
    }

    // Only for whoever has the turn.
    async Task Forget(string name, CancellationToken cancellation)
    {
        foreach (
            var ended in List()
                .Where(unikernel =>
                    unikernel.State != UnikernelState.Running
                    && (unikernel.Name == name || DateTimeOffset.UtcNow - (unikernel.Ended ?? unikernel.Started) > s_old)
                )
        )
        {
            await RemoveTaps(ended.Name, cancellation).ConfigureAwait(false);
            Tree.Delete(Path.Combine(folder, ended.Name));
        }

        if (Find(name) is { } running)
            throw new HillingarException(
                "HIL5056",
                $"A unikernel '{name}' runs already (process {running.ProcessId}, {running.Image}). Stop it, or give the new one another name with -Name."
            );
        // What was begun and never told of.
        Tree.Delete(Path.Combine(folder, name));
    }

    async Task RemoveTaps(string name, CancellationToken cancellation)
    {
        foreach (var command in new RunRecord(Path.Combine(folder, name)).LeftTaps())
        {
            reporter.Detail($"{command}");
            if (await ProcessRunner.Run(command, cancellation).ConfigureAwait(false) is { ExitCode: not 0 } result)
                reporter.Report(
                    new Diagnostic(
                        Severity.Warning,
                        "HIL5055",
                        $"'{command}' ended with {result.ExitCode}: {result.Error.Trim()} Remove the interface yourself."
                    )
                );
        }
    }

    static async Task Begun(RunRecord record, Process script)
    {
        var watch = Stopwatch.StartNew();
        while (!record.HasBegun && !script.HasExited && watch.Elapsed < s_begin)
            await Task.Delay(s_look / 5, CancellationToken.None).ConfigureAwait(false);
        for (watch.Restart(); watch.Elapsed < s_early && !script.HasExited; )
            await Task.Delay(s_look / 5, CancellationToken.None).ConfigureAwait(false);
    }

    async Task<bool> Ended(string name, TimeSpan timeout, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (Find(name) is { State: UnikernelState.Running })
        {
            if (timeout != Timeout.InfiniteTimeSpan && watch.Elapsed > timeout)
                return false;
            await Task.Delay(s_look, cancellation).ConfigureAwait(false);
        }

        return true;
    }

    void Signal(string name, int signal) =>
        new RunRecord(Path.Combine(folder, name)).Signal(process =>
        {
            if (kill(process, signal) != 0)
                reporter.Detail($"kill({process}, {signal}): error {Marshal.GetLastPInvokeError()}");
        });

    // A program that refuses an option says which one first, and how it is used after that; one that fails says why at the end.
    const int Head = 3,
        End = 5;

    // A log may have any length, and is looked at where that is.
    const int Looked = 1 << 16,
        LongestLine = 1 << 20,
        LongestTold = 1000;

    static string Tail(string log)
    {
        var lines = File.Exists(log) ? Ends(log).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
        lines = [.. lines.Select(line => line.Length <= LongestTold ? line : line[..LongestTold] + "…")];
        return lines.Length == 0
            ? "it wrote nothing."
            : Unpacker.Printable(
                string.Join(" / ", lines.Length <= Head + End ? lines : [.. lines.Take(Head), "…", .. lines.TakeLast(End)])
            ) + ".";
    }

    // The beginning and the end of a file.
    static string Ends(string log)
    {
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[(int)Math.Min(file.Length, 2 * Looked)];
        var read = file.ReadAtLeast(bytes.AsSpan(0, bytes.Length / 2), bytes.Length / 2, throwOnEndOfStream: false);
        file.Position = Math.Max(read, file.Length - (bytes.Length - read));
        read += file.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes.AsSpan(0, read));
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z")]
    private static partial Regex Name();

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}
