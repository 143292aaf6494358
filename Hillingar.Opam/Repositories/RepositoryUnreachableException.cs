using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Repositories;

/// <summary>A repository cannot be fetched.</summary>
public sealed class RepositoryUnreachableException : HillingarException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">What made us notice, if another exception did.</param>
    public RepositoryUnreachableException(string message, Exception? innerException = null)
        : base("HIL1010", message, innerException: innerException)
    {
    }
}
