using System.Collections.Frozen;

namespace Hillingar.Opam.Diagnostics;

/// <summary>What is known of an error code. The catalogue is the table of <c>docs/errors.md</c>, which our libraries carry with them.</summary>
/// <param name="Code">The code, <c>HIL</c> and four digits.</param>
/// <param name="Category">PowerShell's <c>ErrorCategory</c>, by which scripts tell kinds of faults apart.</param>
/// <param name="Cause">What the code is about.</param>
/// <param name="Advice">What to do.</param>
public sealed record FaultKind(string Code, string Category, string Cause, string Advice)
{
    static readonly Lazy<IReadOnlyList<FaultKind>> s_all = new(Read);
    static readonly Lazy<FrozenDictionary<string, FaultKind>> s_byCode = new(() => All.ToFrozenDictionary(fault => fault.Code));

    /// <summary>All codes, in the page's order.</summary>
    public static IReadOnlyList<FaultKind> All => s_all.Value;

    /// <summary>What is known of a code; null for one that is none of ours.</summary>
    /// <param name="code">The code.</param>
    public static FaultKind? Of(string code) => s_byCode.Value.GetValueOrDefault(code);

    static List<FaultKind> Read()
    {
        using var page = new StreamReader(typeof(FaultKind).Assembly.GetManifestResourceStream("errors.md")!);
        return
        [
            .. page.ReadToEnd()
                .Split('\n')
                .Where(line => line.StartsWith("| HIL", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
                .Select(cells => new FaultKind(cells[1], cells[2], cells[3], cells[4])),
        ];
    }
}
