using Hillingar.Build.Mirage;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;

namespace Hillingar.Build.Configuring;

/// <summary>A key of <c>config.ml</c>, decided when mirage configures.</summary>
/// <param name="Name">Its name, as a <c>MirageKey</c> has it.</param>
/// <param name="Value">The value that it was configured with; null where it has none.</param>
/// <param name="IsDefault">Whether that is mirage's own.</param>
public sealed record DescribedKey(string Name, string? Value, bool IsDefault)
{
    /// <summary>As <c>mirage describe</c> writes it.</summary>
    public override string ToString() => $"{Name}{(Value is null ? "" : $"={Value}")}{(IsDefault ? " (default)" : "")}";
}

/// <summary>A device that the unikernel has: something of the host stands behind it when it is started.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>network</c> or <c>block</c>.</param>
public sealed record DescribedDevice(string Name, string Kind)
{
    /// <summary>Both.</summary>
    public override string ToString() => $"{Name} ({Kind})";
}

/// <summary>Something that the running unikernel is told on its command line.</summary>
/// <param name="Expression">Where its code says so, such as <c>Unikernel.hello</c>.</param>
/// <param name="Names">How it is written, such as <c>--hello</c>; none where the sources do not say it in so many words.</param>
public sealed record DescribedArgument(string Expression, IReadOnlyList<string> Names)
{
    /// <summary>The names, or where the code says them.</summary>
    public override string ToString() => Names.Count > 0 ? string.Join(", ", Names) : Expression;
}

/// <summary>What mirage knows of a unikernel, as it was when a target was configured.</summary>
/// <param name="Target">The target.</param>
public sealed record MirageDescription(string Target)
{
    /// <summary>The keys with their values.</summary>
    public IReadOnlyList<DescribedKey> Keys { get; init; } = [];

    /// <summary>The devices; none for a target whose programs use the host's own.</summary>
    public IReadOnlyList<DescribedDevice> Devices { get; init; } = [];

    /// <summary>The packages that it asks for, as opam writes them.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>The arguments of the running unikernel; its <c>--help</c> has more to say of them.</summary>
    public IReadOnlyList<DescribedArgument> Arguments { get; init; } = [];

    /// <summary>What mirage recorded when it last configured the targets of a project; nothing is run.</summary>
    /// <param name="request">The project.</param>
    /// <param name="configuredFolder">The folder that mirage wrote into.</param>
    /// <param name="duniverse">The vendored sources, in which arguments of packages are looked up.</param>
    /// <returns>A description each of the targets that are configured; none for a project without a <c>config.ml</c>.</returns>
    public static IReadOnlyList<MirageDescription> Recorded(Request request, string configuredFolder, string duniverse)
    {
        ArgumentNullException.ThrowIfNull(request);
        var sources = new ModuleSources(request.Sources, duniverse);
        return !request.IsConfigured
            ? []
            :
            [
                .. request
                    .Targets.Where(target => File.Exists(ConfiguredTarget.StampOf(configuredFolder, target)))
                    .Select(target => ConfiguredTarget.Of(request, configuredFolder, target).Describe(request.Name, sources.Find)),
            ];
    }

    /// <summary>What mirage recorded of the project in a folder, where that has its <c>config.ml</c> and its <c>obj/</c> at their usual places; nobody asks MSBuild.</summary>
    /// <param name="folder">The project's folder.</param>
    public static IReadOnlyList<MirageDescription> Recorded(string folder)
    {
        var workspace = new Workspace(Path.Combine(folder, "obj", "hillingar"));
        if (!Directory.Exists(workspace.ConfiguredFolder))
            return [];
        // Without the links of a folder of somebody's, which may lead round in a circle.
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 3,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
        };
        var request = new Request(
            "unikernel",
            Path.Combine(folder, "unikernel.csproj"),
            [.. TargetTable.Rows.Select(row => row.Name)],
            [],
            [],
            []
        )
        {
            Sources =
            [
                .. Directory
                    .EnumerateFiles(folder, "*.ml", options)
                    .Take(MaxSources)
                    .Select(file => (Path.GetRelativePath(folder, file), file))
                    .Where(source => !source.Item1.StartsWith($"obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)),
            ],
        };
        return Recorded(request, workspace.ConfiguredFolder, workspace.DuniverseFolder);
    }

    const int MaxSources = 1000;

    /// <summary>All of it, in lines.</summary>
    public override string ToString() =>
        $"Target: {Target}{Part("Keys", Keys)}{Part("Devices", Devices)}{Part("Packages", Packages)}{Part("Arguments of the running unikernel", Arguments)}";

    static string Part(string title, IReadOnlyList<object> items) =>
        items.Count == 0 ? "" : $"\n{title}:{string.Concat(items.Select(item => $"\n  {item}"))}";
}
