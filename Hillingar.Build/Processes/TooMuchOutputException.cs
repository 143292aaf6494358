using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Processes;

/// <summary>A program wrote more than it may, and was ended.</summary>
public sealed class TooMuchOutputException : HillingarException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">What made us notice, if another exception did.</param>
    public TooMuchOutputException(string message, Exception? innerException = null)
        : base("HIL5008", message, innerException: innerException)
    {
    }
}
