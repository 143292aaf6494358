using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Repositories;

/// <summary>A git repository or reference cannot be read, or must not be.</summary>
public sealed class GitException : HillingarException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">What made us notice, if another exception did.</param>
    public GitException(string message, Exception? innerException = null)
        : base("HIL1009", message, innerException: innerException)
    {
    }
}
