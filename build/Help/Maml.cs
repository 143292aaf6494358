using System.Globalization;
using System.Xml.Linq;

namespace Hillingar.BuildProgram;

/// <summary>
/// Help as PowerShell reads it (https://learn.microsoft.com/powershell/scripting/developer/help/writing-help-for-windows-powershell-cmdlets):
/// the words from the markdown pages, and what a parameter is from the cmdlets' metadata.
/// </summary>
static class Maml
{
    static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The help file of a module.</summary>
    /// <param name="cmdlets">The cmdlets.</param>
    /// <param name="online">Where the page of a cmdlet is to be read; null where nobody knows.</param>
    public static XDocument Write(IEnumerable<(CmdletShape Shape, HelpPage Page)> cmdlets, Func<string, string>? online) =>
        new(
            new XElement(
                "helpItems",
                new XAttribute("schema", "maml"),
                cmdlets.Select(cmdlet => Command(cmdlet.Shape, cmdlet.Page, online?.Invoke(cmdlet.Shape.Name)))
            )
        );

    static XElement Command(CmdletShape shape, HelpPage page, string? online) =>
        new(
            s_command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", s_maml),
            new XAttribute(XNamespace.Xmlns + "command", s_command),
            new XAttribute(XNamespace.Xmlns + "dev", s_dev),
            new XElement(
                s_command + "details",
                new XElement(s_command + "name", shape.Name),
                new XElement(s_command + "verb", shape.Verb),
                new XElement(s_command + "noun", shape.Noun),
                new XElement(s_maml + "description", Paragraphs([page.Synopsis]))
            ),
            new XElement(s_maml + "description", Paragraphs(page.Description)),
            new XElement(
                s_command + "syntax",
                shape.Sets.Select(set => new XElement(
                    s_command + "syntaxItem",
                    new XElement(s_maml + "name", shape.Name),
                    Everything(shape)
                        .Where(parameter => parameter.In(set) is not null)
                        .OrderBy(parameter => parameter.In(set)!.Position ?? int.MaxValue)
                        .ThenBy(parameter => parameter.In(set)!.Mandatory ? 0 : 1)
                        .ThenBy(parameter => parameter.Name, StringComparer.Ordinal)
                        .Select(parameter => Parameter(parameter, parameter.In(set)!, page, inSyntax: true))
                ))
            ),
            new XElement(
                s_command + "parameters",
                Everything(shape).Select(parameter => Parameter(parameter, parameter.Uses[0], page, inSyntax: false))
            ),
            new XElement(
                s_command + "inputTypes",
                shape
                    .Parameters.Where(parameter => parameter.Uses.Any(use => use.ByValue))
                    .Select(parameter => Typed("inputType", parameter.Type))
            ),
            new XElement(s_command + "returnValues", shape.OutputTypes.Select(type => Typed("returnValue", type))),
            new XElement(
                s_command + "examples",
                page.Examples.Select(
                    (example, place) =>
                        new XElement(
                            s_command + "example",
                            new XElement(s_maml + "title", $"---------- {place + 1}: {example.Title} ----------"),
                            new XElement(s_dev + "code", example.Code),
                            new XElement(s_dev + "remarks", Paragraphs([example.Remarks]))
                        )
                )
            ),
            // What Get-Help -Online opens, and HelpUri says.
            online is null
                ? null
                : new XElement(
                    s_command + "relatedLinks",
                    new XElement(
                        s_maml + "navigationLink",
                        new XElement(s_maml + "linkText", "Online:"),
                        new XElement(s_maml + "uri", online)
                    )
                )
        );

    // What every cmdlet has that asks before it writes.
    static readonly string[] s_asking = ["Confirm", "WhatIf"];

    static IEnumerable<ParameterShape> Everything(CmdletShape shape) =>
        shape.SupportsShouldProcess
            ? shape.Parameters.Concat(
                s_asking.Select(name => new ParameterShape(
                    name,
                    "SwitchParameter",
                    true,
                    [],
                    [],
                    false,
                    null,
                    [new(ParameterShape.AllSets, false, null, false, false)]
                ))
            )
            : shape.Parameters;

    static XElement Parameter(ParameterShape parameter, ParameterUse use, HelpPage page, bool inSyntax) =>
        new(
            s_command + "parameter",
            new XAttribute("required", Word(use.Mandatory)),
            new XAttribute("globbing", Word(parameter.Wildcards)),
            new XAttribute(
                "pipelineInput",
                (use.ByValue, use.ByPropertyName) switch
                {
                    (true, true) => "True (ByValue, ByPropertyName)",
                    (true, false) => "True (ByValue)",
                    (false, true) => "True (ByPropertyName)",
                    _ => "False",
                }
            ),
            new XAttribute("position", use.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
            new XElement(s_maml + "name", parameter.Name),
            new XElement(s_maml + "description", Paragraphs([Describe(parameter, page)])),
            parameter.Values.Count > 0 && inSyntax
                ? new XElement(
                    s_command + "parameterValueGroup",
                    parameter.Values.Select(value => new XElement(
                        s_command + "parameterValue",
                        new XAttribute("required", "false"),
                        new XAttribute("variableLength", "false"),
                        value
                    ))
                )
                : null,
            parameter.IsSwitch && inSyntax
                ? null
                : new XElement(
                    s_command + "parameterValue",
                    new XAttribute("required", Word(!parameter.IsSwitch)),
                    new XAttribute("variableLength", Word(parameter.Type.EndsWith("[]", StringComparison.Ordinal))),
                    parameter.Type
                ),
            new XElement(s_dev + "type", new XElement(s_maml + "name", parameter.Type))
        );

    static string Describe(ParameterShape parameter, HelpPage page) =>
        page.Parameters.GetValueOrDefault(parameter.Name)
        ?? parameter.Name switch
        {
            "WhatIf" => "Shows what would be done, and does nothing.",
            "Confirm" => "Asks before anything is done.",
            _ => throw new FormatException($"{page.Name} does not describe -{parameter.Name}."),
        };

    static XElement Typed(string element, string type) =>
        new(s_command + element, new XElement(s_dev + "type", new XElement(s_maml + "name", type)));

    static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) =>
        texts.SelectMany(text => text.Split("\n\n")).Select(text => new XElement(s_maml + "para", text));

    static string Word(bool value) => value ? "true" : "false";
}
