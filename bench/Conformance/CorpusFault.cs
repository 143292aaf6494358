using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;

namespace Hillingar.Conformance;

/// <summary>Whose fault it is that a unikernel was not built. What nothing shows to be another's is ours.</summary>
enum Culprit
{
    /// <summary>Ours.</summary>
    Ours,

    /// <summary>What it is made of cannot be had.</summary>
    Sources,

    /// <summary>mirage refuses, or writes what it should not.</summary>
    Mirage,

    /// <summary>Its own files: they do not compile, or ask for what opam-monorepo has no solution for either.</summary>
    Unikernel,

    /// <summary>This machine lacks a program.</summary>
    Machine,
}

/// <summary>Says by the code of a fault, the step and the place whose it is.</summary>
static class CorpusFault
{
    /// <summary>Whose fault it is.</summary>
    /// <param name="step">The step that failed.</param>
    /// <param name="fault">What was said.</param>
    /// <param name="folder">The unikernel's own folder.</param>
    /// <param name="peerSolves">Whether the rules of opam-monorepo find a solution for what mirage asks for.</param>
    public static Culprit Of(CorpusStep step, Diagnostic fault, string folder, Func<bool> peerSolves) => (step, fault.Code) switch
    {
        _ when FaultKind.Of(fault.Code)?.Category == "ConnectionError" => Culprit.Sources,
        _ when FaultKind.Of(fault.Code)?.Category == "NotInstalled" => Culprit.Machine,
        (CorpusStep.Boot, _) => Culprit.Ours,
        (_, "HIL5070") => IsOwn(fault, folder) ? Culprit.Unikernel : Culprit.Mirage,
        (_, "HIL5071") => Culprit.Mirage,
        (_, "HIL5075" or "HIL5076") => Culprit.Unikernel,
        (CorpusStep.Lock, "HIL2001") => peerSolves() ? Culprit.Ours : Culprit.Unikernel,
        (CorpusStep.Build, "HIL5010") => IsOwn(fault, folder) ? Culprit.Unikernel : Culprit.Ours,
        _ => Culprit.Ours,
    };

    /// <summary>Whether opam-monorepo, by its rules, finds a solution for the packages that mirage wrote down for all targets.</summary>
    /// <param name="configured">The folder that mirage wrote into.</param>
    /// <param name="repositories">The repositories, the first first.</param>
    public static bool PeerSolves(string configured, IReadOnlyList<NamedRepository> repositories)
    {
        var files = Directory.Exists(configured) ? Directory.GetFiles(configured, "*.opam", SearchOption.AllDirectories).Where(path => Path.GetFileName(Path.GetDirectoryName(path)) == "mirage").ToList() : [];
        return files.Count > 0 && files.All(path => LocalRepository.Read(path) is var root && LockSolver.Solve(new LockProblem
        {
            Folder = configured,
            Name = Path.GetFileNameWithoutExtension(path),
            Targets = [root],
            Config = SourceConfig.Of([root]),
            Repositories = repositories,
            // mirage's Makefile calls it with OPAMVAR_monorepo, without which it would see no library.
            Platforms = [Platform.Host with { Environment = Platform.Host.Environment.With("monorepo", "opam-monorepo") }],
            Rules = LockRules.OpamMonorepo,
            RequireCrossCompile = true,
        }).Lock is not null);
    }

    // An error without a line is one of mirage's own, which names no file.
    static bool IsOwn(Diagnostic fault, string folder) => fault.Place is { Line: > 0 } place
        && Path.GetFullPath(place.File, folder).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        && !Path.GetRelativePath(folder, Path.GetFullPath(place.File, folder)).StartsWith("obj", StringComparison.Ordinal);
}
