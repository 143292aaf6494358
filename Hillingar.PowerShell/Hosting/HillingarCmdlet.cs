using System.Collections;
using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Globalization;
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

    // A bar that stands still says how long it has.
    static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _stop = new();
    readonly Dictionary<string, Bar> _bars = [];
    string? _phase;
    BlockingCollection<Action>? _messages;
    object? _target;

    static HillingarCmdlet() => Advice.IsForPowerShell = true;

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
        catch (Exception exception) when (exception is SessionStateException or WildcardPatternException)
        {
            // A drive or a folder that is not there, or a pattern that is none: the shell's own words.
            WriteError(new ErrorRecord(((IContainsErrorRecord)exception).ErrorRecord, null));
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
            while (!messages.IsCompleted)
                if (messages.TryTake(out var write, s_tick))
                    write();
                else
                    Tick();
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
    private protected void Await(Func<CancellationToken, Task> work) =>
        Await(async cancellation =>
        {
            await work(cancellation).ConfigureAwait(false);
            return true;
        });

    /// <summary>Gives an object from within <see cref="Await{T}"/>'s work, when it comes.</summary>
    private protected void Give(object value) => Post(() => WriteObject(value));

    /// <summary>A path of the user's, in the file system: relative to the shell's location, which is not the process's folder.</summary>
    /// <exception cref="HillingarException">HIL7010: it is a path of something else, such as the environment.</exception>
    private protected string Full(string path) =>
        InFileSystem(path, SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _), provider);

    /// <summary>Does work for each file that <c>-Path</c> or <c>-LiteralPath</c> leads to, by PowerShell's rules. What is wrong with one is told, and the others have their turn.</summary>
    /// <param name="paths">The paths. One that leads nowhere is told by whoever looks for it there; a pattern may match nothing.</param>
    /// <param name="literal">Whether they are taken as they are, without wildcards.</param>
    /// <param name="work">The work, for a full path.</param>
    private protected void ForPaths(IEnumerable<string> paths, bool literal, Action<string> work)
    {
        foreach (var path in paths)
            if (literal || !WildcardPattern.ContainsWildcardCharacters(path))
                For(path, () => work(Full(literal ? path : WildcardPattern.Unescape(path))));
            else
            {
                Collection<string> matches = [];
                For(path, () => matches = Matches(path));
                foreach (var match in matches)
                    For(match, () => work(match));
            }
    }

    Collection<string> Matches(string pattern)
    {
        var matches = new Collection<string>();
        try
        {
            matches = GetResolvedProviderPathFromPSPath(pattern, out var provider);
            InFileSystem(pattern, "", provider);
        }
        catch (ItemNotFoundException)
        {
            // As in the shell's own cmdlets a pattern may match nothing.
            matches.Clear();
        }

        return matches.Count > 0 || !System.IO.Path.Exists(Full(pattern))
            ? matches
            : throw new HillingarException(
                "HIL7009",
                $"'{pattern}' is there, but its brackets are a pattern, which matches nothing. Name it with -LiteralPath, or escape them."
            );
    }

    static string InFileSystem(string path, string found, ProviderInfo provider) =>
        provider.Name == "FileSystem"
            ? found
            : throw new HillingarException(
                "HIL7010",
                $"'{path}' is a path of {provider.Name}, not of the file system. Go to a folder, or name one with its drive."
            );

    /// <summary>Repositories of the user's: addresses as they are, names as they were registered, folders by full path.</summary>
    private protected string[] Locations(string[]? repositories) =>
        Array.ConvertAll(
            repositories ?? [],
            location =>
                PackageIndex.IsAddress(location) ? location
                : IsName(location) && RepositoryRegistry.Default.Find(location) is { } registered ? registered.Location
                : Full(location)
        );

    // A folder is written ./folder where a repository is registered under its name.
    static bool IsName(string location) => location.AsSpan().IndexOfAny('/', '\\', ':') < 0;

    /// <summary>Asks before something is done, as <c>-WhatIf</c> and <c>-Confirm</c> want it.</summary>
    /// <param name="target">What it is done to.</param>
    /// <param name="action">What is done.</param>
    /// <param name="isPlanned">Whether what it would work on is only what a cmdlet before would have made: then it is told, and not done.</param>
    /// <returns>Whether to do it, or only to plan on, or neither.</returns>
    private protected Consent Ask(string target, string action, bool isPlanned = false)
    {
        var what = $"Performing the operation \"{action}\" on target \"{target}\".";
        if (isPlanned && !IsWhatIf)
        {
            WriteInformation(new HostInformationMessage { Message = $"What if: {what}" }, ["PSHOST"]);
            return Consent.Plan;
        }

        return ShouldProcess(what, null!, null!, out var reason) ? Consent.Yes
            : reason == ShouldProcessReason.WhatIf ? Consent.Plan
            : Consent.No;
    }

    /// <summary>Gives the next cmdlet of the pipeline what it would get, so that a plan tells all its steps; nobody else sees it.</summary>
    private protected void Plan(object planned)
    {
        if (MyInvocation.PipelinePosition < MyInvocation.PipelineLength)
            WriteObject(planned);
    }

    bool IsWhatIf =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
            ? bound is SwitchParameter { IsPresent: true }
            : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    /// <summary>A table of names and values as text.</summary>
    private protected static Dictionary<string, string> Pairs(IDictionary? table) =>
        table
            ?.Cast<DictionaryEntry>()
            .ToDictionary(
                pair => $"{pair.Key}",
                pair => Convert.ToString(pair.Value is PSObject value ? value.BaseObject : pair.Value, CultureInfo.InvariantCulture) ?? ""
            )
        ?? [];

    void IReporter.Report(Diagnostic diagnostic) =>
        Post(() =>
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

    void IReporter.Step(string message) =>
        Post(() =>
        {
            var text = Printable.Text(message);
            WriteVerbose(text);
            Show(MyInvocation.MyCommand.Name, text, -1);
        });

    void IReporter.Begins(string phase) =>
        Post(() =>
        {
            _phase = phase;
            // The bars of the phase before have had their time; its last step would stand on under the next one's work.
            EndBars();
            Show(MyInvocation.MyCommand.Name, phase, -1, always: true);
        });

    void IReporter.Detail(string message) => Post(() => WriteDebug(Printable.Text(message)));

    void IReporter.Progress(Progress progress) =>
        Post(() => Show(progress.Activity, Printable.Line($"{progress.Counts}: {progress.Item}"), progress.Percent, progress.IsDone));

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
        if (_bars.TryGetValue(activity, out var bar) && !always && Stopwatch.GetElapsedTime(bar.Shown) < s_pause)
            return;
        var now = Stopwatch.GetTimestamp();
        _bars[activity] = bar = new(bar?.Id ?? _bars.Count, status, percent, bar?.Status == status ? bar.Since : now, now);
        Write(activity, bar);
    }

    void Write(string activity, Bar bar)
    {
        // What takes no time is not worth a number.
        var elapsed = Stopwatch.GetElapsedTime(bar.Since);
        var text = elapsed < s_tick ? bar.Status : $"{bar.Status} ({PhaseTimes.Show(elapsed)})";
        var title = bar.Id == 0 && _phase is { } phase && bar.Status != phase ? $"{activity}: {phase}" : activity;
        WriteProgress(new ProgressRecord(bar.Id, title, text) { PercentComplete = bar.Percent, ParentActivityId = bar.Id == 0 ? -1 : 0 });
    }

    void Tick()
    {
        foreach (var (activity, bar) in _bars)
            Write(activity, bar);
    }

    void EndBars()
    {
        foreach (var (activity, bar) in _bars.Reverse())
            WriteProgress(new ProgressRecord(bar.Id, activity, "done") { RecordType = ProgressRecordType.Completed });
        _bars.Clear();
    }

    // What stands in a bar, since when, and when it was last shown.
    sealed record Bar(int Id, string Status, int Percent, long Since, long Shown);
}
