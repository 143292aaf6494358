using Hillingar.Build.Confinement;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>What our tasks share: cancellation, and turning what Hillingar.Build tells into MSBuild's log.</summary>
public abstract class HillingarTask : Microsoft.Build.Utilities.Task, ICancelableTask, IReporter, IDisposable
{
    readonly CancellationTokenSource _cancellation = new();
    readonly PhaseTimes _times = new();
    readonly WorkLabel _label = new();

    /// <summary>The project's file, to which what has no place of its own is attributed.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The root of the user's stores, or empty for the default.</summary>
    public string CacheFolder { get; set; } = "";

    /// <summary>The warnings that were told.</summary>
    private protected List<Diagnostic> Warnings { get; } = [];

    /// <summary>The user's stores.</summary>
    private protected Stores Stores => CacheFolder.Length > 0 ? new Stores(CacheFolder) : Stores.Default;

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            Work();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            Log.LogMessage(MessageImportance.High, "Cancelled.");
            return false;
        }
        catch (HillingarException exception)
        {
            Report(exception.Diagnostic);
        }

        if (!Log.HasLoggedErrors && _times.Line() is { } line)
            Step(line);
        return !Log.HasLoggedErrors;
    }

    void Work()
    {
        if (!WorkDisplay.IsWanted)
        {
            FileFault.Guard(ProjectFile, () => Run(_cancellation.Token)).GetAwaiter().GetResult();
            return;
        }

        var work = Task.Run(() => FileFault.Guard(ProjectFile, () => Run(_cancellation.Token)));
        using var display = new WorkDisplay(BuildEngine, ProjectFile, _label);
        try
        {
            display.Until(work);
        }
        finally
        {
            // Where the build ended under us, nothing that was started outlives it.
            if (!work.IsCompleted)
                _cancellation.Cancel();
            ((IAsyncResult)work).AsyncWaitHandle.WaitOne();
        }

        work.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic)
    {
        ArgumentNullException.ThrowIfNull(diagnostic);
        var place = diagnostic.Place ?? new Place(ProjectFile);
        var text = OneLine.Of(diagnostic.Message);
        switch (diagnostic.Severity)
        {
            case Severity.Error:
                Log.LogError(null, diagnostic.Code, null, null, place.Shown, place.Line, place.Column, 0, 0, "{0}", text);
                break;
            case Severity.Warning when !Tells(diagnostic):
                Tell(MessageImportance.Low);
                break;
            case Severity.Warning:
                lock (Warnings)
                    Warnings.Add(diagnostic with { Place = place });
                Log.LogWarning(null, diagnostic.Code, null, null, place.Shown, place.Line, place.Column, 0, 0, "{0}", text);
                break;
            default:
                Tell(MessageImportance.High);
                break;
        }

        void Tell(MessageImportance importance) =>
            Log.LogMessage(null, diagnostic.Code, null, place.Shown, place.Line, place.Column, 0, 0, importance, "{0}", text);
    }

    /// <inheritdoc/>
    public void Step(string message)
    {
        _label.Step(message);
        Log.LogMessage(MessageImportance.High, "{0}", Printable.Text(message));
    }

    /// <inheritdoc/>
    public void Progress(Progress progress) => _label.Progress(progress);

    /// <inheritdoc/>
    public void Begins(string phase) => _label.Begin(phase);

    /// <inheritdoc/>
    public void Detail(string message) => Log.LogMessage(MessageImportance.Low, "{0}", Printable.Text(message));

    /// <inheritdoc/>
    public void Took(string phase, TimeSpan time) => _times.Add(phase, time);

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancellation.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads a lock that a restore made.</summary>
    /// <exception cref="HillingarException">HIL6001: there is none.</exception>
    private protected static LockFile ReadLock(string path) =>
        File.Exists(path)
            ? LockFile.Read(path)
            : throw new HillingarException("HIL6001", $"There is no lock '{path}'. Run 'dotnet restore'.");

    /// <summary>A property whose value is one of a few words.</summary>
    /// <exception cref="HillingarException">HIL6004: it is none of them.</exception>
    private protected T OneOf<T>(string property, string value)
        where T : struct, Enum => Build.Projects.OneOf.Word<T>(property, value, ProjectFile);

    /// <summary>Whether a warning is told, rather than written into a detailed log only.</summary>
    private protected virtual bool Tells(Diagnostic warning) => true;

    /// <summary>Does the work.</summary>
    private protected abstract Task Run(CancellationToken cancellation);
}
