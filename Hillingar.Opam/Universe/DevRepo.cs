namespace Hillingar.Opam.Universe;

/// <summary>Source repositories by the spellings of their addresses.</summary>
public static class DevRepo
{
    /// <summary>
    /// What two spellings of one repository have in common. As in opam-monorepo 0.4 (<c>uri_utils.ml</c>), only GitHub's are known to be
    /// one whatever the scheme, the user and <c>.git</c>.
    /// </summary>
    /// <param name="address">The field <c>dev-repo</c>.</param>
    public static string Key(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.IndexOf("://", StringComparison.Ordinal);
        if (at < 0)
            return address;
        var rest = address[(at + 3)..].Split('#', '?')[0];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !rest[..slash].Split('@')[^1].Split(':')[0].Equals("github.com", StringComparison.OrdinalIgnoreCase))
            return address;
        var path = rest[slash..];
        return "github.com" + (path.EndsWith(".git", StringComparison.Ordinal) ? path[..^4] : path);
    }
}
