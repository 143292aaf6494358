using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Locks;

/// <summary>A file of others is where the project's lock is to be; it is never written over.</summary>
public sealed class ForeignLockException : HillingarException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Whose it is, and what to do.</param>
    /// <param name="place">The file, or the folder.</param>
    public ForeignLockException(string message, Place place)
        : base("HIL3006", message, place)
    {
    }
}
