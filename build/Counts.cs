namespace Hillingar.BuildProgram;

/// <summary>How many tests there were.</summary>
readonly record struct Counts(int Passed, int Failed, int Skipped)
{
    public static Counts operator +(Counts one, Counts other) =>
        new(one.Passed + other.Passed, one.Failed + other.Failed, one.Skipped + other.Skipped);

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
