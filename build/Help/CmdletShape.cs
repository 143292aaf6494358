using System.Reflection;

namespace Hillingar.BuildProgram;

/// <summary>How a parameter takes part in a parameter set.</summary>
sealed record ParameterUse(string Set, bool Mandatory, int? Position, bool ByValue, bool ByPropertyName);

/// <summary>A parameter, as its attributes say it.</summary>
sealed record ParameterShape(
    string Name,
    string Type,
    bool IsSwitch,
    IReadOnlyList<string> Values,
    IReadOnlyList<string> Aliases,
    bool Wildcards,
    string? Completer,
    IReadOnlyList<ParameterUse> Uses
)
{
    public const string AllSets = "__AllParameterSets";

    /// <summary>Its use in a parameter set, or null where it is not in it.</summary>
    public ParameterUse? In(string set) => Uses.FirstOrDefault(use => use.Set == set || use.Set == AllSets);
}

/// <summary>
/// A cmdlet, as the metadata of its assembly says it. The assembly is only read: the reference assembly that cmdlets are compiled
/// against cannot run, and its attributes give empty values when they are made.
/// </summary>
sealed record CmdletShape(
    string Verb,
    string Noun,
    string Class,
    string? DefaultSet,
    bool SupportsShouldProcess,
    IReadOnlyList<string> OutputTypes,
    IReadOnlyList<ParameterShape> Parameters
)
{
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The names of the parameter sets, the default first.</summary>
    public IReadOnlyList<string> Sets =>
        Parameters
            .SelectMany(parameter => parameter.Uses)
            .Select(use => use.Set)
            .Where(set => set != ParameterShape.AllSets)
            .Distinct()
            .OrderBy(set => set == DefaultSet ? 0 : 1)
            .ThenBy(set => set, StringComparer.Ordinal)
            .DefaultIfEmpty(ParameterShape.AllSets)
            .ToList();

    /// <summary>The cmdlets of an assembly, by name.</summary>
    /// <param name="assembly">Its path; what it refers to lies beside it, in the runtime's folder, or among the others.</param>
    /// <param name="others">Further assemblies that it refers to.</param>
    public static IReadOnlyList<CmdletShape> Read(string assembly, params IEnumerable<string> others)
    {
        var folders = new[]
        {
            Path.GetDirectoryName(Path.GetFullPath(assembly))!,
            Path.GetDirectoryName(typeof(object).Assembly.Location)!,
        };
        using var context = new MetadataLoadContext(
            new PathAssemblyResolver(
                folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.dll")).Concat(others).DistinctBy(Path.GetFileName)
            )
        );
        return
        [
            .. context
                .LoadFromAssemblyPath(Path.GetFullPath(assembly))
                .GetTypes()
                .Select(type => (Type: type, Cmdlet: Attribute(type, "CmdletAttribute")))
                .Where(pair => pair.Cmdlet is not null)
                .Select(pair => Of(pair.Type, pair.Cmdlet!))
                .OrderBy(shape => shape.Name, StringComparer.Ordinal),
        ];
    }

    static CmdletShape Of(Type type, CustomAttributeData cmdlet) =>
        new(
            (string)cmdlet.ConstructorArguments[0].Value!,
            (string)cmdlet.ConstructorArguments[1].Value!,
            type.Name,
            Named<string>(cmdlet, "DefaultParameterSetName"),
            Named<bool>(cmdlet, "SupportsShouldProcess"),
            [
                .. Attributes(type, "OutputTypeAttribute")
                    .SelectMany(output => output.ConstructorArguments)
                    .SelectMany(Flat)
                    .Select(argument => ((Type)argument.Value!).FullName!),
            ],
            [
                .. type.GetProperties()
                    .Where(property => Attribute(property, "ParameterAttribute") is not null)
                    .Select(Of)
                    .OrderBy(parameter => parameter.Name, StringComparer.Ordinal),
            ]
        );

    static ParameterShape Of(PropertyInfo property)
    {
        var type = property.PropertyType.Name == "Nullable`1" ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
        return new(
            property.Name,
            type.Name,
            type.Name == "SwitchParameter",
            type.IsEnum ? [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.Name)] : [],
            [
                .. Attributes(property, "AliasAttribute")
                    .SelectMany(alias => alias.ConstructorArguments)
                    .SelectMany(Flat)
                    .Select(argument => (string)argument.Value!),
            ],
            Attribute(property, "SupportsWildcardsAttribute") is not null,
            Attribute(property, "ArgumentCompleterAttribute") is { ConstructorArguments: [var completer] }
                ? ((Type)completer.Value!).FullName
                : null,
            [
                .. Attributes(property, "ParameterAttribute")
                    .Select(parameter => new ParameterUse(
                        Named<string>(parameter, "ParameterSetName") ?? ParameterShape.AllSets,
                        Named<bool>(parameter, "Mandatory"),
                        Named<int?>(parameter, "Position"),
                        Named<bool>(parameter, "ValueFromPipeline"),
                        Named<bool>(parameter, "ValueFromPipelineByPropertyName")
                    )),
            ]
        );
    }

    static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name) =>
        member.CustomAttributes.Where(attribute => attribute.AttributeType.Name == name);

    static CustomAttributeData? Attribute(MemberInfo member, string name) => Attributes(member, name).FirstOrDefault();

    static T? Named<T>(CustomAttributeData attribute, string name) =>
        attribute
            .NamedArguments.Where(argument => argument.MemberName == name)
            .Select(argument => (T?)argument.TypedValue.Value)
            .FirstOrDefault();

    static IEnumerable<CustomAttributeTypedArgument> Flat(CustomAttributeTypedArgument argument) =>
        argument.Value is IEnumerable<CustomAttributeTypedArgument> many ? many : [argument];
}
