using Hillingar.Opam.Files;

namespace Hillingar.Opam.Universe;

/// <summary>What the package that a project file is says of itself, beyond what opam knows.</summary>
public static class ProjectFields
{
    /// <summary>The field that lists the dependencies that nobody wrote, as every project has them.</summary>
    public const string ImpliedField = "x-hillingar-implied";

    /// <summary>What is put behind the name of a project whose name an opam file has already.</summary>
    public const string Suffix = "-project";

    /// <summary>Whether a package is what a project file says.</summary>
    /// <param name="file">The package.</param>
    public static bool IsProject(PackageFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Extension(ImpliedField) is not null;
    }

    /// <summary>The names of these dependencies.</summary>
    /// <param name="file">The package.</param>
    public static IEnumerable<string> Implied(PackageFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Extension(ImpliedField) is Syntax.ListValue list
            ? list.Items.OfType<Syntax.StringValue>().Select(item => item.Text)
            : [];
    }
}
