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
}

/// <summary>A change that was tried, and with which there is a solution.</summary>
/// <param name="Description">The change in words.</param>
/// <param name="Kind">What it changes.</param>
/// <param name="ProjectFile">The project that asked.</param>
/// <param name="Package">The dependency, if it is about one.</param>
/// <param name="Version">Its new bound; empty for none.</param>
/// <param name="Owner">The package of the project whose dependency it is: the project's own name, or that of an opam file.</param>
/// <param name="Repository">The repository to add, if that is the change.</param>
public sealed record LockFix(string Description, LockFixKind Kind, string ProjectFile, string? Package, string Version, string? Owner, string? Repository)
{
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

    internal static LockConflict Of(OpamConflict conflict, ConflictText text, Request request) => new(request.Name, Printable.Line(text.Cause), text.Message,
        [.. conflict.Fixes.Select(fix => new LockFix(fix.Description, Kind(fix), request.ProjectFile, fix.Package, fix.Wish?.Bound ?? "", fix.Owner, fix.Overlay is null ? null : RepositoryOpener.Written(fix.Overlay)))]);

    // A project's file is edited for one change; several together are for the user to make.
    static LockFixKind Kind(OpamFix fix) => fix switch
    {
        { Wish: null, Overlay: not null } => LockFixKind.AddRepository,
        { Overlay: not null } or { Wish.With.Count: > 0 } => LockFixKind.Other,
        { Package: not null, Wish.Kind: FixKind.LeaveOut } => LockFixKind.LeaveOut,
        { Package: not null, Wish.Bound: not null } => LockFixKind.Bound,
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
