using System.Diagnostics;
using Hillingar.Build.Reporting;
using Hillingar.Build.Running;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Hosting;

/// <summary>A unikernel that this process started, and that ends with it, or with its disposal.</summary>
public sealed class Unikernel : IAsyncDisposable
{
    const string Name = "unikernel";
    static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    readonly UnikernelOptions _options;
    readonly string _folder = Directory.CreateTempSubdirectory("hillingar-hosting-").FullName;
    readonly UnikernelRuns _runs;
    int _disposed;

    Unikernel(UnikernelOptions options)
    {
        _options = options;
        _runs = new UnikernelRuns(_folder, new Silent());
    }

    /// <summary>The image.</summary>
    public string Image => _options.Image;

    /// <summary>The number of its process, or of its tender's.</summary>
    public int ProcessId => _runs.Get(Name).ProcessId;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _runs.Find(Name) is { State: UnikernelState.Running };

    /// <summary>Its exit code, once it has ended and where that is known.</summary>
    public int? ExitCode => _runs.Find(Name)?.ExitCode;

    /// <summary>Starts a unikernel and waits until it serves.</summary>
    /// <param name="options">The image, with what, and how one knows that it serves.</param>
    /// <param name="cancellationToken">Stops the waiting, and the unikernel.</param>
    /// <exception cref="HillingarException">HIL5058: it ended with an error before it was ready. HIL5099: it was not ready in time. HIL5030 and others of the 5000s: the image, its devices, or what is to start it.</exception>
    public static async Task<Unikernel> StartAsync(UnikernelOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var unikernel = new Unikernel(options);
        try
        {
            var start = new UnikernelStart(options.Target ?? UnikernelStart.TargetOf(options.Image), options.Image)
            {
                Arguments = options.Arguments,
                CreateTaps = options.CreateTaps,
                Memory = options.Memory,
                Tender = options.Tender,
            };
            await unikernel
                ._runs.Start(Name, start.With(options.Networks, options.Blocks, new Dictionary<string, string>()), null, cancellationToken)
                .ConfigureAwait(false);
            AppDomain.CurrentDomain.ProcessExit += unikernel.AtExit;
            await unikernel.ReadyAsync(cancellationToken).ConfigureAwait(false);
            return unikernel;
        }
        catch
        {
            await unikernel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The lines that it has written, standard output and error alike.</summary>
    /// <param name="follow">Whether to go on with what it writes until it has ended.</param>
    /// <param name="cancellationToken">Ends the following.</param>
    public IAsyncEnumerable<string> ReadLogAsync(bool follow = true, CancellationToken cancellationToken = default) =>
        _runs.Log(Name, null, follow, cancellationToken);

    /// <summary>Waits until it has ended by itself.</summary>
    /// <param name="cancellationToken">Gives up the waiting; the unikernel goes on.</param>
    /// <returns>Its exit code, where that is known.</returns>
    public async Task<int?> WaitForExitAsync(CancellationToken cancellationToken = default) =>
        (await _runs.Wait(Name, cancellationToken).ConfigureAwait(false)).ExitCode;

    /// <summary>Asks it to end, and kills it where it does not in time. What it wrote can be read until it is disposed of.</summary>
    /// <param name="cancellationToken">Gives up the waiting.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default) =>
        await _runs.Stop(Name, _options.StopTimeout, cancellationToken).ConfigureAwait(false);

    /// <summary>Stops it, and takes away what it wrote.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        AppDomain.CurrentDomain.ProcessExit -= AtExit;
        if (_runs.Find(Name) is not null)
            await StopAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    // Whoever forgets to dispose of it, or is ended by Ctrl+C, leaves no unikernel behind.
    void AtExit(object? sender, EventArgs e) => DisposeAsync().AsTask().GetAwaiter().GetResult();

    async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (_options.HealthCheck is not { } check)
            return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ReadyTimeout);
        var watch = Stopwatch.StartNew();
        try
        {
            while (!await check(this, limit.Token).ConfigureAwait(false))
            {
                if (!IsRunning)
                    throw new HillingarException(
                        "HIL5058",
                        $"'{Image}' ended{(ExitCode is { } code ? $" with {code}" : "")} before it was ready.{await EndOfLogAsync().ConfigureAwait(false)} Correct what it says."
                    );
                await Task.Delay(s_look, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HillingarException(
                "HIL5099",
                $"'{Image}' was not ready after {watch.Elapsed.TotalSeconds:0.#} s.{await EndOfLogAsync().ConfigureAwait(false)} Correct its health check or its arguments, or give it more time (ReadyTimeout).",
                null,
                exception
            );
        }
    }

    async Task<string> EndOfLogAsync()
    {
        var lines = new List<string>();
        await foreach (var line in _runs.Log(Name, 10, false, CancellationToken.None).ConfigureAwait(false))
            lines.Add(line);
        return lines.Count == 0 ? " It wrote nothing." : $" It wrote:\n{string.Join('\n', lines)}\n";
    }

    // What is worth a word is an exception here.
    sealed class Silent : IReporter
    {
        public void Report(Diagnostic diagnostic) { }

        public void Step(string message) { }

        public void Detail(string message) { }
    }
}
