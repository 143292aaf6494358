namespace Hillingar.Opam.Diagnostics;

/// <summary>
/// An error that is the input's or the environment's fault, told as a <see cref="Hillingar.Opam.Diagnostics.Diagnostic"/>.
/// </summary>
public class HillingarException : Exception
{
    /// <summary>Makes the exception that tells <paramref name="diagnostic"/>.</summary>
    /// <param name="diagnostic">What is wrong, where, and what to do.</param>
    /// <param name="innerException">What made us notice, if another exception did.</param>
    public HillingarException(Diagnostic diagnostic, Exception? innerException = null)
        : base(diagnostic.Message, innerException) => Diagnostic = diagnostic;

    /// <summary>Makes the exception of an error without other trimmings.</summary>
    /// <param name="code">The code, <c>HIL</c> and four digits.</param>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="place">Where, if a file is to blame.</param>
    /// <param name="innerException">What made us notice, if another exception did.</param>
    public HillingarException(string code, string message, Place? place = null, Exception? innerException = null)
        : this(new Diagnostic(Severity.Error, code, message, place), innerException) { }

    /// <summary>What is wrong, where, and what to do.</summary>
    public Diagnostic Diagnostic { get; }
}
