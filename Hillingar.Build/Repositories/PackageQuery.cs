using System.Text.RegularExpressions;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Repositories;

/// <summary>Packages as one types them: <c>lwt</c>, <c>lwt.5.7.0</c>, <c>dns-server&gt;=10</c>, <c>lwt [5.6,6.0)</c>.</summary>
public static partial class PackageQuery
{
    /// <summary>A package and its version, as a project would depend on it.</summary>
    /// <exception cref="HillingarException">HIL1005: there is no package name at the beginning. HIL6010: what follows is no version.</exception>
    public static Dependency Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Parts().Match(text.Trim()) is not { Success: true } match)
            throw new HillingarException(
                "HIL1005",
                $"'{text}' is no package; expected NAME, NAME.VERSION, 'NAME>=VERSION' or 'NAME [LOW,HIGH)'"
            );
        var (name, rest) = (match.Groups["name"].Value, match.Groups["rest"].Value.Trim());
        if (!PackageName.IsValid(name))
            throw new HillingarException(
                "HIL1005",
                $"'{name}' is no package name; expected letters, digits and - _ +, with at least one letter"
            );
        var version = rest.StartsWith('.') ? $"= \"{rest[1..]}\"" : rest;
        _ = Atom(name, VersionText.ToOpam(version, name));
        return new Dependency(name, version);
    }

    /// <summary>A package with an opam constraint.</summary>
    /// <exception cref="HillingarException">HIL6010: it is none.</exception>
    internal static PackageAtom Atom(string name, string constraint)
    {
        try
        {
            var value = Document.ParseValue(constraint.Length == 0 ? $"\"{name}\"" : $"\"{name}\" {{{constraint}}}");
            return
                new PackageFile(Document.Create([new Field("depends", Make.List([value]))])).Depends.Evaluate(OpamEnvironment.Empty)
                    is Formula<PackageAtom>.Atom atom
                ? atom.Value
                : throw new HillingarException("HIL6010", "more than one package");
        }
        catch (HillingarException exception)
        {
            throw new HillingarException(
                "HIL6010",
                $"'{constraint}' is no version of '{name}': {exception.Message}. Write an opam constraint such as >= \"1.6\" & < \"2\", or a NuGet range such as [1.6,2.0).",
                null,
                exception
            );
        }
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z0-9_+-]+)(?<rest>(\.[A-Za-z0-9_.+~-]+|\s*[=!<>(\[].*|\s+\S.*)?)\z", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
