namespace Hillingar.Opam.Diagnostics;

/// <summary>The lines that git writes into a file that two sides have changed (<c>git help merge</c>, How conflicts are presented).</summary>
static class MergeMarks
{
    /// <summary>What to do about them.</summary>
    public const string ToDo = "Take the lines of one side or of both, and delete the marks.";

    /// <summary>The line of the first mark, from 1; null where a text has no beginning of two sides with an end after it.</summary>
    /// <param name="text">The file's text.</param>
    public static int? Line(string text)
    {
        var lines = text.Split('\n');
        var mark = Array.FindIndex(lines, line => line.StartsWith("<<<<<<< ", StringComparison.Ordinal));
        return mark >= 0 && Array.FindIndex(lines, mark, line => line.StartsWith(">>>>>>> ", StringComparison.Ordinal)) > mark
            ? mark + 1
            : null;
    }
}
