using BenchmarkDotNet.Attributes;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;

namespace Hillingar.Benchmarks;

/// <summary>The solve alone, in a warm process. The repository is the folder that <c>HILLINGAR_OPAM_REPOSITORY</c> names.</summary>
[MemoryDiagnoser]
public class SolveBenchmarks
{
    OpamSolver solver = null!;
    SolveContext context = null!;

    [Params("dune", "lwt", "mirage", "cohttp-lwt-unix", "irmin", "coq", "bap-extra")]
    public string Package { get; set; } = "";

    [GlobalSetup]
    public void Open()
    {
        solver = new(new FolderRepository(Environment.GetEnvironmentVariable("HILLINGAR_OPAM_REPOSITORY")
            ?? throw new InvalidOperationException("Set HILLINGAR_OPAM_REPOSITORY to an unpacked opam repository.")));
        context = new("debian12", OpamEnvironment.Platform("x86_64", "linux", "debian", "debian", "12"))
        {
            Roots = [new(PackageName.Parse(Package), Formula<VersionConstraint>.Empty)],
        };
        solver.Solve(context);
    }

    [Benchmark]
    public OpamOutcome Solve() => solver.Solve(context);
}
