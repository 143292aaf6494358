namespace Hillingar.Build.Nix;

/// <summary>What system packages are called in nixpkgs, for descriptions that name those of other distributions only.</summary>
static class NixpkgsNames
{
    // Debian's and Alpine's names of what opam's conf-* packages ask for, and nixpkgs' own. What has the same name in both is not here.
    static readonly Dictionary<string, string?> s_names = new(StringComparer.Ordinal)
    {
        ["build-essential"] = null,
        ["gcc"] = null,
        ["g++"] = null,
        ["clang"] = "clang",
        ["make"] = null,
        ["m4"] = "m4",
        ["perl"] = "perl",
        ["which"] = "which",
        ["pkg-config"] = "pkg-config",
        ["pkgconf"] = "pkg-config",
        ["autoconf"] = "autoconf",
        ["automake"] = "automake",
        ["libtool"] = "libtool",
        ["libgmp-dev"] = "gmp",
        ["libffi-dev"] = "libffi",
        ["zlib1g-dev"] = "zlib",
        ["libssl-dev"] = "openssl",
        ["libev-dev"] = "libev",
        ["libpcre3-dev"] = "pcre",
        ["libpcre2-dev"] = "pcre2",
        ["libsqlite3-dev"] = "sqlite",
        ["libseccomp-dev"] = "libseccomp",
        ["libzstd-dev"] = "zstd",
        ["libcurl4-gnutls-dev"] = "curl",
        ["linux-libc-dev"] = "linuxHeaders",
        ["python3"] = "python3",
    };

    /// <summary>The attributes of nixpkgs for packages of distributions; null in the table is what every builder has.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> packages) =>
        [.. packages.Where(s_names.ContainsKey).Select(name => s_names[name]).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
}
