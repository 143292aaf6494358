using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Projects;

/// <summary>Writes a fix into a project's file and the opam files beside it. What it does not touch stays as it is, comments and blanks too.</summary>
public static class ProjectEditor
{
    /// <summary>Whether a fix is one that the project's file, or an opam file beside it, can be made to say.</summary>
    /// <param name="fix">The fix.</param>
    /// <param name="project">The project's name.</param>
    public static bool CanApply(LockFix fix, string project) => Obstacle(fix, project) is null;

    // Why it cannot be made, in words that follow a colon.
    static string? Obstacle(LockFix fix, string project)
    {
        ArgumentNullException.ThrowIfNull(fix);
        var beside = Beside(fix);
        var own = fix.Kind switch
        {
            LockFixKind.AddRepository or LockFixKind.LockCompiler or LockFixKind.Provide => null,
            LockFixKind.Bound or LockFixKind.LeaveOut => IsOwn(fix, project) ? null : beside.Obstacle(fix.Owner!, fix.Package!),
            _ => "it is not the project file's to say",
        };
        return own
            ?? (fix.Provided.Count > 0 ? beside.ObstacleToProvide() : null)
            ?? fix.Also.Select(other => Obstacle(other, project)).FirstOrDefault(why => why is not null);
    }

    static OpamFileEditor Beside(LockFix fix) => new(Path.GetDirectoryName(Path.GetFullPath(fix.ProjectFile))!);

    static bool IsOwn(LockFix fix, string project) => fix.Owner is null || fix.Owner == project || fix.Owner == project + "-project";

    /// <summary>Writes it, all of it or nothing.</summary>
    /// <param name="fix">The fix.</param>
    /// <param name="project">The project's name.</param>
    /// <exception cref="HillingarException">HIL7004: the file does not say what is to be changed, or cannot say the change.</exception>
    public static void Apply(LockFix fix, string project)
    {
        if (Obstacle(fix, project) is { } obstacle)
            throw Refused(fix, obstacle);
        var (beside, text) = (Beside(fix), ProjectText.Load(fix.ProjectFile));
        foreach (var change in fix.Also.Prepend(fix))
            Change(text, IsOwn(change, project) ? null : beside, change, fix);
        if (fix.Provided.Count > 0)
            beside.Provide(fix.Provided);
        foreach (var (file, changed) in beside.Changed)
            AtomicFile.WriteText(file, changed);
        text.Save();
    }

    // In the opam files beside the project's where one of them says it.
    static void Change(ProjectText text, OpamFileEditor? beside, LockFix fix, LockFix whole)
    {
        if (fix.Repository is not null)
            Add(text, fix.Repository);
        if (fix.Kind == LockFixKind.LockCompiler)
            SetProperty(text, "HillingarHostSwitch", "locked");
        if (fix.Kind is not (LockFixKind.Bound or LockFixKind.LeaveOut))
            return;
        if (beside is null)
            ChangeItem(text, fix, whole);
        else if (fix.Kind == LockFixKind.Bound)
            beside.Bound(fix.Owner!, fix.Package!, fix.Version);
        else
            beside.LeaveOut(fix.Owner!, fix.Package!);
    }

    static void ChangeItem(ProjectText text, LockFix fix, LockFix whole)
    {
        var item =
            text.Elements.FirstOrDefault(element => element.Is("OpamDependency") && element["Include"] == fix.Package)
            ?? throw Refused(whole, $"the file has no item <OpamDependency Include=\"{fix.Package}\">; it comes from elsewhere");
        var version = text.Elements.FirstOrDefault(element => element.Parent == item && element.Is("Version"));
        if (fix.Kind == LockFixKind.LeaveOut)
            text.Remove(item);
        else if (version is null)
            text.SetAttribute(item, "Version", fix.Version.Length > 0 ? fix.Version : null);
        else if (fix.Version.Length > 0)
            text.SetContent(version, fix.Version);
        else
            text.Remove(version);
    }

    // The last one counts.
    static void SetProperty(ProjectText text, string name, string value)
    {
        var line = $"<{name}>{value}</{name}>";
        if (text.Elements.LastOrDefault(element => element.Is(name) && element["Condition"] is null) is { } said)
        {
            if (said.IsEmpty)
                text.InsertAfter(said, line);
            else
                text.SetContent(said, value);
            return;
        }

        if (
            text.Elements.FirstOrDefault(element =>
                element.Parent == text.Elements[0] && element.Is("PropertyGroup") && element["Condition"] is null && !element.IsEmpty
            ) is
            { } group
        )
        {
            if (text.Elements.LastOrDefault(element => element.Parent == group) is { } last)
                text.InsertAfter(last, line);
            else
                text.Append(group, [(text.Indentation(group) ?? "  ") + "  " + line]);
        }
        else
            text.AppendGroup("PropertyGroup", [line]);
    }

    // The repository that helps comes first, as it did when the fix was tried. Where none is named, opam's own is meant: then it has to be named.
    static void Add(ProjectText text, string repository)
    {
        static string Item(string address) => $"<OpamRepository Include=\"{ProjectText.Escape(address)}\" />";
        if (text.Elements.FirstOrDefault(element => element.Is("OpamRepository")) is { } first)
            text.InsertBefore(first, Item(repository));
        else
            text.AppendGroup("ItemGroup", [Item(repository), Item(RepositoryCache.Default)]);
    }

    static HillingarException Refused(LockFix fix, string why) =>
        new("HIL7004", $"'{fix.Description}' cannot be applied: {why}. Make the change by hand.", new Place(fix.ProjectFile));
}
