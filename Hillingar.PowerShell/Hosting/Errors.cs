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
        var record = new ErrorRecord(exception.Diagnostic.Place is null ? exception : new PlacedException(exception), exception.Diagnostic.Code, Category(exception.Diagnostic.Code),
            exception is ConflictException conflict ? conflict.Conflict : target)
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
    public static string Text(Diagnostic diagnostic) => diagnostic.Place is { } place ? $"{place}: {diagnostic.Message}" : diagnostic.Message;

    /// <summary>The category of a code.</summary>
    public static ErrorCategory Category(string code) => code switch
    {
        "HIL1001" or "HIL1002" or "HIL1003" or "HIL5010" or "HIL5011" => ErrorCategory.ParserError,
        "HIL1004" or "HIL1006" or "HIL3005" or "HIL4004" or "HIL4040" or "HIL4050" or "HIL7002" or "HIL7003" or "HIL7006" or "HIL5057" or "HIL7009" or "HIL7012" or "HIL7014" => ErrorCategory.ObjectNotFound,
        "HIL1009" or "HIL1010" or "HIL4005" or "HIL4020" or "HIL4021" or "HIL6016" => ErrorCategory.ConnectionError,
        "HIL4007" => ErrorCategory.WriteError,
        "HIL4012" or "HIL4013" or "HIL4014" or "HIL4015" or "HIL4023" or "HIL4063" => ErrorCategory.SecurityError,
        "HIL4043" or "HIL5056" or "HIL5096" => ErrorCategory.ResourceExists,
        "HIL4060" or "HIL4061" or "HIL5001" or "HIL5002" or "HIL5003" or "HIL5005" or "HIL5052" or "HIL7005" => ErrorCategory.NotInstalled,
        "HIL2001" or "HIL3002" or "HIL6001" or "HIL5058" or "HIL7004" => ErrorCategory.InvalidOperation,
        "HIL5095" => ErrorCategory.OperationTimeout,
        "HIL6012" or "HIL6006" => ErrorCategory.NotImplemented,
        "HIL1005" or "HIL5050" or "HIL5051" or "HIL5053" or "HIL5054" or "HIL5055" or "HIL6007" or "HIL7007" => ErrorCategory.InvalidArgument,
        _ => code[3] switch
        {
            '1' or '3' or '4' => ErrorCategory.InvalidData,
            '5' => ErrorCategory.InvalidResult,
            _ => ErrorCategory.InvalidArgument,
        },
    };
}
