namespace Hillingar.Build.Mirage;

/// <summary>What is known of a mirage target: a row of <c>targets.json</c>.</summary>
/// <param name="Name">Its name, as mirage has it.</param>
sealed record TargetRow(string Name)
{
    /// <summary>What the image's name ends in; empty for nothing.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>dune's context that compiles for it; <c>default</c> is that of the machine that builds.</summary>
    public string Context { get; init; } = TargetTable.DefaultContext;

    /// <summary>The packages that compile for it (mirage's <c>lib/devices/target.ml</c>); none where OCaml's own compiler does.</summary>
    public IReadOnlyList<string> Compiler { get; init; } = [];

    /// <summary>The processors on which it is built; null for all.</summary>
    public TargetPlaces? Processors { get; init; }

    /// <summary>The systems on which it is built; null for all.</summary>
    public TargetPlaces? Systems { get; init; }

    /// <summary>Whether its image is a program, which starts by itself.</summary>
    public bool IsProgram { get; init; }

    /// <summary>The program that starts its images, with how that is told what to do; null where none does.</summary>
    public TargetTender? Tender { get; init; }

    /// <summary>The tender that waits for a debugger and leaves a core when the unikernel crashes (Solo5's <c>docs/debugging.md</c>); null where none does.</summary>
    public TargetDebugger? Debugger { get; init; }

    /// <summary>Whether starting it needs KVM's device.</summary>
    public bool NeedsKvm { get; init; }

    /// <summary>Who starts its images, where no program of a machine does.</summary>
    public string? StartedBy { get; init; }

    /// <summary>The number by which Solo5's note in an image names it (<c>elf_abi.h</c>); null for a target that has none.</summary>
    public uint? Abi { get; init; }

    /// <summary>Why it cannot be built at all; null for a target that a project may name.</summary>
    public string? Refused { get; init; }

    /// <summary>Whether it is compiled for another system than the machine that builds: its libraries must be able to.</summary>
    public bool IsCross => Context != TargetTable.DefaultContext;

    /// <summary>Why a platform does not build it natively, or null where it does.</summary>
    /// <param name="platform">The platform, such as <c>x86_64-linux</c>.</param>
    public string? Fault(string platform)
    {
        var (arch, os) = platform.Split('-') is [var first, .., var last] ? (first, last) : (platform, "");
        return Processors?.Fault(arch) ?? Systems?.Fault(os);
    }
}

/// <summary>The processors, or the systems, on which a target is built.</summary>
/// <param name="Only">Just these; empty for all.</param>
/// <param name="Except">Not on these.</param>
/// <param name="Why">Why not on others.</param>
sealed record TargetPlaces(IReadOnlyList<string> Only, IReadOnlyList<string> Except, string Why)
{
    internal string? Fault(string place) => Except.Contains(place) || Only.Count > 0 && !Only.Contains(place) ? Why : null;
}

/// <summary>The program that starts a target's images.</summary>
/// <param name="Program">The program.</param>
/// <param name="Style">How it is told what to do.</param>
sealed record TargetTender(string Program, TenderStyle Style);

/// <summary>The tender that a target's images are debugged with.</summary>
/// <param name="Program">The program.</param>
/// <param name="Options">What it is told besides what every tender is: the <c>port</c> that it waits at, and the <c>folder</c> for cores.</param>
sealed record TargetDebugger(string Program, string Options);

/// <summary>
/// How a kind of tender is told what to do, in a shell's words. In braces stand the device's <c>number</c> and <c>name</c>, what the
/// <c>host</c> gives for it (<c>listed</c>: within a list of options, where a comma is doubled), the <c>memory</c> in MiB, and the <c>image</c>.
/// </summary>
/// <param name="Name">The kind.</param>
sealed record TenderStyle(string Name)
{
    /// <summary>What it is told first.</summary>
    public string Options { get; init; } = "";

    /// <summary>The memory.</summary>
    public required string Memory { get; init; }

    /// <summary>A network.</summary>
    public required string Network { get; init; }

    /// <summary>A block device.</summary>
    public required string Block { get; init; }

    /// <summary>The image and its arguments.</summary>
    public required string Image { get; init; }

    /// <summary>Whether it starts images for the machine's own processor only.</summary>
    public bool IsNative { get; init; }

    /// <summary>Whether it emulates where it cannot use KVM; the options name <c>$accel</c>.</summary>
    public bool IsAccelerated { get; init; }

    /// <summary>What it ends with when a unikernel has ended, where that is not 0.</summary>
    public int? Ended { get; init; }

    /// <summary>What to do where it is missing.</summary>
    public required string Install { get; init; }
}
