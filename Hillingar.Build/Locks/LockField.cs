using Hillingar.Opam.Addresses;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locks;

/// <summary>A field of a lock: how it is read into a property, and how that is written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Read">The lock with what the field says.</param>
/// <param name="Write">Its value; null where the lock has nothing for it.</param>
sealed record LockField(string Name, Func<LockFile, LockReader, string, LockFile> Read, Func<LockFile, Value?> Write)
{
    /// <summary>All fields that hold what a lock has, each with its property. What of opam-monorepo's is always there is written empty, too.</summary>
    public static IReadOnlyList<LockField> All { get; } =
    [
        new(
            "depends",
            (locked, reader, _) => locked with { Packages = reader.Depends() },
            locked => Make.List(locked.Packages.OrderBy(item => item.Package).Select(LockText.Depend))
        ),
        new(
            "x-opam-monorepo-duniverse-dirs",
            (locked, reader, name) => locked with { Duniverse = reader.Sources(name) },
            locked => LockText.Sources(locked.Duniverse)
        ),
        new(
            "pin-depends",
            (locked, reader, _) => locked with { Pins = reader.File.PinDepends },
            locked =>
                Some(
                    locked
                        .Pins.OrderBy(pin => pin.Package)
                        .Select(pin => Make.Strings(pin.Package.ToString(), Address.WithoutCredentials(pin.Url)))
                )
        ),
        new(
            "depexts",
            (locked, reader, _) => locked with { Depexts = reader.File.Depexts },
            locked => Some(locked.Depexts.Select(LockFile.Depext))
        ),
        Strings(
            "x-opam-monorepo-cli-args",
            locked => locked.Arguments.Select(Address.WithoutCredentials),
            (locked, arguments) => locked with { Arguments = arguments }
        ),
        Pairs(
            "x-hillingar-repositories",
            locked => locked.Contents.Select(pair => (Address.WithoutCredentials(pair.Address), pair.Content)),
            (locked, pairs) => locked with { Contents = pairs }
        ),
        Pairs(
            "x-hillingar-advisories",
            locked => locked.Advisories is { } advisories ? [(Address.WithoutCredentials(advisories.Address), advisories.Content)] : [],
            (locked, pairs) => locked with { Advisories = pairs is [var first, ..] ? first : null }
        ),
        Strings("x-hillingar-platforms", locked => locked.Platforms, (locked, platforms) => locked with { Platforms = platforms }),
        Strings("x-hillingar-targets", locked => locked.Targets, (locked, targets) => locked with { Targets = targets }),
        Packages("x-hillingar-host-switch", locked => locked.HostSwitch, (locked, packages) => locked with { HostSwitch = packages }),
        Strings("x-hillingar-partial", locked => locked.Partial, (locked, folders) => locked with { Partial = folders }),
        new(
            "x-opam-monorepo-root-packages",
            (locked, reader, name) => locked with { RootPackages = reader.Strings(name) },
            locked => Make.Strings(locked.RootPackages.Order(StringComparer.Ordinal))
        ),
        Strings("x-opam-monorepo-opam-provided", locked => locked.OpamProvided, (locked, names) => locked with { OpamProvided = names }),
        Strings(
            "x-opam-monorepo-opam-repositories",
            locked => locked.Repositories.Select(Address.WithoutCredentials),
            (locked, repositories) => locked with { Repositories = repositories }
        ),
        new(
            "x-opam-monorepo-global-opam-vars",
            (locked, reader, name) => locked with { Variables = [.. reader.Pairs(name)] },
            locked =>
                Some(
                    locked
                        .Variables.OrderBy(pair => pair.Name, StringComparer.Ordinal)
                        .Select(pair => Make.List(Make.Text(pair.Name), LockText.Variable(pair.Value)))
                )
        ),
        Strings(
            "x-hillingar-request",
            locked => locked.Request.Select(Address.WithoutCredentials),
            (locked, lines) => locked with { Request = lines }
        ),
        new(
            "x-hillingar-roots",
            (locked, reader, name) => locked with { HeldRoots = reader.Roots(name) },
            locked => Some((locked.HeldRoots ?? []).Select(root => root.ToValue()))
        ),
        Pairs("x-hillingar-configured", locked => locked.Configured, (locked, pairs) => locked with { Configured = pairs }),
        Packages("x-hillingar-provided", locked => locked.Provided, (locked, packages) => locked with { Provided = packages }),
        new(
            "x-hillingar-tools",
            (locked, reader, name) => locked with { Tools = reader.Sources(name) },
            locked => locked.Tools.Count > 0 ? LockText.Sources(locked.Tools) : null
        ),
        Strings(
            "x-hillingar-mirrors",
            locked => locked.Mirrors.Select(Address.WithoutCredentials),
            (locked, mirrors) => locked with { Mirrors = mirrors }
        ),
        Pairs(
            "x-hillingar-nar-hashes",
            locked =>
                locked
                    .NarHashes.OrderBy(pair => pair.Url, StringComparer.Ordinal)
                    .Select(pair => (Address.WithoutCredentials(pair.Url), pair.Hash)),
            (locked, pairs) => locked with { NarHashes = pairs }
        ),
        new(
            "x-hillingar-prepared",
            (locked, reader, name) => locked with { Preparations = reader.Preparations(name) },
            locked => Some(locked.Preparations.OrderBy(preparation => preparation.Package).Select(preparation => preparation.ToValue()))
        ),
    ];

    static LockField Strings(string name, Func<LockFile, IEnumerable<string>> get, Func<LockFile, IReadOnlyList<string>, LockFile> set) =>
        new(name, (locked, reader, field) => set(locked, reader.Strings(field)), locked => Some(get(locked).Select(Make.Text)));

    static LockField Packages(
        string name,
        Func<LockFile, IReadOnlyList<OpamPackage>> get,
        Func<LockFile, IReadOnlyList<OpamPackage>, LockFile> set
    ) =>
        new(
            name,
            (locked, reader, field) => set(locked, reader.Packages(field)),
            locked => Some(get(locked).Order().Select(package => Make.Text(package.ToString())))
        );

    static LockField Pairs(
        string name,
        Func<LockFile, IEnumerable<(string, string)>> get,
        Func<LockFile, IReadOnlyList<(string, string)>, LockFile> set
    ) =>
        new(
            name,
            (locked, reader, field) => set(locked, [.. reader.Pairs(field).Select(pair => (pair.Name, pair.Value.ToString()))]),
            locked => Some(get(locked).Select(pair => Make.Strings(pair.Item1, pair.Item2)))
        );

    static ListValue? Some(IEnumerable<Value> values) => Make.List(values) is ListValue { Items.IsEmpty: false } list ? list : null;
}
