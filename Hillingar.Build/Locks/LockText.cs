using Hillingar.Build.Sources;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locks;

/// <summary>How a lock writes what it holds.</summary>
static class LockText
{
    /// <summary>A package of <c>depends</c>.</summary>
    public static Value Depend(LockedPackage item)
    {
        Formula<FilteredConstraint> condition = new Formula<FilteredConstraint>.Atom(
            new FilteredConstraint.Constraint(RelationalOperator.Equal, new Filter.Text(item.Package.Version.Text))
        );
        if (item.Vendored)
            condition = Formula<FilteredConstraint>.MakeAnd(condition, When(new Filter.Defined(Filter.Ident.TryParse("vendor")!)));
        if (item.Platforms.Count > 0)
        {
            var platforms = item
                .Platforms.Select(name => name.Split('-'))
                .Select(name => Formula<FilteredConstraint>.MakeAnd(Is("arch", name[0]), Is("os", name[^1])));
            var either = platforms.Aggregate(Formula<FilteredConstraint>.MakeOr);
            condition = Formula<FilteredConstraint>.MakeAnd(condition, new Formula<FilteredConstraint>.Block(either));
        }

        return Make.Option(Make.Text(item.Package.Name.Text), condition.ToValue());

        static Formula<FilteredConstraint> When(Filter filter) => new Formula<FilteredConstraint>.Atom(new FilteredConstraint.When(filter));
        static Formula<FilteredConstraint> Is(string variable, string value) =>
            When(new Filter.Comparison(Filter.Ident.TryParse(variable)!, RelationalOperator.Equal, new Filter.Text(value)));
    }

    /// <summary>A variable's value.</summary>
    public static Value Variable(VariableValue value) =>
        value.IsBool ? new BoolValue(value.Truth == true)
        : value.Items is [var text] ? Make.Text(text)
        : Make.Strings(value.Items);

    /// <summary>Sources, in the order of opam-monorepo.</summary>
    public static Value Sources(IEnumerable<LockedSource> sources) =>
        Make.List(
            sources
                .OrderBy(
                    source => Order(source.Url),
                    Comparer<(string, string, string)>.Create((left, right) => CompareOrdinal(left, right))
                )
                .Select(source =>
                    Make.List([
                        Make.Text(Address.WithoutCredentials(source.Url)),
                        Make.Text(source.Folder),
                        .. source.Checksums.IsEmpty
                            ? (Value[])[]
                            : [Make.Strings(source.Checksums.Select(checksum => checksum.ToString()))],
                    ])
                )
        );

    // opam orders addresses by transport, path and what follows '#' (OpamUrl.compare); "git+" says how to read, not how to transport.
    static (string, string, string) Order(string url)
    {
        var (plain, reference) = GitSource.Split(url);
        return plain.IndexOf("://", StringComparison.Ordinal) is var at and >= 0
            ? (plain[..at], plain[(at + 3)..], reference ?? "")
            : ("", plain, reference ?? "");
    }

    static int CompareOrdinal((string, string, string) left, (string, string, string) right) =>
        string.CompareOrdinal(left.Item1, right.Item1) is not 0 and var transport ? transport
        : string.CompareOrdinal(left.Item2, right.Item2) is not 0 and var path ? path
        : string.CompareOrdinal(left.Item3, right.Item3);
}
