using Hillingar.Build.Confinement;
using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>What a flake is made of.</summary>
/// <param name="Request">What the project asks for: its repositories describe the host's packages.</param>
/// <param name="Lock">The lock.</param>
/// <param name="Workspace">The workspace that the restore vendored into.</param>
/// <param name="Sources">The project's files: the path below the workspace's <c>src/</c>, and where the file is.</param>
/// <param name="Targets">The targets.</param>
public sealed record FlakeSubject(
    Request Request,
    LockFile Lock,
    Workspace Workspace,
    IReadOnlyCollection<(string Path, string File)> Sources,
    IReadOnlyList<PlannedTarget> Targets
);

/// <summary>Writes the flake that a project is built by with Nix alone, to be committed with it.</summary>
public sealed class FlakeWriter(Stores stores, IReporter reporter)
{
    /// <summary>Writes the flake into a folder that holds the project's files, or one above it.</summary>
    /// <param name="subject">What it is made of.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="nixpkgs">The address of nixpkgs, as a flake's input.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The files that were written, relative to the folder.</returns>
    /// <exception cref="HillingarException">HIL5080 to HIL5083: there can be no such flake there. HIL5088: a file of the project lies outside the folder.</exception>
    public Task<IReadOnlyList<string>> Write(
        FlakeSubject subject,
        string folder,
        string nixpkgs,
        bool offline,
        CancellationToken cancellation
    ) =>
        FileFault.Guard(
            folder,
            async () =>
            {
                ArgumentNullException.ThrowIfNull(subject);
                // Nix has its own ways to passwords (netrc, access-tokens); what is committed has none.
                Network.Current = Network.Current.With([nixpkgs]);
                nixpkgs = Address.WithoutCredentials(nixpkgs);
                var plan = await Plan(
                        subject,
                        ".",
                        [.. subject.Sources.Select(source => (source.Path.Replace('\\', '/'), Inside(folder, source.File)))],
                        offline,
                        cancellation
                    )
                    .ConfigureAwait(false);
                var written = NixFlake.Write(folder, plan, nixpkgs).ToList();
                if (await FlakeLock.Write(folder, nixpkgs, reporter, offline, cancellation).ConfigureAwait(false))
                    written.Add("flake.lock");
                return (IReadOnlyList<string>)written;
            }
        );

    /// <summary>The plan of a flake.</summary>
    /// <param name="subject">What it is made of.</param>
    /// <param name="folder">The folder of the project's files, relative to the flake's.</param>
    /// <param name="files">The files: the path below the workspace's <c>src/</c>, and the path below that folder.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops.</param>
    internal async Task<FlakePlan> Plan(
        FlakeSubject subject,
        string folder,
        IReadOnlyList<(string Path, string File)> files,
        bool offline,
        CancellationToken cancellation
    )
    {
        if (subject.Request.IsConfigured)
            throw new HillingarException(
                "HIL6006",
                "The project has a config.ml, and what mirage makes of it is not in a flake yet. Build with HillingarBackend=local; or write the dune files yourself and set MirageConfigure to none.",
                new Place(subject.Request.ConfigFile)
            );
        ProjectNetwork.Use(subject.Request, Roots.Of(subject.Request));
        using var fetcher = new SourceFetcher(stores.Sources, reporter) { Offline = offline };
        return new FlakePlan
        {
            Name = subject.Request.Name,
            Lock = subject.Lock,
            Descriptions = await new HostDescriptions(stores, reporter, offline)
                .Of(subject.Request, subject.Lock, cancellation)
                .ConfigureAwait(false),
            Folder = folder,
            Files = files,
            Targets = subject.Targets,
            Cuts = await Duniverse
                .Cuts(subject.Workspace.DuniverseFolder, subject.Lock.Entries, fetcher, stores.Sources, reporter, cancellation)
                .ConfigureAwait(false),
        };
    }

    static string Inside(string folder, string file)
    {
        var relative = Path.GetRelativePath(folder, file).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative)
            ? throw new HillingarException(
                "HIL5088",
                $"'{file}' lies outside the flake's folder '{folder}', and a flake sees nothing else. Write the flake into a folder above both."
            )
            : relative;
    }
}
