using System.Collections.Immutable;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Switches;

/// <summary>The file <c>NAME.config</c> that a package's build may leave: variables that other packages see as <c>NAME:variable</c> (<c>OpamFile.Dot_config</c>).</summary>
/// <param name="Variables">The variables.</param>
public sealed record ConfigFile(IReadOnlyDictionary<string, VariableValue> Variables)
{
    /// <summary>What a package without such a file has.</summary>
    public static ConfigFile Empty { get; } = new(ImmutableDictionary<string, VariableValue>.Empty);

    /// <summary>Reads a file; one that is not there has no variables.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HillingarException">Of the 1000s: it is not of opam's language. HIL5060: a variable is neither text, true, false nor a list of texts.</exception>
    public static ConfigFile Read(string path) => File.Exists(path) ? Of(Document.Read(path)) : Empty;

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What messages call it.</param>
    /// <exception cref="HillingarException">As of <see cref="Read"/>.</exception>
    public static ConfigFile Parse(string text, string path) => Of(Document.Parse(text, path));

    // Files without a version have the variables at the top.
    static ConfigFile Of(Document document) =>
        new(
            (document.Field("opam-version") is null ? document.Items : document.Section("variables")?.Items ?? [])
                .OfType<Field>()
                .GroupBy(field => field.Name)
                .ToImmutableDictionary(
                    fields => fields.Key,
                    fields =>
                        SourceConfig.VariableOf(fields.First().Value)
                        ?? throw new HillingarException(
                            "HIL5060",
                            $"The variable '{fields.Key}' is neither text, true, false nor a list of texts. Tell the package's maintainers.",
                            document.PlaceOf(fields.First())
                        )
                )
        );
}
