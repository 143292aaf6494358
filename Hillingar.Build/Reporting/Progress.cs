using Hillingar.Build.Files;

namespace Hillingar.Build.Reporting;

/// <summary>What a <see cref="Progress"/> counts.</summary>
public enum ProgressUnit
{
    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Things of the kind that the activity names.</summary>
    Items,
}

/// <summary>How far work is.</summary>
/// <param name="Activity">The work, such as <c>Vendoring</c>; the next report of the same activity replaces this one.</param>
/// <param name="Item">What it is at now.</param>
/// <param name="Done">How much is done.</param>
/// <param name="Total">How much there is, or 0 where nobody knows.</param>
/// <param name="Unit">What both count.</param>
public sealed record Progress(string Activity, string Item, long Done, long Total, ProgressUnit Unit)
{
    /// <summary>How much is done, of 100; -1 where nobody knows.</summary>
    public int Percent => Total <= 0 ? -1 : (int)Math.Clamp(Done * 100 / Total, 0, 100);

    /// <summary>Whether the work is finished.</summary>
    public bool IsDone => Total > 0 && Done >= Total;

    /// <summary>The counts: <c>3 of 12</c>, <c>1.5 MB of 4.0 MB</c>.</summary>
    public string Counts => Total > 0 ? $"{Show(Done)} of {Show(Total)}" : Show(Done);

    string Show(long number) => Unit == ProgressUnit.Bytes ? ByteSize.Show(number) : $"{number}";
}
