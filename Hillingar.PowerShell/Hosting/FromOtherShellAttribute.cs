using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Hillingar.Build.Locking;
using Hillingar.Build.Projects;

namespace Hillingar.PowerShell.Hosting;

/// <summary>
/// Takes what came from a job, another machine or a file: PowerShell makes bags of properties of objects on the way. A project is read anew,
/// from its file, as MSBuild read it there; an image is where it was; a fix is made of its words.
/// </summary>
/// <param name="type">What the parameter takes.</param>
sealed class FromOtherShellAttribute(Type type) : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is PSObject { BaseObject: IList many } ? many.Cast<object?>().Select(One).ToArray()
        : inputData is IList list ? list.Cast<object?>().Select(One).ToArray()
        : One(inputData);

    object? One(object? value)
    {
        if (value is not PSObject bag || !bag.TypeNames.Contains("Deserialized." + type.FullName))
            return value;
        return type == typeof(HillingarProject) ? Project(bag, "Path")
            : type == typeof(BuiltUnikernel)
                ? new BuiltUnikernel(
                    Project(bag, "ProjectPath"),
                    Text(bag, "Target"),
                    Text(bag, "Path"),
                    Convert.ToInt64(bag.Properties["Size"]?.Value, CultureInfo.InvariantCulture),
                    Text(bag, "BuildFolder")
                )
            : Fix(bag);
    }

    // Changes that belong together are one fix: where PowerShell did not write out all of it, nothing of it is applied.
    static LockFix Fix(PSObject bag)
    {
        var also = Many(bag, "Also").ToList();
        var kind = also.TrueForAll(other => other is PSObject inner && inner.Properties["Kind"] is not null)
            ? Enum.Parse<LockFixKind>(Text(bag, "Kind"))
            : LockFixKind.Other;
        return new LockFix(
            Text(bag, "Description"),
            kind,
            Text(bag, "ProjectFile"),
            Optional(bag, "Package"),
            Text(bag, "Version"),
            Optional(bag, "Owner"),
            Optional(bag, "Repository")
        )
        {
            Provided = [.. Many(bag, "Provided").Select(name => $"{name}")],
            Also = kind == LockFixKind.Other ? [] : [.. also.Cast<PSObject>().Select(Fix)],
        };
    }

    static IEnumerable<object?> Many(PSObject bag, string property) =>
        ((bag.Properties[property]?.Value as PSObject)?.BaseObject ?? bag.Properties[property]?.Value) switch
        {
            IEnumerable many and not string => many.Cast<object?>(),
            null => [],
            var one => [one],
        };

    static HillingarProject Project(PSObject bag, string path)
    {
        var properties =
            ((bag.Properties["Properties"]?.Value as PSObject)?.BaseObject ?? bag.Properties["Properties"]?.Value) as IDictionary;
        return Task.Run(() =>
                ProjectReader.Read(
                    Text(bag, path),
                    Optional(bag, "Configuration"),
                    properties?.Cast<DictionaryEntry>().ToDictionary(pair => $"{pair.Key}", pair => $"{pair.Value}") ?? [],
                    CancellationToken.None
                )
            )
            .GetAwaiter()
            .GetResult();
    }

    static string Text(PSObject bag, string property) => $"{bag.Properties[property]?.Value}";

    static string? Optional(PSObject bag, string property) => Text(bag, property) is { Length: > 0 } text ? text : null;
}
