namespace Hillingar.Opam.Diagnostics;

/// <summary>How serious a <see cref="Diagnostic"/> is.</summary>
public enum Severity
{
    /// <summary>Worth telling, nothing to do.</summary>
    Information,

    /// <summary>The work goes on, but the user should look.</summary>
    Warning,

    /// <summary>The work did not succeed.</summary>
    Error,
}

/// <summary>A place in a file. Lines and columns count from 1; a column counts bytes, as opam and OCaml do.</summary>
/// <param name="File">The file's path as the user knows it.</param>
/// <param name="Line">The line, or 0 when the whole file is meant.</param>
/// <param name="Column">The column, or 0 when the whole line is meant.</param>
public readonly record struct Place(string File, int Line = 0, int Column = 0)
{
    /// <summary>The file as messages show it.</summary>
    public string Shown => Printable.Line(File);

    /// <summary>The place as compilers write it: <c>file(line,column)</c>.</summary>
    public override string ToString() =>
        (Line, Column) switch
        {
            (0, _) => Shown,
            (_, 0) => $"{Shown}({Line})",
            _ => $"{Shown}({Line},{Column})",
        };
}

/// <summary>One message to the user: what is wrong, where, and what to do about it.</summary>
/// <param name="Severity">How serious it is.</param>
/// <param name="Code">Its code, <c>HIL</c> and four digits, documented in <c>docs/errors.md</c>.</param>
/// <param name="Message">What is wrong and, where it is not obvious, what to do. Whatever it quotes, it is <see cref="Printable"/>.</param>
/// <param name="Place">Where, if a file is to blame.</param>
public sealed record Diagnostic(Severity Severity, string Code, string Message, Place? Place = null)
{
    readonly string _message = Printable.Text(Message);

    /// <summary>What is wrong and, where it is not obvious, what to do. Whatever it quotes, it is <see cref="Printable"/>.</summary>
    public string Message
    {
        get => _message;
        init => _message = Printable.Text(value);
    }

    /// <summary>The diagnostic on one line, in the format that MSBuild and editors recognise.</summary>
    public override string ToString() =>
        $"{(Place is { } place ? $"{place}: " : "")}{Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "info" }} {Code}: {Message}";
}
