using Hillingar.Build.Images;
using Hillingar.Build.Running;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Publishing;

/// <summary>A built image to publish.</summary>
/// <param name="Target">Its mirage target; its folder's name.</param>
/// <param name="Path">The file.</param>
/// <param name="BuildFolder">The folder of dune's context that it was built in (<c>_build/default</c>), whose libraries tell what takes up how much; null where it is gone.</param>
public sealed record PublishedImage(string Target, string Path, string? BuildFolder = null);

/// <summary>What to publish, and where.</summary>
public sealed record UnikernelPublication
{
    /// <summary>The unikernel's name.</summary>
    public required string Name { get; init; }

    /// <summary>The project's version; null where it has none.</summary>
    public string? Version { get; init; }

    /// <summary>The project's folder: of a git repository, its commit is told.</summary>
    public required string Folder { get; init; }

    /// <summary>The images, one a target, the first to be run where no other is asked for.</summary>
    public required IReadOnlyList<PublishedImage> Images { get; init; }

    /// <summary>The lock's path.</summary>
    public required string LockFile { get; init; }

    /// <summary>The folder of the vendored sources.</summary>
    public required string Duniverse { get; init; }

    /// <summary>The folder to publish into; what else lies there stays.</summary>
    public required string Destination { get; init; }

    /// <summary>The locked repositories, where they are at hand: what they say of a package comes before what its own sources say.</summary>
    public IReadOnlyList<Repository> Repositories { get; init; } = [];

    /// <summary>The devices of the host that the run script gives.</summary>
    public IReadOnlyList<HostDevice> Devices { get; init; } = [];

    /// <summary>Arguments that the run script puts before those of its caller.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The memory that the run script gives to targets that take it, in MiB; null: what the tender gives of itself.</summary>
    public int? Memory { get; init; }

    /// <summary>The time to tell, in seconds since 1970; null for none, and so the same bytes each time. By default <c>SOURCE_DATE_EPOCH</c>.</summary>
    public long? Epoch { get; init; } =
        long.TryParse(
            Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"),
            System.Globalization.CultureInfo.InvariantCulture,
            out var epoch
        )
            ? epoch
            : null;
}

/// <summary>What was published.</summary>
/// <param name="Files">The files, relative to the destination, in the order of their names.</param>
/// <param name="Images">What the images say of themselves, by target.</param>
public sealed record PublishedUnikernel(IReadOnlyList<string> Files, IReadOnlyDictionary<string, UnikernelImage> Images);
