using Hillingar.Opam.Addresses;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locks;

/// <summary>A package of the project itself, as it was when the lock was made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Depends">What it depends on.</param>
/// <param name="Pins">What it pins; no address has a password.</param>
sealed record LockedRoot(PackageName Name, Formula<FilteredPackage> Depends, IReadOnlyList<Pin> Pins)
{
    const string DependsWord = " depends ";

    /// <summary>What a lock holds of one of the project's packages.</summary>
    internal static LockedRoot Of(PackageFile root) => new(root.Name!.Value, root.Depends, [.. root.PinDepends.Select(Plain)]);

    /// <summary>Whether it has a pin.</summary>
    internal bool Has(Pin pin) => Pins.Contains(Plain(pin));

    /// <summary>How a lock writes it: <c>["NAME" [depends…] [["PACKAGE" "URL"]…]]</c>.</summary>
    internal Value ToValue() =>
        Make.List(Make.Text(Name.Text), Depends.ToValue(), Make.List(Pins.Select(pin => Make.Strings(pin.Package.ToString(), pin.Url))));

    /// <summary>The package as its file would be read.</summary>
    internal PackageFile ToFile() =>
        new(Document.Create([Make.Field("depends", Depends.ToValue())]), new OpamPackage(Name, Requests.Roots.Version));

    /// <summary>Reads what <see cref="ToValue"/> wrote, or null where it is something else.</summary>
    internal static LockedRoot? FromValue(Value value)
    {
        if (value is not ListValue { Items: [StringValue name, ListValue depends, ListValue pins] } || !PackageName.IsValid(name.Text))
            return null;
        // opam has no empty list of lists.
        List<Item> fields = [Make.Field("depends", depends), .. pins.Items.IsEmpty ? (Item[])[] : [Make.Field("pin-depends", pins)]];
        var file = new PackageFile(Document.Create(fields));
        var root = new LockedRoot(new PackageName(name.Text), file.Depends, file.PinDepends);
        return file.Check().Any() ? null : root;
    }

    /// <summary>The packages that lines of the request tell of, <c>NAME depends FORMULA</c>: locks that were made before they had a field for them have nothing else.</summary>
    internal static IEnumerable<LockedRoot> FromLines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            if (line.IndexOf(DependsWord, StringComparison.Ordinal) is var at and > 0 && PackageName.IsValid(line.AsSpan(0, at)))
                yield return new(
                    new PackageName(line[..at]),
                    new PackageFile(Document.Parse($"depends: [{line[(at + DependsWord.Length)..]}]", "x-hillingar-request")).Depends,
                    []
                );
    }

    static Pin Plain(Pin pin) => pin with { Url = Address.WithoutCredentials(pin.Url) };
}
