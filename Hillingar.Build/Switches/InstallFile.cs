using System.Collections.Immutable;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Switches;

/// <summary>A file that a <c>.install</c> file names.</summary>
/// <param name="Source">Where it is, below the build's folder.</param>
/// <param name="Destination">Where it goes, below the prefix.</param>
/// <param name="IsExecutable">Whether it is a program: its mode becomes 755, else 644.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
public sealed record InstalledFile(string Source, string Destination, bool IsExecutable, bool IsOptional);

/// <summary>The file <c>NAME.install</c> that a package's build may leave: what of the build goes where in the prefix (<c>OpamFile.Dot_install</c>).</summary>
/// <param name="Files">The files, in opam's order of sections.</param>
public sealed record InstallFile(ImmutableArray<InstalledFile> Files)
{
    /// <summary>What a package without such a file has.</summary>
    public static InstallFile Empty { get; } = new(ImmutableArray<InstalledFile>.Empty);

    // The section, the folder, whether that is the package's own, and whether programs go there; in the order of OpamAction.preprocess_dot_install.
    static readonly (string Section, string Folder, bool OfPackage, bool Executable)[] s_sections =
    [
        ("bin", "bin", false, true),
        ("sbin", "sbin", false, true),
        ("lib", "lib", true, false),
        ("libexec", "lib", true, true),
        ("lib_root", "lib", false, false),
        ("libexec_root", "lib", false, true),
        ("root", "prefix", false, false),
        ("rootexec", "prefix", false, true),
        ("toplevel", "toplevel", false, false),
        ("stublibs", "stublibs", false, true),
        ("man", "man", false, false),
        ("share", "share", true, false),
        ("share_root", "share", false, false),
        ("etc", "etc", true, false),
        ("doc", "doc", true, false),
    ];

    static readonly SwitchLayout s_layout = new("");

    /// <summary>Reads a file; one that is not there installs nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="package">The package it is of.</param>
    /// <exception cref="HillingarException">Of the 1000s: it is not of opam's language. HIL5061: it is refused, as it leaves the build's folder or the prefix, has a section <c>misc</c>, or has not the shape of such a file.</exception>
    public static InstallFile Read(string path, PackageName package) => File.Exists(path) ? Of(Document.Read(path), package) : Empty;

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="package">The package it is of.</param>
    /// <exception cref="HillingarException">As of <see cref="Read"/>.</exception>
    public static InstallFile Parse(string text, string path, PackageName package) => Of(Document.Parse(text, path), package);

    static InstallFile Of(Document document, PackageName package)
    {
        if (document.Field("misc") is { Value: not ListValue { Items: [] } } misc)
            throw Refused(document, misc.Value, "it installs files outside the prefix (misc), for which opam would ask its user");
        return new InstallFile([
            .. from section in s_sections
            let field = document.Field(section.Section)
            where field is not null
            let folder = section.OfPackage ? s_layout.Folder(section.Folder, package) : s_layout.Folder(section.Folder)
            from item in document.Elements(section.Section)
            select FileOf(document, item, section.Section, folder, section.Executable),
        ]);
    }

    static InstalledFile FileOf(Document document, Value item, string section, string folder, bool executable)
    {
        var (name, destination) = item switch
        {
            StringValue text => (text.Text, null),
            OptionValue { Value: StringValue text, Items: [StringValue to] } => (text.Text, to.Text),
            OptionValue { Value: StringValue text, Items: [] } => (text.Text, null),
            _ => throw Refused(document, item, $"in '{section}' a file's name was expected, or \"FILE\" {{\"DESTINATION\"}}"),
        };
        var optional = name.StartsWith('?');
        var source =
            PathBelow.Inside("", optional ? name[1..] : name)
            ?? throw Refused(document, item, $"'{name}' is not below the folder of the build");
        var last = source.Split('/')[^1];
        destination ??=
            section == "man"
                ? $"{ManFolder(last) ?? throw Refused(document, item, $"'{name}' does not end in a manual's section, such as .1")}/{last}"
                : last;
        if (PathBelow.Inside(folder, destination) is not { } place || place.Split('/')[0] == ".opam-switch")
            throw Refused(document, item, $"'{destination}' would not be below the prefix");
        return new InstalledFile(source, place, executable, optional);
    }

    // man1 … man8, from foo.1 or foo.1.gz.
    static string? ManFolder(string file)
    {
        var name = file.EndsWith(".gz", StringComparison.Ordinal) ? file[..^3] : file;
        return name.LastIndexOf('.') is var dot and >= 0 && dot + 1 < name.Length && name[dot + 1] is >= '1' and <= '8'
            ? $"man{name[dot + 1]}"
            : null;
    }

    static HillingarException Refused(Document document, Value at, string why) =>
        new("HIL5061", $"The file is refused: {why}. Tell the package's maintainers.", document.PlaceOf(at));
}
