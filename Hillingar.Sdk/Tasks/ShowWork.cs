using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Waits, within a target that is named after a step of a long task, until that step is over; see <see cref="WorkDisplay"/>.</summary>
public sealed class ShowWork : Microsoft.Build.Utilities.Task
{
    /// <summary>Which task's work it is.</summary>
    [Required]
    public string Key { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        WorkDisplay.WaitFor(Key);
        return true;
    }
}
