using System.Security;
using System.Text.RegularExpressions;
using Hillingar.Build.Files;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Requests;

/// <summary>The packages that a project itself is: its <c>*.opam</c> files, and one made of the dependencies that its project file names.</summary>
public static partial class Roots
{
    /// <summary>The version of packages that are not released, as opam-monorepo has it.</summary>
    public static OpamVersion Version { get; } = new("zdev");

    /// <summary>The root packages of a request, the project's own first.</summary>
    /// <exception cref="HillingarException">HIL6010: a version that is none. HIL6013: a name that is none. HIL6014: two files of one name. Of the 1000s: an opam file that cannot be read.</exception>
    public static IReadOnlyList<PackageFile> Of(Request request)
    {
        var files = request.OpamFiles.Select(path => Read(path)).ToList();
        if (files.GroupBy(file => file.Name!.Value).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new HillingarException(
                "HIL6014",
                $"Two opam files are named '{twice.Key}': {string.Join(" and ", twice.Select(file => file.Document.Path))}. Remove one.",
                new Place(request.ProjectFile)
            );
        var named = files.Select(file => file.Name!.Value).ToHashSet();
        // A dune-project says as much as the opam files that dune would make of it; those that are there win.
        var dune = DuneProject.Read(
            name => Path.Combine(request.Folder, name) is var path && File.Exists(path) ? File.ReadAllBytes(path) : null,
            request.Folder
        );
        if (
            dune is not null
            && new DuneProject([.. dune.Packages.Where(file => !named.Contains(file.Name!.Value))], []) is { Depends: true } described
        )
            files.AddRange(described.Packages);
        var project = Project(request, [.. files.Select(file => file.Name!.Value)], dune?.Pins ?? []);
        return [project, .. files, .. LocalFolder.Packages(request, [project, .. files])];
    }

    /// <summary>What of a request decides its lock, a line each; shown when they changed.</summary>
    public static IReadOnlyList<string> Lines(Request request, IReadOnlyList<PackageFile> roots) =>
        [
            .. request.Targets.Select(target => $"target {target}"),
            .. request.Platforms.Select(platform => $"platform {platform}"),
            .. request.HostSwitch == HostSwitchSource.Locked ? ["host switch locked"] : Array.Empty<string>(),
            .. request.Tests ? ["tests"] : Array.Empty<string>(),
            .. request.Repositories.Select(repository => $"repository {Address.WithoutCredentials(repository).Replace('\\', '/')}"),
            .. request.IsConfigured ? ConfigurationLines(request) : [],
            .. roots.SelectMany(Lines),
            .. Lines(SourceConfig.Of(roots)),
        ];

    // What config.ml asks for only mirage can say, and it says the same as long as these are the same.
    static IEnumerable<string> ConfigurationLines(Request request) =>
        [
            $"{request.Config} {request.ConfigSum}",
            .. ConfigInputs
                .Named(request)
                .Select(input => $"{request.Config} reads {input.Path} {Hashes.OfFile(input.File, [ChecksumKind.Sha256])[0]}"),
            .. request.Keys.Select(key => $"key {key.Argument}{(key.Target.Length > 0 ? $" for {key.Target}" : "")}"),
        ];

    static IEnumerable<string> Lines(SourceConfig config) =>
        [
            .. config.Repositories.Select(repository => $"repository {Address.WithoutCredentials(repository)} of opam files"),
            .. config.Overlays.Select(overlay => $"overlay {Address.WithoutCredentials(overlay)}"),
            .. config.OpamProvided.Select(name => $"provided {name}"),
            .. config.Variables.Select(pair => $"variable {pair.Name} = {pair.Value}"),
        ];

    static IEnumerable<string> Lines(PackageFile root) =>
        [
            $"{root.Name} depends {root.Depends}",
            .. root.Conflicts.IsEmpty ? Array.Empty<string>() : [$"{root.Name} conflicts {root.Conflicts}"],
            .. root.PinDepends.Select(pin => Line(root, pin)),
        ];

    /// <summary>The SHA-256 of what a root decides of a lock, in hex.</summary>
    internal static string Digest(PackageFile root) => Hashes.OfText(string.Join('\n', Lines(root).Concat(Lines(SourceConfig.Of([root])))));

    /// <summary>The line of a pin.</summary>
    internal static string Line(PackageFile root, Pin pin) => $"{root.Name} pins {pin.Package} to {Address.WithoutCredentials(pin.Url)}";

    static PackageFile Project(Request request, IReadOnlyCollection<PackageName> taken, IReadOnlyList<Pin> pins)
    {
        var places = new ProjectPlaces(request.ProjectFile);
        // An opam file of the unikernel's name is a root of its own, beside what the project file names. And where mirage says what is needed, the
        // unikernel may well be called as one of its libraries, which a root of that name would hide.
        var name =
            request.IsConfigured || taken.Any(other => other.Text == request.Name) ? request.Name + ProjectFields.Suffix : request.Name;
        if (!PackageName.IsValid(name))
            throw BadName("UnikernelName", name, places.OfProperty("UnikernelName"));
        if (
            request
                .Dependencies.GroupBy(dependency => dependency.Name, StringComparer.OrdinalIgnoreCase)
                .FirstOrDefault(group => group.Count() > 1) is
            { } twice
        )
            throw Twice([.. twice.Select(dependency => dependency.Name)], places);
        var implied = new[] { new Dependency("ocaml", ""), new Dependency("dune", "") }
            .Where(each => request.Dependencies.All(dependency => dependency.Name != each.Name))
            .ToList();
        var depends = implied.Concat(request.Dependencies).Select(dependency => Depend(dependency, places));
        var document = new PackageWriter()
            .Add("depends", Make.List(depends))
            .Add("pin-depends", Make.List(pins.Select(pin => Make.Strings(pin.Package.ToString(), pin.Url))))
            .Add(ProjectFields.ImpliedField, Make.List(implied.Select(each => Make.Text(each.Name))))
            .ToDocument(request.ProjectFile);
        return new PackageFile(document, new OpamPackage(new PackageName(name), Version));
    }

    /// <summary>What an item OpamDependency says, as an opam file says it.</summary>
    /// <exception cref="HillingarException">HIL6010: a version that is none. HIL6013: a name that is none.</exception>
    internal static Value Depend(Dependency dependency, ProjectPlaces places)
    {
        if (!PackageName.IsValid(dependency.Name))
            throw BadName("OpamDependency", dependency.Name, places.Of("OpamDependency", dependency.Name));
        var constraint = VersionText.ToOpam(dependency.Version, dependency.Name, () => places.Of("OpamDependency", dependency.Name));
        var name = $"\"{dependency.Name}\"";
        try
        {
            var value = Document.ParseValue(constraint.Length == 0 ? name : $"{name} {{{constraint}}}");
            // Only a constraint belongs between the braces: more would be another dependency, or a filter.
            return value is StringValue or OptionValue { Value: StringValue, Items: [_] }
                ? value
                : throw new HillingarException("HIL6010", "more than a constraint");
        }
        catch (HillingarException exception)
        {
            throw new HillingarException(
                "HIL6010",
                $"'{dependency.Version}' is no version of '{dependency.Name}': {exception.Message} Write an opam constraint such as >= \"1.6\" & < \"2\", or a NuGet range such as [1.6,2.0).",
                places.Of("OpamDependency", dependency.Name),
                exception
            );
        }
    }

    // Two packages of opam never differ in case alone, as many file systems could not hold both.
    static HillingarException Twice(IReadOnlyList<string> names, ProjectPlaces places)
    {
        var spellings = names.Distinct().ToList();
        var found = spellings
            .SelectMany(name => places.AllOf("OpamDependency", name))
            .OrderBy(place => (place.Line, place.Column))
            .ToList();
        var also =
            found.Count > 1
                ? $", at line {string.Join(" and line ", found.Select(place => place.Column > 0 && found.Count(other => other.Line == place.Line) > 1 ? $"{place.Line}, column {place.Column}" : $"{place.Line}"))}"
                : "";
        return new HillingarException(
            "HIL6015",
            $"OpamDependency '{spellings[0]}' is there twice{(spellings.Count > 1 ? $", in two spellings ({string.Join(", ", spellings)})" : "")}{also}. Make one of it, with the constraints joined by '&'.",
            found.Count > 0 ? found[^1] : places.Of("OpamDependency", spellings[0])
        );
    }

    static HillingarException BadName(string what, string name, Place place) =>
        new(
            "HIL6013",
            $"{what} '{name}' is no name that opam takes: letters, digits, '-', '_' and '+', at least one letter among them.{Meant(what, name)}",
            place
        );

    // A version that was written where the name belongs, or several names in one.
    static string Meant(string what, string name)
    {
        if (what != "OpamDependency")
            return
                what == "UnikernelName"
                && Regex.Replace(name.Trim(), "[^A-Za-z0-9_+-]+", "-").Trim('-') is var plain
                && PackageName.IsValid(plain)
                ? $" Write {plain}."
                : "";
        var names = name.Split([',', ' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (names.Length > 1 && names.All(part => PackageName.IsValid(part) && !char.IsAsciiDigit(part[0])))
            return $" Separate several by ';': Include=\"{string.Join(';', names)}\".";
        return VersionedName().Match(name) is { Success: true } match && PackageName.IsValid(match.Groups["name"].Value)
            ? $" Write Include=\"{match.Groups["name"].Value}\" Version=\"{SecurityElement.Escape(match.Groups["sign"].Value.Trim() is var sign && sign is "" or "." or "@" or "=" or "==" ? match.Groups["version"].Value : $"{sign} {match.Groups["version"].Value}")}\"."
            : "";
    }

    [GeneratedRegex(
        @"^\s*(?<name>[A-Za-z0-9_+-]*[A-Za-z][A-Za-z0-9_+-]*?)\s*(?<sign>\.|@|==?|>=|<=|>|<|\s)\s*(?<version>[0-9][0-9A-Za-z_.+~-]*)\s*\z"
    )]
    private static partial Regex VersionedName();

    static PackageFile Read(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return PackageName.IsValid(name)
            ? StrictCheck.Require(LocalRepository.Read(path, Version))
            : throw BadName("The opam file's name", name, new Place(path));
    }
}
