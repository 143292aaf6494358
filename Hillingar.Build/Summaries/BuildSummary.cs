using System.Text.Json;
using Hillingar.Build.Auditing;
using Hillingar.Build.Graphs;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Summaries;

/// <summary>An image that a summary tells of.</summary>
/// <param name="Target">Its mirage target.</param>
/// <param name="Path">The file.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Sha256">Its checksum, in hex.</param>
/// <param name="Abi">Solo5's target, or empty.</param>
public sealed record SummaryImage(string Target, string Path, long Size, string Sha256, string Abi);

/// <summary>A package of which the lock's repositories have a newer version than the locked one.</summary>
/// <param name="Name">The package.</param>
/// <param name="Locked">The locked version.</param>
/// <param name="Newest">The newest that this machine can have.</param>
/// <param name="By">Which constraint of which package holds it; null where only the lock does, which stays until an update.</param>
public sealed record HeldPackage(string Name, OpamVersion Locked, OpamVersion Newest, string? By);

/// <summary>What to sum up.</summary>
/// <param name="Name">The unikernel's name.</param>
/// <param name="LockFile">The lock's path.</param>
/// <param name="Images">The images that were built.</param>
public sealed record SummaryOptions(string Name, string LockFile, IReadOnlyList<SummaryImage> Images)
{
    /// <summary>How the project audits; null for not at all.</summary>
    public AuditOptions? Audit { get; init; }

    /// <summary>The lock to compare with: a file, a folder that holds one, or a git revision of this one; null for none.</summary>
    public string? Reference { get; init; }

    /// <summary>A <c>manifest.json</c> that was published before, whose sizes to compare with; null for none.</summary>
    public string? ReferenceManifest { get; init; }

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; init; }
}

/// <summary>What a build came to, and how that differs from an earlier one: for the page of a pipeline's run, and for who reviews an update.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Lock">The lock.</param>
/// <param name="Changes">What differs from the lock to compare with; null where there is none.</param>
/// <param name="SizesBefore">The sizes before, by target.</param>
/// <param name="Findings">The known vulnerabilities that are severe enough; null where nobody looked.</param>
/// <param name="FindingsBefore">Those of the lock to compare with, by what is known now; null where there is none.</param>
/// <param name="Graph">The packages and who needs whom, without what follows; null where the repositories are not at hand.</param>
public sealed record BuildSummary(
    SummaryOptions Options,
    LockFile Lock,
    IReadOnlyList<LockDifference>? Changes,
    IReadOnlyDictionary<string, long> SizesBefore,
    IReadOnlyList<Finding>? Findings,
    IReadOnlyList<Finding>? FindingsBefore,
    DependencyGraph? Graph
)
{
    /// <summary>The packages that are not at their newest version, and what holds them; null where the repositories are not at hand.</summary>
    public IReadOnlyList<HeldPackage>? Held { get; init; }

    /// <summary>Sums up. That advisories or repositories cannot be had is told, and leaves out what they would say.</summary>
    /// <param name="options">What to sum up.</param>
    /// <param name="stores">Where indexes and advisories are kept.</param>
    /// <param name="reporter">Is told what did not go as wished.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL7003: there is no lock to compare with. HIL5042: the manifest to compare with is none.</exception>
    public static async Task<BuildSummary> Of(SummaryOptions options, Stores stores, IReporter reporter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(reporter);
        var locked = LockFile.Read(options.LockFile);
        var before = options.Reference is null
            ? null
            : await LockLocation.Read(options.Reference, options.LockFile, locked.Folder, cancellation).ConfigureAwait(false);
        var findings = await Find(locked).ConfigureAwait(false);
        IReadOnlyList<HeldPackage>? held = null;
        var graph = await Try(async () =>
            {
                var repository = await LockGraph.Open(locked, [], stores, reporter, options.Offline, cancellation).ConfigureAwait(false);
                var holding = new Holding(locked, [.. locked.Roots.Select(root => root.ToFile())], repository);
                held =
                [
                    .. holding.Behind.Select(behind => new HeldPackage(
                        behind.Locked.Name.Text,
                        behind.Locked.Version,
                        behind.Newest.Package.Version,
                        holding.Of(behind.Newest)
                    )),
                ];
                return LockGraph
                    .Of(options.Name, locked, repository, new GraphMarks { Older = before, Findings = findings ?? [] }, reporter)
                    .Reduce();
            })
            .ConfigureAwait(false);
        return new BuildSummary(
            options,
            locked,
            before is null ? null : LockComparison.Of(before, locked),
            options.ReferenceManifest is { } manifest ? Sizes(Path.GetFullPath(manifest, locked.Folder)) : new Dictionary<string, long>(),
            findings,
            // By the same advisories: one that is new is no doing of the lock's.
            before is null
            || findings is null
                ? null
                : await Find(before with { Advisories = locked.Advisories }).ConfigureAwait(false),
            graph
        )
        {
            Held = held,
        };

        Task<IReadOnlyList<Finding>?> Find(LockFile of) =>
            options.Audit is not { } audit || of.Advisories is null
                ? Task.FromResult<IReadOnlyList<Finding>?>(null)
                : Try(async () =>
                    (IReadOnlyList<Finding>)
                        [
                            .. (
                                await new Auditor(stores, reporter, options.Offline).Find(of, null, cancellation).ConfigureAwait(false)
                            ).Where(finding => Build.Auditing.Audit.IsTold(finding, audit)),
                        ]
                );

        async Task<T?> Try<T>(Func<Task<T>> action)
            where T : class
        {
            try
            {
                return await action().ConfigureAwait(false);
            }
            catch (HillingarException exception)
            {
                // Who may not use the network knows what cannot be had.
                reporter.Report(exception.Diagnostic with { Severity = options.Offline ? Severity.Information : Severity.Warning });
                return null;
            }
        }
    }

    static Dictionary<string, long> Sizes(string manifest)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(manifest));
            return json
                .RootElement.GetProperty("images")
                .EnumerateArray()
                .ToDictionary(image => image.GetProperty("target").GetString()!, image => image.GetProperty("size").GetInt64());
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or UnauthorizedAccessException
                        or JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
                        or ArgumentException
            )
        {
            throw new HillingarException(
                "HIL5042",
                $"There are no sizes to compare with: {exception.Message.TrimEnd('.')}. Name the manifest.json of an earlier publication.",
                new Place(manifest),
                exception
            );
        }
    }
}
