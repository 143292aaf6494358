using System.Collections.Concurrent;
using Hillingar.Build.Machines;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Repositories;

/// <summary>What the restores of one build have in common: each repository is opened and the machine's tools are asked once. It does not outlive the build, as both may change.</summary>
public sealed class SharedWork
{
    readonly ConcurrentDictionary<string, Lazy<Task<Repository>>> _repositories = new(StringComparer.Ordinal);
    Lazy<Task<Toolchain>> _tools = new(() => Toolchain.Probe(CancellationToken.None));

    /// <summary>A repository, by where it is; one that could not be opened is tried again.</summary>
    internal async Task<Repository> Open(string location, Func<Task<Repository>> open)
    {
        var opening = _repositories.GetOrAdd(location, _ => new(open));
        try
        {
            return await opening.Value.ConfigureAwait(false);
        }
        catch
        {
            _repositories.TryRemove(new(location, opening));
            throw;
        }
    }

    /// <summary>The machine's tools.</summary>
    /// <exception cref="HillingarException">HIL5002: there is no compiler.</exception>
    internal async Task<Toolchain> Tools(CancellationToken cancellation)
    {
        var probing = _tools;
        try
        {
            return await probing.Value.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (HillingarException)
        {
            Interlocked.CompareExchange(ref _tools, new(() => Toolchain.Probe(CancellationToken.None)), probing);
            throw;
        }
    }
}
