using System.Text.Json.Nodes;
using Hillingar.Build.Depext;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Sources;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Nix;

/// <summary>
/// What a flake builds, as data: the lock, the project's files and its targets, in the JSON that the flake's Nix files read. Everything that
/// needs thought was thought of here: Nix only builds.
/// </summary>
public sealed record FlakePlan
{
    /// <summary>The version of the plan's layout.</summary>
    public const int Schema = 1;

    /// <summary>The unikernel's name.</summary>
    public required string Name { get; init; }

    /// <summary>The lock.</summary>
    public required LockFile Lock { get; init; }

    /// <summary>The opam file of a locked package that is not vendored, or null where no repository has it.</summary>
    public required Func<OpamPackage, RepositoryPackage?> Descriptions { get; init; }

    /// <summary>The folder of the project's files, relative to the flake's; <c>.</c> for the same.</summary>
    public string Folder { get; init; } = ".";

    /// <summary>The project's files: the path below the workspace's <c>src/</c>, and the path below <see cref="Folder"/>.</summary>
    public required IReadOnlyList<(string Path, string File)> Files { get; init; }

    /// <summary>The targets, the first first.</summary>
    public required IReadOnlyList<PlannedTarget> Targets { get; init; }

    /// <summary>What is to be cut out of vendored sources, by folder of the duniverse (<see cref="Build.Vendoring.Duniverse.Cuts"/>).</summary>
    public IReadOnlyDictionary<string, SourceCut> Cuts { get; init; } = new Dictionary<string, SourceCut>();

    /// <summary>The systems: those of the lock that Nix knows.</summary>
    public IReadOnlyList<NixSystem> Systems =>
        [.. NixSystem.All.Where(system => Lock.Platforms.Count == 0 ? system == NixSystem.Host : Lock.Platforms.Contains(system.Platform))];

    /// <summary>The plan's text.</summary>
    /// <exception cref="HillingarException">HIL5080: a value that no flake can hold. HIL5081: a source that nothing identifies. HIL5082: a lock for no system that Nix has.</exception>
    public override string ToString()
    {
        if (Systems.Count == 0)
            throw new HillingarException(
                "HIL5082",
                $"The lock is for {string.Join(", ", Lock.Platforms)}, and Nix builds on {string.Join(", ", NixSystem.All.Select(system => system.Platform))}. Add one of these to the project's build platforms."
            );
        var hostSwitch = new FlakeSwitch(Lock, Descriptions);
        var systems = Systems
            .Select(system => (system.Name, Duniverse: Duniverse(system), Switch: hostSwitch.On(system), System: NeededOf(system)))
            .ToList();
        var first = systems[0];
        var others = systems
            .Skip(1)
            .Select(other =>
                (
                    other.Name,
                    Own: JsonText.Object(
                        ("duniverse", Different(first.Duniverse, other.Duniverse)),
                        ("switch", Different(first.Switch, other.Switch)),
                        ("system", first.System.SequenceEqual(other.System) ? null : JsonText.Strings(other.System))
                    )
                )
            )
            .Where(other => other.Own.Count > 0);
        return JsonText.Of(
            JsonText.Object(
                ("schema", Schema),
                ("name", FlakeText.Checked(Name)),
                ("systems", JsonText.Strings(Systems.Select(system => system.Name))),
                ("folder", FlakeText.Checked(Folder)),
                ("order", JsonText.Array(Targets.Select(target => (JsonNode?)FlakeText.Checked(target.Name)))),
                ("targets", Members(Targets.Select(target => (target.Name, (JsonNode)TargetOf(target))))),
                (
                    "files",
                    Members(
                        Files
                            .OrderBy(file => file.Path, StringComparer.Ordinal)
                            .Select(file => (file.Path, (JsonNode)FlakeText.Checked(file.File)))
                    )
                ),
                ("compiler", hostSwitch.Compiler()),
                ("system", JsonText.Strings(first.System)),
                ("switch", Members(first.Switch.Select(pair => (pair.Key, (JsonNode)pair.Value)))),
                ("duniverse", Members(first.Duniverse.Select(pair => (pair.Key, (JsonNode)pair.Value)))),
                ("platforms", Members(others.Select(other => (other.Name, (JsonNode)other.Own))))
            )
        );
    }

