namespace Hillingar.Solver;

/// <summary>
/// What all versions of a package, or the user, say about one thing: the unit in which an explanation takes facts in or leaves
/// them out. Two topics are the same where they are equal.
/// </summary>
/// <param name="Subject">The package; null for the user.</param>
abstract record Topic(Package? Subject)
{
    /// <summary>What the user asks for.</summary>
    sealed record Wish(Dependency Said) : Topic((Package?)null);

    /// <summary>What a package requires of another.</summary>
    sealed record Requiring(Package Owner, Package Target) : Topic(Owner);

    /// <summary>What a package prohibits of another.</summary>
    sealed record Prohibiting(Package Owner, Package Target) : Topic(Owner);

    /// <summary>A package's choices among the same packages.</summary>
    sealed record Choosing(Package Owner, string Targets) : Topic(Owner);

    /// <summary>A package's membership in a conflict class.</summary>
    sealed record Membership(Package Owner, string Class) : Topic(Owner);

    /// <summary>That some versions of a package are no candidates.</summary>
    sealed record Rejections(Package Owner) : Topic(Owner);

    /// <summary>Whether it is why versions are no candidates.</summary>
    public bool IsRejection => this is Rejections;

    /// <summary>What a dependency belongs to.</summary>
    /// <param name="subject">Who says it; null for the user.</param>
    /// <param name="said">The dependency.</param>
    public static Topic Of(Package? subject, Dependency said) =>
        subject is null
            ? new Wish(said)
            : said switch
            {
                Requirement requirement => new Requiring(subject, requirement.Package),
                Prohibition prohibition => new Prohibiting(subject, prohibition.Package),
                Choice choice => new Choosing(subject, string.Join(' ', PackagesOf(choice))),
                _ => throw new InvalidOperationException($"{said.GetType()} is no dependency."),
            };

    /// <summary>What a package's memberships in a class belong to.</summary>
    public static Topic OfClass(Package subject, string name) => new Membership(subject, name);

    /// <summary>That some versions of a package are no candidates.</summary>
    public static Topic OfRejections(Package subject) => new Rejections(subject);

    /// <summary>What a fact of a search belongs to: within a choice, that choice.</summary>
    public static Topic Of(Fact fact)
    {
        var (role, said) = (fact.Subject, (fact as DependencyFact)?.Said);
        while (role is ChoiceRole { Owner: { } owner } choice)
            (role, said) = (owner, choice.Choice);
        var subject = (role as PackageRole)?.Package;
        return said is not null ? Of(subject, said)
            : fact is ClassFact membership && subject is not null ? OfClass(subject, membership.Name)
            : throw new InvalidOperationException($"{fact.GetType()} is no fact of a package.");
    }

    /// <summary>The packages that a dependency is about.</summary>
    public static IEnumerable<Package> PackagesOf(Dependency dependency) =>
        dependency switch
        {
            Requirement requirement => [requirement.Package],
            Prohibition prohibition => [prohibition.Package],
            Choice choice => choice.Alternatives.SelectMany(alternative => alternative.SelectMany(PackagesOf)),
            _ => [],
        };
}
