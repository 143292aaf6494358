namespace Hillingar.Opam.Addresses;

/// <summary>A server sends on to where nobody goes: to ask again would change nothing.</summary>
/// <param name="message">Where it sends, and why that is not followed.</param>
public sealed class RedirectRefusedException(string message) : HttpRequestException(message);
