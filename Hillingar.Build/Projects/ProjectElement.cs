namespace Hillingar.Build.Projects;

/// <summary>An attribute, and where it and its value stand in the text.</summary>
readonly record struct ProjectAttribute(string Name, string Value, int Start, int ValueStart, int ValueEnd);

/// <summary>An element of a project's file.</summary>
sealed class ProjectElement(
    string name,
    ProjectElement? parent,
    IReadOnlyList<ProjectAttribute> attributes,
    bool isEmpty,
    int line,
    int column
)
{
    public string Name { get; } = name;

    public ProjectElement? Parent { get; } = parent;

    public IReadOnlyList<ProjectAttribute> Attributes { get; } = attributes;

    /// <summary>Whether it is written as a tag that has no end.</summary>
    public bool IsEmpty { get; } = isEmpty;

    public int Line { get; } = line;

    public int Column { get; } = column;

    public int Start { get; init; }

    public int ContentStart { get; init; }

    public int ContentEnd { get; set; }

    public int End { get; set; }

    public string Content { get; set; } = "";

    /// <summary>An attribute's value; null where there is none.</summary>
    public string? this[string name] => Attributes.FirstOrDefault(attribute => attribute.Name == name).Value;

    /// <summary>The elements around it, the nearest first.</summary>
    public IEnumerable<ProjectElement> Around
    {
        get
        {
            for (var element = Parent; element is not null; element = element.Parent)
                yield return element;
        }
    }

    /// <summary>To MSBuild, Opamdependency is OpamDependency.</summary>
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
