using Hillingar.Build.Projects;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Hillingar.Sdk.Tasks;

/// <summary>Tells what mirage knows of a unikernel.</summary>
public sealed class DescribeUnikernel : ProjectTask
{
    /// <summary>What was told: an item each, with its <c>Type</c> (<c>key</c>, <c>device</c>, <c>package</c>, <c>argument</c>) and its <c>MirageTarget</c>.</summary>
    [Output]
    public ITaskItem[] Described { get; set; } = [];

    private protected override async System.Threading.Tasks.Task Run(CancellationToken cancellation)
    {
        var facts = Read();
        var described = await new ProjectWork(facts.Project(), this).Describe(facts.Picked, cancellation).ConfigureAwait(false);
        foreach (var line in described.SelectMany(target => target.ToString().Split('\n')))
            Step(line);
        Described =
        [
            .. described.SelectMany(target =>
                target.Keys.Select(key =>
                    Item(target.Target, "key", key.Name, ("Value", key.Value ?? ""), ("IsDefault", key.IsDefault ? "true" : "false"))
                )
            ),
            .. described.SelectMany(target =>
                target.Devices.Select(device => Item(target.Target, "device", device.Name, ("Kind", device.Kind)))
            ),
            .. described.SelectMany(target => target.Packages.Select(package => Item(target.Target, "package", package))),
            .. described.SelectMany(target =>
                target.Arguments.Select(argument =>
                    Item(target.Target, "argument", argument.Expression, ("Names", string.Join(' ', argument.Names)))
                )
            ),
        ];
    }

    static TaskItem Item(string target, string type, string name, params IEnumerable<(string Name, string Value)> metadata) =>
        new(name, metadata.Append(("Type", type)).Append(("MirageTarget", target)).ToDictionary(pair => pair.Item1, pair => pair.Item2));
}
