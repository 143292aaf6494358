using System.Text;
using System.Xml;
using System.Xml.Linq;
using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Projects;

/// <summary>Writes a fix into a project's file. What it does not touch stays as it is, comments and blanks too.</summary>
public static class ProjectEditor
{
    /// <summary>Whether a fix is one that the project's file can say.</summary>
    /// <param name="fix">The fix.</param>
    /// <param name="project">The project's name.</param>
    public static bool CanApply(LockFix fix, string project)
    {
        ArgumentNullException.ThrowIfNull(fix);
        return fix.Kind switch
        {
            LockFixKind.AddRepository => true,
            LockFixKind.Bound or LockFixKind.LeaveOut => fix.Owner is null || fix.Owner == project || fix.Owner == project + "-project",
            _ => false,
        };
    }

    /// <summary>Writes it.</summary>
    /// <param name="fix">The fix.</param>
    /// <param name="project">The project's name.</param>
    /// <exception cref="HillingarException">HIL7004: the file does not say what is to be changed, or cannot say the change.</exception>
    public static void Apply(LockFix fix, string project)
    {
        ArgumentNullException.ThrowIfNull(fix);
        if (!CanApply(fix, project))
            throw Refused(fix, $"it is not the project file's to say{(fix.Owner is { } owner ? $", but that of {owner}.opam" : "")}");
        XDocument document;
        try
        {
            document = XDocument.Load(fix.ProjectFile, LoadOptions.PreserveWhitespace);
        }
        catch (Exception exception) when (exception is IOException or XmlException or UnauthorizedAccessException)
        {
            throw Refused(fix, $"the file cannot be read: {exception.Message}");
        }

        if (fix.Kind == LockFixKind.AddRepository)
            Add(document, fix.Repository!);
        else
        {
            var item = document.Descendants().FirstOrDefault(element => element.Name.LocalName == "OpamDependency" && (string?)element.Attribute("Include") == fix.Package)
                ?? throw Refused(fix, $"the file has no item <OpamDependency Include=\"{fix.Package}\">; it comes from elsewhere");
            if (fix.Kind == LockFixKind.LeaveOut)
                Remove(item);
            else
                item.SetAttributeValue("Version", fix.Version.Length > 0 ? fix.Version : null);
        }

        AtomicFile.WriteText(fix.ProjectFile, Text(document));
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
