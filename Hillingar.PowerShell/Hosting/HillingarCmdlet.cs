using System.Collections.Concurrent;
using System.Diagnostics;
using System.Management.Automation;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.PowerShell.Hosting;

/// <summary>
/// What our cmdlets share. Hillingar.Build works on threads of its own, and PowerShell's streams may be written to from the pipeline's
/// thread only: while work runs, that thread waits for messages and writes them. Ctrl+C cancels the work.
/// </summary>
public abstract class HillingarCmdlet : PSCmdlet, IReporter, IDisposable
{
    // Faster than one can read, a bar only costs time.
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    readonly CancellationTokenSource _stop = new();
    readonly Dictionary<string, (int Id, long Shown)> _bars = [];
    BlockingCollection<Action>? _messages;
    object? _target;

    /// <summary>The user's stores.</summary>
    private protected static Stores Stores => Stores.Default;

    /// <summary>Stops the work.</summary>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _messages?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Does work for one thing that was asked for. An error of ours is written, and the next thing has its turn.</summary>
    /// <param name="target">The thing, as the error names it.</param>
    /// <param name="work">The work, on the pipeline's thread.</param>
    private protected void For(object? target, Action work)
    {
        _target = target;
        try
        {
            work();
        }
        catch (HillingarException exception)
        {
            WriteError(Errors.Of(exception, target));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            EndBars();
        }
    }

    /// <summary>Runs work elsewhere and writes what it tells meanwhile.</summary>
    private protected T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        using var messages = _messages = [];
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var task = Task.Run(async () =>
        {
            try
            {
                return await work(abandoned.Token).ConfigureAwait(false);
            }
            finally
            {
                messages.CompleteAdding();
            }
        });
        try
        {
            foreach (var write in messages.GetConsumingEnumerable())
                write();
        }
        catch
        {
            // The pipeline ended under us (Select-Object -First, -ErrorAction Stop): the work ends before we leave, or it would go on unseen.
            abandoned.Cancel();
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
            throw;
        }

        return task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Await{T}"/>
    private protected void Await(Func<CancellationToken, Task> work) => Await(async cancellation =>
    {
        await work(cancellation).ConfigureAwait(false);
        return true;
    });

    /// <summary>Gives an object from within <see cref="Await{T}"/>'s work, when it comes.</summary>
    private protected void Give(object value) => Post(() => WriteObject(value));

    /// <summary>A path of the user's, in the file system: relative to the shell's location, which is not the process's folder.</summary>
    private protected string Full(string path) => GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>The files that paths lead to. One without wildcards that leads nowhere is told by whoever looks for it there.</summary>
    private protected IEnumerable<string> Files(params IEnumerable<string> paths) => paths.SelectMany(path =>
        WildcardPattern.ContainsWildcardCharacters(path) ? GetResolvedProviderPathFromPSPath(path, out _) : (IEnumerable<string>)[Full(path)]);

    /// <summary>Repositories of the user's: addresses as they are, folders by full path.</summary>
    private protected string[] Locations(string[]? repositories) => Array.ConvertAll(repositories ?? [], location => PackageIndex.IsAddress(location) ? location : Full(location));

    void IReporter.Report(Diagnostic diagnostic) => Post(() =>
    {
        switch (diagnostic.Severity)
        {
            case Severity.Error:
                WriteError(Errors.Of(diagnostic, _target));
                break;
            case Severity.Warning:
                WriteWarning($"{diagnostic.Code}: {Errors.Text(diagnostic)}");
                break;
            default:
                WriteInformation(new InformationRecord($"{diagnostic.Code}: {Errors.Text(diagnostic)}", "Hillingar"));
                break;
        }
    });

    void IReporter.Step(string message) => Post(() =>
    {
        var text = Printable.Text(message);
        WriteVerbose(text);
        Show(MyInvocation.MyCommand.Name, text, -1);
    });

    void IReporter.Detail(string message) => Post(() => WriteDebug(Printable.Text(message)));

    void IReporter.Progress(Progress progress) => Post(() => Show(progress.Activity, Printable.Line($"{progress.Counts}: {progress.Item}"), progress.Percent, progress.IsDone));

    void Post(Action write)
    {
        try
        {
            _messages?.Add(write);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ObjectDisposedException)
        {
            // Told after the work had ended, by something that it left behind: nobody listens any more.
            Debug.WriteLine(exception.Message);
        }
    }

    void Show(string activity, string status, int percent, bool always = false)
    {
        var known = _bars.TryGetValue(activity, out var bar);
        if (known && !always && Stopwatch.GetElapsedTime(bar.Shown) < s_pause)
            return;
        var id = known ? bar.Id : _bars.Count;
        _bars[activity] = (id, Stopwatch.GetTimestamp());
        WriteProgress(new ProgressRecord(id, activity, status) { PercentComplete = percent, ParentActivityId = id == 0 ? -1 : 0 });
    }

    void EndBars()
    {
        foreach (var (activity, (id, _)) in _bars.Reverse())
            WriteProgress(new ProgressRecord(id, activity, "done") { RecordType = ProgressRecordType.Completed });
        _bars.Clear();
    }
}
