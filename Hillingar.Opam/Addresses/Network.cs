using System.Text;

namespace Hillingar.Opam.Addresses;

/// <summary>
/// What the work at hand may do on the network, and the passwords that its project gave. It goes with the work, as a culture does, into all
/// that it awaits.
/// </summary>
public sealed record Network
{
    static readonly AsyncLocal<Network?> s_current = new();

    /// <summary>What applies now; the strictest where nobody set anything.</summary>
    public static Network Current
    {
        get => s_current.Value ?? s_default;
        set => s_current.Value = value;
    }

    static readonly Network s_default = new();

    /// <summary>
    /// Whether a server of the internet may send on to an address of this machine or of a private network
    /// (<c>HillingarAllowPrivateRedirects</c>).
    /// </summary>
    public bool AllowPrivateRedirects { get; init; }

    /// <summary>
    /// The addresses with passwords that the project itself names. Locks do not hold them, so whoever fetches what a lock names finds them
    /// here.
    /// </summary>
    public IReadOnlyList<Address> Credentials { get; init; } = [];

    /// <summary>The same, and the passwords in some more addresses of the project's own.</summary>
    public Network With(IEnumerable<string> addresses) =>
        this with
        {
            Credentials =
            [
                .. Credentials
                    .Concat(
                        addresses
                            .Select(text => Address.TryParse(text, out var address, out _) ? address : null)
                            .OfType<Address>()
                            .Where(address => address.UserInfo.Length > 0)
                    )
                    .DistinctBy(address => address.Url),
            ],
        };

    /// <summary>
    /// The user and the password for an address: its own, else those that the project gave for this very server, for that path or one above
    /// it.
    /// </summary>
    public string UserInfoFor(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.UserInfo.Length > 0 || address.Uri is not { } uri || uri.IsFile
            ? address.UserInfo
            : Credentials.Where(known => Covers(known.Uri!, uri)).MaxBy(known => known.Uri!.AbsolutePath.Length)?.UserInfo ?? "";
    }

    /// <summary>The header by which HTTP sends a user and a password.</summary>
    internal static string Basic(string userInfo) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(userInfo)));

    static bool Covers(Uri known, Uri uri) =>
        IsSameServer(known, uri)
        && (
            uri.AbsolutePath == known.AbsolutePath
            || uri.AbsolutePath.StartsWith(known.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal)
        );

    /// <summary>Whether two addresses are of one server and protocol, so that one's password may go to the other.</summary>
    internal static bool IsSameServer(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.Port == right.Port && left.IdnHost.Equals(right.IdnHost, StringComparison.OrdinalIgnoreCase);
}
