using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>How a test went.</summary>
public enum TestOutcome
{
    /// <summary>As it should.</summary>
    Passed,

    /// <summary>It ran and failed, or could not be built.</summary>
    Failed,

    /// <summary>It says itself that it was left out.</summary>
    Skipped,
}

/// <summary>What came of one test: of a rule of dune's, or of a case where the test's library tells its cases.</summary>
/// <param name="Name">Its name: the folder and the rule, and the case.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Message">What it printed, where it failed.</param>
/// <param name="Place">Where it failed, as far as that is told; else where the rule is.</param>
public sealed record TestResult(string Name, TestOutcome Outcome, string Message = "", Place? Place = null);
