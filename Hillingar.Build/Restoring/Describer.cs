using Hillingar.Build.Configuring;
using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Restoring;

/// <summary>Tells what mirage knows of a project's unikernel.</summary>
public sealed class Describer(Stores stores, IReporter reporter)
{
    /// <summary>Has mirage configure what is not configured yet as it is now, and tells what it recorded.</summary>
    /// <param name="request">The project.</param>
    /// <param name="lockFile">Its lock.</param>
    /// <param name="options">How mirage is got and run.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5077: the project has no <c>config.ml</c>. HIL6001: there is no lock. As of <see cref="Builder.Build"/>: mirage cannot be had, or does not configure.</exception>
    public async Task<IReadOnlyList<MirageDescription>> Describe(
        Request request,
        string lockFile,
        RestoreOptions options,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        if (!request.IsConfigured)
            throw new HillingarException(
                "HIL5077",
                $"The project has no {request.Config}, or MirageConfigure says that mirage has no part in it: there is nothing that mirage could describe. Name the file in MirageConfigFile.",
                new Place(request.ProjectFile)
            );
        if (!File.Exists(lockFile))
            throw new HillingarException("HIL6001", $"There is no lock '{lockFile}'. {Advice.Restore}");
        ProjectNetwork.Use(request, Roots.Of(request));
        var (locked, place) = (LockFile.Read(lockFile), new Place(lockFile));
        var provider = new HostToolProvider(stores, options.Switch, reporter);
        _ = await new Configurator(options.ConfiguredFolder, reporter)
            .Run(
                request,
                locked,
                () => provider.Provide(locked, request, place, cancellation, HostUse.Configure),
                cancellation,
                options.Target
            )
            .ConfigureAwait(false);
        return
        [
            .. MirageDescription
                .Recorded(request, options.ConfiguredFolder, new Workspace(options.Workspace).DuniverseFolder)
                .Where(described => options.Target is null || described.Target == options.Target),
        ];
    }
}
