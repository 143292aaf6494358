[assembly: AssemblyFixture(typeof(Hillingar.Tests.SharedNix))]

namespace Hillingar.Tests;

/// <summary>A store of each Nix and the sample, made once for all tests that ask: building dune takes minutes.</summary>
public sealed class SharedNix : IDisposable
{
    readonly Lazy<Task<Sample>> _sample = new(Hillingar.Tests.Sample.Make);
    readonly Dictionary<string, NixStore> _stores = [];
    readonly Dictionary<string, Lazy<Task>> _seeds = [];

    /// <summary>The store of a Nix; the test skips where that is not there.</summary>
    internal NixStore Store(string name)
    {
        var nix = Nix.Require(name);
        lock (_stores)
            return _stores.TryGetValue(name, out var store) ? store : _stores[name] = new NixStore(nix);
    }

    /// <summary>The sample, its sources and its dune in the store of a Nix.</summary>
    internal async Task<Sample> Sample(string name)
    {
        var sample = await _sample.Value;
        var store = Store(name);
        Lazy<Task> seed;
        lock (_seeds)
            seed = _seeds.TryGetValue(name, out var known) ? known : _seeds[name] = new(() => Prime(sample, store));
        await seed.Value;
        return sample;
    }

    // dune takes minutes, and no test's patience is to depend on which of them comes first.
    static async Task Prime(Sample sample, NixStore store)
    {
        await sample.Seed(store);
        var folder = await sample.Flake($"primed-{store.Nix.Name}");
        await store.Build(null, $"path:{folder}#host-dune");
    }

    public void Dispose()
    {
        foreach (var store in _stores.Values)
            store.Dispose();
        if (_sample.IsValueCreated)
            _sample.Value.GetAwaiter().GetResult().Dispose();
    }
}
