using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Universe;
using Hillingar.Solver;

namespace Hillingar.Build.Locking;

/// <summary>What a fix changes.</summary>
public enum LockFixKind
{
    /// <summary>Gives a dependency another bound, or none.</summary>
    Bound,

    /// <summary>Does without a dependency.</summary>
    LeaveOut,

    /// <summary>Adds a repository.</summary>
    AddRepository,

    /// <summary>Something that is not a project's to say, such as another compiler on the machine.</summary>
    Other,

    /// <summary>Takes the compiler from the lock rather than from the machine.</summary>
    LockCompiler,

    /// <summary>Leaves packages to the host switch.</summary>
    Provide,
}

/// <summary>A change that was tried, and with which there is a solution.</summary>
/// <param name="Description">The change in words.</param>
/// <param name="Kind">What it changes.</param>
/// <param name="ProjectFile">The project that asked.</param>
/// <param name="Package">The dependency, if it is about one.</param>
/// <param name="Version">Its new bound; empty for none.</param>
/// <param name="Owner">The package of the project whose dependency it is: the project's own name, or that of an opam file.</param>
/// <param name="Repository">The repository to add, if that is the change.</param>
public sealed record LockFix(
    string Description,
    LockFixKind Kind,
    string ProjectFile,
    string? Package,
    string Version,
    string? Owner,
    string? Repository
)
{
    /// <summary>The packages that the host switch is to provide, those that it does already among them; none where that does not change.</summary>
    public IReadOnlyList<string> Provided { get; init; } = [];

    /// <summary>The other changes that belong to it; <see cref="Description"/> is of all.</summary>
    public IReadOnlyList<LockFix> Also { get; init; } = [];

    /// <summary>The change in words.</summary>
    public override string ToString() => Description;
}

/// <summary>Why a project has no lock, and what would help. As text it is the solver's explanation.</summary>
/// <param name="Project">The project's name.</param>
/// <param name="Cause">The cause in one line.</param>
/// <param name="Explanation">The whole explanation: the cause, the steps that lead to it, the fixes.</param>
/// <param name="Fixes">The changes that were tried and lead to a solution, the smallest first; one is enough.</param>
public sealed record LockConflict(string Project, string Cause, string Explanation, IReadOnlyList<LockFix> Fixes)
{
    /// <summary>The explanation.</summary>
    public override string ToString() => Explanation;

    internal static LockConflict Of(OpamConflict conflict, ConflictText text, Request request) =>
        new(request.Name, Printable.Line(text.Cause), text.Message, [.. conflict.Fixes.Select(fix => Fix(fix, request))]);

    static LockFix Fix(OpamFix fix, Request request)
    {
        var repository = fix.Overlay ?? fix.Besides;
        LockFix Of(LockFixKind kind, string? package = null, string version = "", string? owner = null) =>
            new(
                fix.Description,
                kind,
                request.ProjectFile,
                package,
                version,
                owner,
                repository is null ? null : RepositoryOpener.Written(repository)
            );
        return fix switch
        {
            { Wish: { } wish } => Of(Kind(wish, fix.Package), fix.Package, wish.Bound ?? "", fix.Owner) with
            {
                Also =
                [
                    .. wish.With.Select(other => new LockFix(
                        other.Description,
                        Kind(other, OpamConflict.Label(other.Package)),
                        request.ProjectFile,
                        OpamConflict.Label(other.Package),
                        other.Bound ?? "",
                        OpamConflict.Label(other.Subject),
                        null
                    )),
                ],
            },
            { LocksCompiler: true } => Of(LockFixKind.LockCompiler) with { Provided = fix.Provided },
            { Provided.Count: > 0 } => Of(LockFixKind.Provide) with { Provided = fix.Provided },
            { Overlay: not null } => Of(LockFixKind.AddRepository),
            _ => Of(LockFixKind.Other),
        };
    }

    static LockFixKind Kind(Fix wish, string? package) =>
        wish switch
        {
            { Kind: FixKind.LeaveOut } when package is not null => LockFixKind.LeaveOut,
            { Bound: not null } when package is not null => LockFixKind.Bound,
            _ => LockFixKind.Other,
        };
}

/// <summary>That no versions satisfy what a project asks for (HIL2001).</summary>
public sealed class ConflictException : HillingarException
{
    internal ConflictException(ConflictText text, Place? place, OpamConflict conflict, Request request)
        : base(new Diagnostic(Severity.Error, OpamConflict.Code, text.Message, place)) =>
        (Text, Reason, Conflict) = (text, conflict, LockConflict.Of(conflict, text, request));

    /// <summary>The conflict in words.</summary>
    internal ConflictText Text { get; }

    /// <summary>The conflict as the solver has it.</summary>
    internal OpamConflict Reason { get; }

    /// <summary>The conflict.</summary>
    public LockConflict Conflict { get; }
}
