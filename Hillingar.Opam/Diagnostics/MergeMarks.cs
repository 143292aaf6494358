namespace Hillingar.Opam.Diagnostics;

/// <summary>The lines that git writes into a file that two sides have changed (<c>git help merge</c>, How conflicts are presented).</summary>
static class MergeMarks
{
    /// <summary>The line of the first mark, from 1, and what is to be told of them; null where a text has no beginning of two sides with an end after it.</summary>
    /// <param name="text">The file's text.</param>
    public static (int Line, string Told)? Find(string text)
    {
        var lines = text.Split('\n');
        var mark = Array.FindIndex(lines, line => line.StartsWith("<<<<<<< ", StringComparison.Ordinal));
        return mark >= 0 && Array.FindIndex(lines, mark, line => line.StartsWith(">>>>>>> ", StringComparison.Ordinal)) > mark
            ? (
                mark + 1,
                $"the marks of a merge that is not finished, the first at line {mark + 1}. Take the lines of one side or of both, and delete the marks"
            )
            : null;
    }
}
