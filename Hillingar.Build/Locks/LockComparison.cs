using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Locks;

/// <summary>How a package differs between two locks.</summary>
public enum LockChange
{
    /// <summary>Only the later lock has it.</summary>
    Added,

    /// <summary>Only the earlier lock has it.</summary>
    Removed,

    /// <summary>The later lock has a later version.</summary>
    Upgraded,

    /// <summary>The later lock has an earlier version.</summary>
    Downgraded,

    /// <summary>The version is the same, but what it is made of is not: another archive, or now vendored and before not.</summary>
    Changed,
}

/// <summary>A package that differs between two locks.</summary>
/// <param name="Name">The package.</param>
/// <param name="Change">How it differs.</param>
/// <param name="Before">Its version in the earlier lock, or null.</param>
/// <param name="After">Its version in the later one, or null.</param>
/// <param name="Reason">What else differs, where the version does not.</param>
public sealed record LockDifference(string Name, LockChange Change, string? Before, string? After, string Reason = "")
{
    /// <summary>The package and its versions.</summary>
    public override string ToString() => $"{Name} {Before ?? "none"} -> {After ?? "none"}";
}

/// <summary>Compares locks.</summary>
public static class LockComparison
{
    /// <summary>What differs, by name.</summary>
    /// <param name="before">The earlier lock; null for none.</param>
    /// <param name="after">The later one.</param>
    public static IReadOnlyList<LockDifference> Of(LockFile? before, LockFile after)
    {
        ArgumentNullException.ThrowIfNull(after);
        var (old, now) = (Entries(before), Entries(after));
        return
        [
            .. old
                .Keys.Union(now.Keys)
                .Order()
                .Select(name => Compare(name.Text, old.GetValueOrDefault(name), now.GetValueOrDefault(name)))
                .OfType<LockDifference>(),
        ];
    }

    static LockDifference? Compare(string name, Entry? before, Entry? after) =>
        (before, after) switch
        {
            (null, { } added) => new(name, LockChange.Added, null, added.Version.Text),
            ({ } removed, null) => new(name, LockChange.Removed, removed.Version.Text, null),
            ({ } old, { } now) when old.Version != now.Version => new(
                name,
                now.Version.CompareTo(old.Version) >= 0 ? LockChange.Upgraded : LockChange.Downgraded,
                old.Version.Text,
                now.Version.Text
            ),
            ({ } old, { } now) when old.Vendored != now.Vendored => new(
                name,
                LockChange.Changed,
                old.Version.Text,
                now.Version.Text,
                now.Vendored ? "now vendored" : "no longer vendored"
            ),
            ({ } old, { } now) when !old.Checksums.SetEquals(now.Checksums) => new(
                name,
                LockChange.Changed,
                old.Version.Text,
                now.Version.Text,
                "another archive"
            ),
            ({ } old, { } now) when now.Checksums.Count == 0 && old.Url != now.Url => new(
                name,
                LockChange.Changed,
                old.Version.Text,
                now.Version.Text,
                $"{old.Url} -> {now.Url}"
            ),
            _ => null,
        };

    sealed record Entry(OpamVersion Version, bool Vendored, string? Url, HashSet<Checksum> Checksums);

    // An archive that moved is the same archive; a git source is what its commit says.
    static Dictionary<PackageName, Entry> Entries(LockFile? locked)
    {
        var sources = (locked?.Duniverse ?? []).GroupBy(source => source.Url).ToDictionary(group => group.Key, group => group.First());
        var urls = (locked?.Pins ?? []).GroupBy(pin => pin.Package).ToDictionary(group => group.Key, group => group.First().Url);
        return (locked?.Packages ?? []).ToDictionary(
            item => item.Package.Name,
            item =>
            {
                var url = urls.GetValueOrDefault(item.Package);
                return new Entry(
                    item.Package.Version,
                    item.Vendored,
                    url,
                    url is not null && sources.TryGetValue(url, out var source) ? [.. source.Checksums] : []
                );
            }
        );
    }
}
