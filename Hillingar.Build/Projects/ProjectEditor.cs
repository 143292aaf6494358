using System.Text;
using System.Xml;
using System.Xml.Linq;
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
        return own ?? (fix.Provided.Count > 0 ? beside.ObstacleToProvide() : null) ?? fix.Also.Select(other => Obstacle(other, project)).FirstOrDefault(why => why is not null);
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
        var beside = Beside(fix);
        XDocument document;
        try
        {
            document = XDocument.Load(fix.ProjectFile, LoadOptions.PreserveWhitespace);
        }
        catch (Exception exception) when (exception is IOException or XmlException or UnauthorizedAccessException)
        {
            throw Refused(fix, $"the file cannot be read: {exception.Message}");
        }

        var before = Text(document);
        foreach (var change in fix.Also.Prepend(fix))
            if (change.Kind is LockFixKind.Bound && !IsOwn(change, project))
                beside.Bound(change.Owner!, change.Package!, change.Version);
            else if (change.Kind is LockFixKind.LeaveOut && !IsOwn(change, project))
                beside.LeaveOut(change.Owner!, change.Package!);
            else
                Change(document, change, fix);
        if (fix.Provided.Count > 0)
            beside.Provide(fix.Provided);
        foreach (var (file, text) in beside.Changed)
            AtomicFile.WriteText(file, text);
        if (Text(document) is var after && after != before)
            AtomicFile.WriteText(fix.ProjectFile, after);
    }

    static void Change(XDocument document, LockFix fix, LockFix whole)
    {
        if (fix.Repository is not null)
            Add(document, fix.Repository);
        if (fix.Kind == LockFixKind.LockCompiler)
            SetProperty(document, "HillingarHostSwitch", "locked");
        if (fix.Kind is not (LockFixKind.Bound or LockFixKind.LeaveOut))
            return;
        var item = document.Descendants().FirstOrDefault(element => element.Name.LocalName == "OpamDependency" && (string?)element.Attribute("Include") == fix.Package)
            ?? throw Refused(whole, $"the file has no item <OpamDependency Include=\"{fix.Package}\">; it comes from elsewhere");
        if (fix.Kind == LockFixKind.LeaveOut)
            Remove(item);
        else
            item.SetAttributeValue("Version", fix.Version.Length > 0 ? fix.Version : null);
    }

    // The last one counts.
    static void SetProperty(XDocument document, string name, string value)
    {
        if (document.Descendants().LastOrDefault(element => element.Name.LocalName == name && element.Attribute("Condition") is null) is { } said)
        {
            said.Value = value;
            return;
        }

        var property = new XElement(document.Root!.Name.Namespace + name, value);
        if (document.Root.Elements().FirstOrDefault(element => element.Name.LocalName == "PropertyGroup" && element.Attribute("Condition") is null) is { LastNode: { } last } group)
        {
            var blank = group.Elements().FirstOrDefault() is { } first ? Blank(first) : new XText("\n    ");
            if (last is XText end && string.IsNullOrWhiteSpace(end.Value))
                end.AddBeforeSelf(blank, property);
            else
                group.Add(blank, property);
        }
        else
            document.Root.Add("  ", new XElement(document.Root.Name.Namespace + "PropertyGroup", "\n    ", property, "\n  "), "\n");
    }

    // The repository that helps comes first, as it did when the fix was tried. Where none is named, opam's own is meant: then it has to be named.
    static void Add(XDocument document, string repository)
    {
        XElement Item(string address) => new(document.Root!.Name.Namespace + "OpamRepository", new XAttribute("Include", address));
        if (document.Descendants().FirstOrDefault(element => element.Name.LocalName == "OpamRepository") is { } first)
        {
            first.AddBeforeSelf(Item(repository), Blank(first));
            return;
        }

        var group = new XElement(document.Root!.Name.Namespace + "ItemGroup", "\n    ", Item(repository), "\n    ", Item(RepositoryCache.Default), "\n  ");
        document.Root.Add("  ", group, "\n");
    }

    static void Remove(XElement item)
    {
        if (item.PreviousNode is XText { Value: var blank } before && string.IsNullOrWhiteSpace(blank))
            before.Remove();
        item.Remove();
    }

    static XText Blank(XElement element) => new(element.PreviousNode is XText { Value: var blank } && string.IsNullOrWhiteSpace(blank) ? blank : "\n    ");

    static string Text(XDocument document)
    {
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.None }))
            document.Save(writer);
        return document.Declaration is { } declaration ? $"{declaration}\n{text}" : text.ToString();
    }

    static HillingarException Refused(LockFix fix, string why) => new("HIL7004", $"'{fix.Description}' cannot be applied: {why}. Make the change by hand.", new Place(fix.ProjectFile));
}
