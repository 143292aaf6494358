using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Locks;

/// <summary>What happened to a lock that cannot be read, where that can be told: a merge that nobody finished, or a file that was cut off.</summary>
static class LockDamage
{
    // What is left of a lock may look like another tool's (HIL3006).
    static string ToDo => $"Take it from version control again; or make it anew, at newer versions: {Advice.LockAnew}.";

    static readonly string[] s_marks = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "];

    /// <summary>The error that says so; null where it is none of these.</summary>
    /// <param name="path">The lock.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public static Diagnostic? Of(string path, HillingarException fault)
    {
        if (fault.Diagnostic.Code is not ("HIL1001" or "HIL1003" or "HIL3001" or "HIL3006") || !File.Exists(path))
            return null;
        var text = File.ReadAllText(path);
        var lines = text.Split('\n');
        if (Array.FindIndex(lines, IsMark) is var mark and >= 0)
            return Damage(
                $"The lock has the marks of a merge that is not finished, the first at line {mark + 1}. Take the lock of one side (git checkout --ours or --theirs), and restore: what the other side asks for is added. Or make it anew: {Advice.LockAnew}.",
                new Place(path, mark + 1, 1)
            );
        if (text.Trim().Length == 0)
            return Damage($"The lock is empty. {ToDo}", new Place(path));
        var last = lines.Length - (text.EndsWith('\n') ? 1 : 0);
        var isCut =
            fault.Diagnostic.Code == "HIL1001" && fault.Diagnostic.Place is { Line: var line } && line >= last
            || text.Contains("opam-monorepo generated lockfile", StringComparison.Ordinal)
                && !text.Contains("\nx-opam-monorepo-version:", StringComparison.Ordinal);
        return isCut
            ? Damage(
                $"The lock is cut off: it ends at line {last}, in the middle. {ToDo}",
                fault.Diagnostic is { Code: "HIL1001", Place: { } place } ? place : new Place(path, last)
            )
            : null;
    }

    static bool IsMark(string line) =>
        s_marks.Any(mark => line.StartsWith(mark, StringComparison.Ordinal) && (mark.EndsWith(' ') || line.TrimEnd() == mark));

    static Diagnostic Damage(string message, Place place) => new(Severity.Error, "HIL3001", message, place);
}
