using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sources;

/// <summary>A commit is not in the store, and the network may not be used.</summary>
public sealed class NotInStoreException : HillingarException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">What made us notice, if another exception did.</param>
    public NotInStoreException(string message, Exception? innerException = null)
        : base("HIL4021", message, innerException: innerException)
    {
    }
}
