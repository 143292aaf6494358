using System.Globalization;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Universe;
using Hillingar.Solver;

namespace Hillingar.Build.Requests;

/// <summary>How long a solve may take (<c>HillingarSolveTimeout</c>).</summary>
public static class SolveTimeout
{
    /// <summary>What a solve may take where nobody says.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(60);

    const int Named = 5;

    // What a timer of .NET can wait for.
    static readonly TimeSpan s_longest = TimeSpan.FromDays(49);

    /// <summary>The time: a number of seconds, or as of <see cref="Duration.Parse"/>; <c>0</c> for no limit, nothing for the default.</summary>
    /// <exception cref="HillingarException">HIL7007: this is none.</exception>
    public static TimeSpan Parse(string text) => TryParse(text) ?? Bounded(Duration.Parse(text));

    /// <summary>The same of a project's property.</summary>
    /// <exception cref="HillingarException">HIL6004: this is none.</exception>
    public static TimeSpan Parse(string text, string projectFile)
    {
        const string Property = "HillingarSolveTimeout";
        return TryParse(text)
            ?? throw new HillingarException(
                "HIL6004",
                $"{Property} is '{text}', which is no time. Write a number of seconds, or one with m, h, d or w; 0 for no limit.",
                new ProjectPlaces(projectFile).OfProperty(Property)
            );
    }

    static TimeSpan? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Trim().Length == 0 ? Default
            : int.TryParse(
                text,
                NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture,
                out var seconds
            )
                ? Bounded(TimeSpan.FromSeconds(seconds))
            : Duration.TryParse(text) is { } time ? Bounded(time)
            : null;
    }

    static TimeSpan Bounded(TimeSpan time) => time == TimeSpan.Zero || time > s_longest ? Timeout.InfiniteTimeSpan : time;

    /// <summary>Solves for no longer than a time.</summary>
    /// <param name="limit">The time.</param>
    /// <param name="name">What messages call the project.</param>
    /// <param name="solve">Solves.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL2002: the time is over.</exception>
    internal static OpamOutcome Within(
        TimeSpan limit,
        string name,
        Func<SearchState, CancellationToken, OpamOutcome> solve,
        CancellationToken cancellation
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(limit);
        var state = new SearchState();
        try
        {
            return solve(state, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Over(limit, name, state);
        }
    }

    static HillingarException Over(TimeSpan limit, string name, SearchState state)
    {
        var tried = state.Trying(Named + 1);
        var packages = string.Join(", ", tried.Take(Named)) + (tried.Count > Named ? " and others" : "");
        return new HillingarException(
            "HIL2002",
            $"The solve of {name} was ended after {Duration.Show(limit)}, without an answer: {(tried.Count == 0 ? "its packages were still being read" : $"versions of {packages} were still being tried")} "
                + $"({state.Packages} packages were looked at). Say which versions of {(tried.Count == 0 ? "its dependencies" : "these")} to take, or give it more time: HillingarSolveTimeout, -SolveTimeout."
        );
    }
}
