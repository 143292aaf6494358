using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sources;

/// <summary>An archive could not be had from any address.</summary>
public sealed class SourceUnavailableException : HillingarException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">What made us notice, if another exception did.</param>
    public SourceUnavailableException(string message, Exception? innerException = null)
        : base("HIL4005", message, innerException: innerException)
    {
    }
}
