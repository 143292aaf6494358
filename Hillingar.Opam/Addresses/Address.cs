using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Addresses;

/// <summary>
/// An address in an opam file, a lock or a project: of a git repository (<c>git+https://host/path#reference</c>) or of a file (<c>https</c>,
/// <c>http</c>, <c>file</c>). All of them are read here, and what is not of these protocols is read nowhere: no other reaches git or HTTP.
/// </summary>
public sealed record Address
{
    /// <summary>The protocols that git may use, as its variable <c>GIT_ALLOW_PROTOCOL</c> has them.</summary>
    public const string GitProtocols = "file:git:http:https:ssh";

    static readonly string[] s_schemes = GitProtocols.Split(':');

    Address(string url, string? reference, bool isGit, Uri? uri) => (Url, Reference, IsGit, Uri) = (url, reference, isGit, uri);

    /// <summary>The address as git or HTTP takes it, user and password included: without <c>git+</c> and <c>#reference</c>.</summary>
    public string Url { get; }

    /// <summary>What follows <c>#</c>, or null.</summary>
    public string? Reference { get; }

    /// <summary>Whether it says of itself that it is a git repository: by <c>git+</c>, <c>git://</c> or <c>ssh://</c>.</summary>
    public bool IsGit { get; }

    /// <summary>The address for HTTP, or null for a path of this machine.</summary>
    public Uri? Uri { get; }

    /// <summary>Whether it lies on this machine.</summary>
    public bool IsLocal => Uri is null || Uri.IsFile;

    /// <summary>The path on this machine.</summary>
    public string LocalPath => Uri?.LocalPath ?? Url;

    /// <summary>The user and the password as they are written, or an empty text.</summary>
    public string UserInfo => Uri is null ? "" : Uri.UserInfo;

    /// <summary>The address without a password, and without the user but for ssh, which needs one: as locks and messages hold it.</summary>
    public string Plain => UserInfo.Length == 0 ? Url : Secrets.HideUsers(Url);

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="address">What it is.</param>
    /// <param name="why">Why it is none.</param>
    public static bool TryParse(string text, out Address address, out string why)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = null!;
        var isGit = text.StartsWith("git+", StringComparison.Ordinal);
        var (url, reference) = Split(text);
        why = "";
        // An address that begins so would be an option of git's.
        if (url.Length == 0 || url[0] == '-')
            why = "nothing is named";
        else if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) && c != ' '))
            why = "it holds a character that no address has";
        else if (IsPath(url))
            address = new(url, reference, isGit, null);
        else if (url.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var colon))
            why = "it names no protocol";
        else if (!s_schemes.Contains(url[..colon]))
            why = $"the protocol '{Printable.Line(url[..colon])}' is not used";
        else if (!System.Uri.TryCreate(url, UriKind.Absolute, out var uri))
            why = "its host or its path cannot be read";
        else if (uri.IsFile && uri.Host is not ("" or "localhost"))
            why = "a file of another machine is not read";
        else if (
            !uri.IsFile
            && (uri.Host.Length == 0 || uri.Host[0] == '-' || uri.UserInfo.StartsWith('-') || url[(colon + 3)..].StartsWith('-'))
        )
            why = "it names no host";
        else
            address = new(url, reference, isGit || url[..colon] is "git" or "ssh", uri);
        return address is not null;
    }

    /// <summary>The address without <c>git+</c> and <c>#reference</c>, and the reference; of any text.</summary>
    public static (string Address, string? Reference) Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = text.StartsWith("git+", StringComparison.Ordinal) ? text[4..] : text;
        return plain.IndexOf('#', StringComparison.Ordinal) is var at and >= 0 ? (plain[..at], plain[(at + 1)..]) : (plain, null);
    }

    /// <summary>Any text that names a place, without passwords: what a lock holds of it.</summary>
    public static string WithoutCredentials(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains("://", StringComparison.Ordinal) ? Secrets.HideUsers(text) : text;
    }

    /// <summary>The address as messages show it.</summary>
    public override string ToString() => Printable.Line(Plain);

    // Windows would log in to a machine that such a path names.
    static bool IsPath(string url) =>
        Path.IsPathRooted(url) && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith(@"\\", StringComparison.Ordinal);
}
