using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Projects;

/// <summary>Writes a fix into a project's file. What it does not touch stays as it is, comments and blanks too.</summary>
public static class ProjectEditor
{
    const string Provides = "x-opam-monorepo-opam-provided";

    /// <summary>Whether a fix is one that the project's file, or an opam file beside it, can be made to say.</summary>
    /// <param name="fix">The fix.</param>
    /// <param name="project">The project's name.</param>
    public static bool CanApply(LockFix fix, string project) => Obstacle(fix, project) is null;

    // Why it cannot be made, in words that follow a colon.
    static string? Obstacle(LockFix fix, string project)
    {
        ArgumentNullException.ThrowIfNull(fix);
        var own = fix.Kind switch
        {
            LockFixKind.AddRepository or LockFixKind.LockCompiler => null,
            LockFixKind.Bound or LockFixKind.LeaveOut => fix.Owner is null || fix.Owner == project || fix.Owner == project + "-project" ? null : $"it is not the project file's to say, but that of {fix.Owner}.opam",
            LockFixKind.Provide => null,
            _ => "it is not the project file's to say",
        };
        return own ?? (fix.Provided.Count > 0 && OpamFile(fix) is null ? $"only an opam file can say it ({Provides}), and there is none beside the project" : null)
            ?? fix.Also.Select(other => Obstacle(other, project)).FirstOrDefault(why => why is not null);
    }

    /// <summary>Writes it, all of it or nothing.</summary>
    /// <param name="fix">The fix.</param>
    /// <param name="project">The project's name.</param>
    /// <exception cref="HillingarException">HIL7004: the file does not say what is to be changed, or cannot say the change.</exception>
    public static void Apply(LockFix fix, string project)
    {
        if (Obstacle(fix, project) is { } obstacle)
            throw Refused(fix, obstacle);
        var text = ProjectText.Load(fix.ProjectFile);
        Document? provided;
        try
        {
            provided = fix.Provided.Count > 0 && OpamFile(fix) is { } file ? Document.Read(file).Set(Provides, Make.Strings([.. fix.Provided])) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(fix, $"the file cannot be read: {exception.Message}");
        }

        foreach (var change in fix.Also.Prepend(fix))
            Change(text, change, fix);
        if (provided is not null)
            AtomicFile.WriteText(provided.Path, Encoding.UTF8.GetString(provided.Source!));
        text.Save();
    }

    static void Change(ProjectText text, LockFix fix, LockFix whole)
    {
        if (fix.Repository is not null)
            Add(text, fix.Repository);
        if (fix.Kind == LockFixKind.LockCompiler)
            SetProperty(text, "HillingarHostSwitch", "locked");
        if (fix.Kind is not (LockFixKind.Bound or LockFixKind.LeaveOut))
            return;
        var item = text.Elements.FirstOrDefault(element => element.Is("OpamDependency") && element["Include"] == fix.Package)
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

    // One that says it already, else the first.
    static string? OpamFile(LockFix fix)
    {
        var files = Directory.GetFiles(Path.GetDirectoryName(Path.GetFullPath(fix.ProjectFile))!, "*.opam").Order(StringComparer.Ordinal).ToList();
        return files.Find(file => Document.Read(file).Field(Provides) is not null) ?? files.FirstOrDefault();
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

        if (text.Elements.FirstOrDefault(element => element.Parent == text.Elements[0] && element.Is("PropertyGroup") && element["Condition"] is null && !element.IsEmpty) is { } group)
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

    static HillingarException Refused(LockFix fix, string why) => new("HIL7004", $"'{fix.Description}' cannot be applied: {why}. Make the change by hand.", new Place(fix.ProjectFile));
}
