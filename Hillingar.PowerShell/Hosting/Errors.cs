using System.Management.Automation;
using Hillingar.Build.Locking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.PowerShell.Hosting;

/// <summary>Diagnostics as PowerShell's error records: the code is the id, and the category tells scripts what kind of fault it is.</summary>
static class Errors
{
    // The module's format file has its view.
    const string TypeName = "Hillingar.ErrorRecord";

    /// <summary>The record of an exception of ours.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">What was worked on; a conflict, where there is one, is the target itself.</param>
    public static ErrorRecord Of(HillingarException exception, object? target)
    {
        var record = new ErrorRecord(
            exception.Diagnostic.Place is null ? exception : new PlacedException(exception),
            exception.Diagnostic.Code,
            Category(exception.Diagnostic.Code),
            exception is ConflictException conflict ? conflict.Conflict : target
        )
        {
            ErrorDetails = new ErrorDetails(Text(exception.Diagnostic)),
        };
        // Its view keeps the lines of an explanation, which PowerShell's own joins to one within a script.
        if (record.ErrorDetails.Message.Contains('\n', StringComparison.Ordinal))
            PSObject.AsPSObject(record).TypeNames.Insert(0, TypeName);
        return record;
    }

    /// <summary>The record of a diagnostic that nobody threw.</summary>
    public static ErrorRecord Of(Diagnostic diagnostic, object? target) => Of(new HillingarException(diagnostic), target);

    /// <summary>The message with its place.</summary>
    public static string Text(Diagnostic diagnostic) =>
        diagnostic.Place is { } place ? $"{place}: {diagnostic.Message}" : diagnostic.Message;

    /// <summary>The category of a code.</summary>
    public static ErrorCategory Category(string code) =>
        Enum.TryParse<ErrorCategory>(FaultKind.Of(code)?.Category, out var category) ? category : ErrorCategory.NotSpecified;
}
