namespace Hillingar.Hosting;

/// <summary>A unikernel to start, and how one knows that it serves.</summary>
/// <param name="Image">The image: what <c>dotnet build</c> made, such as <c>bin/Debug/unix/dns</c>.</param>
public sealed record UnikernelOptions(string Image)
{
    /// <summary>The mirage target that the image is of; null where the image says it.</summary>
    public string? Target { get; init; }

    /// <summary>What the unikernel is told.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Tap interfaces by the names of the networks that the image has.</summary>
    public IReadOnlyDictionary<string, string> Networks { get; init; } = new Dictionary<string, string>();

    /// <summary>Files by the names of the block devices that the image has.</summary>
    public IReadOnlyDictionary<string, string> Blocks { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether tap interfaces that are missing are made, which needs the right to, and removed when the unikernel has ended.</summary>
    public bool CreateTaps { get; init; }

    /// <summary>Its memory in MiB, where a tender gives it one.</summary>
    public int Memory { get; init; } = 512;

    /// <summary>The program that starts it, in place of the target's usual one.</summary>
    public string? Tender { get; init; }

    /// <summary>Says whether it serves; asked again and again until it does. Without one a unikernel is ready once it is started.</summary>
    public HealthCheck? HealthCheck { get; init; }

    /// <summary>How long it may take until it is ready.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long it may take to end after it was asked to; then it is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
