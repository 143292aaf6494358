using Hillingar.Build.Local;
using Hillingar.Build.Nix;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Storage;

namespace Hillingar.Build.Restoring;

/// <summary>The backends that there are.</summary>
public static class Backends
{
    /// <summary>Who builds where a project does not say: this machine's own toolchain.</summary>
    public const string Default = "local";

    /// <summary>The name that leaves the choice to us.</summary>
    public const string Auto = "auto";

    // In the order in which they are considered where the project leaves the choice.
    static readonly IReadOnlyList<(string Name, Func<Stores, IReporter, BackendOptions, IBackend> Make)> s_all =
    [
        (Default, (stores, reporter, _) => new LocalBackend(stores, reporter)),
        ("nix", (stores, reporter, options) => new NixBackend(stores, reporter, NixOptions.Of(options))),
    ];

    /// <summary>What a project can ask for.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(backend => backend.Name), Auto];

    /// <summary>The backends that a plan may be built by, the most preferred first.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stores">The user's stores.</param>
    /// <param name="reporter">Is told what is done.</param>
    internal static IEnumerable<(string Name, IBackend Backend)> For(BuildPlan plan, Stores stores, IReporter reporter) =>
        s_all
            .Where(backend => plan.Backend == Auto || plan.Backend == backend.Name)
            .Select(backend =>
                (backend.Name, backend.Make(stores, reporter, plan.Options.GetValueOrDefault(backend.Name, BackendOptions.None)))
            );
}
