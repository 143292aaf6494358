namespace Hillingar.Build.Running;

/// <summary>What has become of a unikernel that was started.</summary>
public enum UnikernelState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has ended, with an exit code.</summary>
    Exited,

    /// <summary>It has ended, and nobody saw how: what watched it was killed, or the machine was started anew.</summary>
    Lost,
}

/// <summary>A unikernel that was started on this machine, as it was when it was asked after.</summary>
/// <param name="Name">The name by which it is known here.</param>
/// <param name="Target">Its mirage target.</param>
/// <param name="Image">The image's path.</param>
/// <param name="ProcessId">The number of the tender's process, or of the program's; 0 where none was started.</param>
/// <param name="Started">When it was started.</param>
/// <param name="LogPath">The file that what it writes goes to.</param>
public sealed record RunningUnikernel(string Name, string Target, string Image, int ProcessId, DateTimeOffset Started, string LogPath)
{
    /// <summary>What has become of it.</summary>
    public UnikernelState State { get; init; }

    /// <summary>Its exit code, where it has ended and that is known; 128 and the signal's number for one that a signal ended. Solo5 tells qemu none, so for <c>virtio</c> 0 means that the unikernel has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When it ended, where that is known.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The memory in MiB that its tender was told to give it; 0 where it was told none.</summary>
    public int Memory { get; init; }

    /// <summary>What it was told.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What stands behind its devices.</summary>
    public IReadOnlyList<HostDevice> Devices { get; init; } = [];

    /// <summary>The program that started it, where that was not the target's usual one.</summary>
    internal string? Tender { get; init; }

    /// <summary>The folder of the host switch that the image was built with, or null.</summary>
    internal string? HostSwitch { get; init; }

    /// <summary>Whether tap interfaces that were missing were made.</summary>
    internal bool CreateTaps { get; init; }

    /// <summary>How it was started.</summary>
    internal UnikernelStart Start =>
        new(Target, Image)
        {
            Devices = Devices,
            Memory = Memory,
            Tender = Tender,
            HostSwitch = HostSwitch,
            Arguments = Arguments,
            CreateTaps = CreateTaps,
        };

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