    /// <summary>All sources that the flake fetches: what they are called in Nix's store, and the NAR hash of those that are folders.</summary>
    internal IReadOnlyList<(Source Source, string Name, string? NarHash)> Sources()
    {
        var host = new FlakeSwitch(Lock, Descriptions).Sources();
        return
        [
            .. Lock.Entries.Select(entry => Named(entry.Source, entry.Folder)),
            .. Lock
                .Entries.SelectMany(entry => entry.Preparations)
                .SelectMany(preparation => preparation.ExtraSources(Lock))
                .Select(extra => Named(extra, "extra")),
            .. host.Select(item => Named(item.Source, item.Name)),
        ];

        (Source, string, string?) Named(Source source, string name) =>
            (
                source,
                FlakeText.StoreName(name),
                Lock.NarHashes.Where(pair => pair.Url == source.Url).Select(pair => pair.Hash).FirstOrDefault()
            );
    }

    JsonObject TargetOf(PlannedTarget target) =>
        JsonText.Object(
            ("dune", FlakeText.Checked(target.DuneTarget)),
            ("context", FlakeText.Checked(target.Context)),
            ("profile", FlakeText.Checked(target.Profile)),
            ("image", FlakeText.Checked(target.Image)),
            ("systems", JsonText.Strings(Systems.Where(system => system.Builds(target.Name)).Select(system => system.Name)))
        );

    SortedDictionary<string, JsonObject> Duniverse(NixSystem system)
    {
        var sources = new FlakeSources(Lock);
        var folders = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var entry in Lock.Entries)
        {
            var cut = Cuts.GetValueOrDefault(entry.Folder);
            folders[entry.Folder] = JsonText.Object(
                ("packages", JsonText.Strings(entry.Packages)),
                ("source", sources.Of(entry.Source, entry.Folder)),
                (
                    "prepare",
                    JsonText.Array(
                        entry.Preparations.Select(preparation =>
                            sources.Of(
                                preparation,
                                preparation
                                    .Patches.Where(patch => patch.Filter.Holds(system.Environment.For(preparation.Package)))
                                    .Select(patch => patch.Value),
                                system
                                    .Environment.Variables.Select(pair => (pair.Key, pair.Value.ToString()))
                                    .Concat([
                                        ("jobs", "1"),
                                        ("name", preparation.Package.Name.Text),
                                        ("version", preparation.Package.Version.Text),
                                    ])
                            )
                        )
                    )
                ),
                ("remove", cut is null ? null : JsonText.Strings(cut.Removed)),
                (
                    "write",
                    cut is null
                        ? null
                        : Members(cut.Written.Select(file => (file.Name, (JsonNode)FlakeSources.File(file.Content.AsSpan()))))
                )
            );
        }
        return folders;
    }

    IReadOnlyList<string> NeededOf(NixSystem system)
    {
        var named = Depexts.Of(Lock, system.Environment);
        return named.Count > 0 ? named : NixpkgsNames.Of(Lock.Depexts.SelectMany(depext => depext.Value));
    }

    static JsonObject? Different(SortedDictionary<string, JsonObject> first, SortedDictionary<string, JsonObject> other) =>
        Members(
            other
                .Where(pair => !JsonNode.DeepEquals(pair.Value, first.GetValueOrDefault(pair.Key)))
                .Select(pair => (pair.Key, (JsonNode)pair.Value))
        )
            is { Count: > 0 } own
            ? own
            : null;

    static JsonObject Members(IEnumerable<(string Name, JsonNode Value)> members) =>
        JsonText.Members(members.Select(member => (FlakeText.Checked(member.Name).GetValue<string>(), (JsonNode?)member.Value)));
}
