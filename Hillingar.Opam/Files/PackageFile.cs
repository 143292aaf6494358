using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>
/// What an opam file of a package says (a lock file is one too). Fields are decoded when asked for. As opam does, a field that
/// is not of its shape is left out; <see cref="Check"/> tells which.
/// </summary>
public sealed class PackageFile
{
    readonly Decode _decode;
    readonly OpamPackage? _given;
    readonly List<Diagnostic> _problems = [];

    /// <summary>Reads a parsed file as a package's.</summary>
    /// <param name="document">The file.</param>
    /// <param name="package">The package, where the file's folder names it.</param>
    public PackageFile(Document document, OpamPackage? package = null)
    {
        Document = document;
        _given = package;
        _decode = new(document);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="package">The package, where the file's folder names it.</param>
    /// <exception cref="HillingarException">It cannot be read, or is not of opam's language.</exception>
    public static PackageFile Read(string path, OpamPackage? package = null) => new(Document.Read(path), package);

    /// <summary>The file as a tree: everything raw.</summary>
    public Document Document { get; }

    /// <summary>The package's name, from its folder or the field <c>name</c>.</summary>
    public PackageName? Name => _given?.Name ?? Get<PackageName?>("name"u8, null, value => _decode.Name(value));

    /// <summary>The package's version, from its folder or the field <c>version</c>.</summary>
    public OpamVersion? Version => _given?.Version ?? Get<OpamVersion?>("version"u8, null, value => _decode.Version(value));

    /// <summary><c>opam-version</c>, the file's format.</summary>
    public string? OpamVersion => Text("opam-version"u8);

    /// <summary><c>synopsis</c>.</summary>
    public string? Synopsis => Text("synopsis"u8);

    /// <summary><c>description</c>.</summary>
    public string? Description => Text("description"u8);

    /// <summary><c>maintainer</c>.</summary>
    public ImmutableArray<string> Maintainer => Strings("maintainer"u8);

    /// <summary><c>authors</c>.</summary>
    public ImmutableArray<string> Authors => Strings("authors"u8) is { IsEmpty: false } authors ? authors : Strings("author"u8);

    /// <summary><c>license</c>: SPDX expressions.</summary>
    public ImmutableArray<string> License => Strings("license"u8);

    /// <summary><c>tags</c>.</summary>
    public ImmutableArray<string> Tags => Strings("tags"u8);

    /// <summary><c>homepage</c>.</summary>
    public ImmutableArray<string> Homepage => Strings("homepage"u8);

    /// <summary><c>doc</c>.</summary>
    public ImmutableArray<string> Doc => Strings("doc"u8);

    /// <summary><c>bug-reports</c>.</summary>
    public ImmutableArray<string> BugReports => Strings("bug-reports"u8);

    /// <summary><c>depends</c>.</summary>
    public Formula<FilteredPackage> Depends => Packages("depends"u8, disjunction: false);

    /// <summary><c>depopts</c>, a disjunction.</summary>
    public Formula<FilteredPackage> Depopts => Packages("depopts"u8, disjunction: true);

    /// <summary><c>conflicts</c>, a disjunction; an <c>&amp;</c> in it counts as <c>|</c>.</summary>
    public Formula<FilteredPackage> Conflicts => Disjunction(Packages("conflicts"u8, disjunction: true));

    /// <summary><c>conflict-class</c>.</summary>
    public ImmutableArray<PackageName> ConflictClass => Get("conflict-class"u8, [], value => Decode.List(value, _decode.Name));

    /// <summary><c>available</c>; true when it is absent.</summary>
    public Filter Available =>
        Get("available"u8, Filter.True, value => _decode.Filter(value is ListValue list ? list.Items : [value], value));

    /// <summary><c>flags</c>, and those given as tags <c>flags:…</c>.</summary>
    public ImmutableArray<string> Flags
    {
        get
        {
            var flags = Get<ImmutableArray<string>>("flags"u8, [], value => Decode.List(value, _decode.Ident));
            foreach (var tag in Tags)
                if (tag.StartsWith("flags:", StringComparison.Ordinal))
                    flags = flags.Add(tag["flags:".Length..]);
            return flags;
        }
    }

    /// <summary>Whether it has a flag, such as <c>avoid-version</c>, <c>conf</c> or <c>compiler</c>.</summary>
    /// <param name="flag">The flag.</param>
    public bool HasFlag(string flag) => Flags.Contains(flag);

    /// <summary><c>build</c>.</summary>
    public ImmutableArray<OpamCommand> Build => Commands("build"u8);

    /// <summary>Whether there are <c>build</c> or <c>install</c> commands.</summary>
    public bool HasCommands => HasValue("build"u8) || HasValue("install"u8);

    bool HasValue(ReadOnlySpan<byte> name) => Document.Field(name) is { Value: not ListValue { Items: [] } };

    /// <summary><c>run-test</c>.</summary>
    public ImmutableArray<OpamCommand> RunTest => Commands("run-test"u8);

    /// <summary><c>install</c>.</summary>
    public ImmutableArray<OpamCommand> Install => Commands("install"u8);

    /// <summary><c>remove</c>.</summary>
    public ImmutableArray<OpamCommand> Remove => Commands("remove"u8);

    /// <summary><c>url { src checksum mirrors subpath }</c>, or null for a package without sources.</summary>
    public SourceUrl? Url => Document.Section("url") is { } section ? Guard(null, () => Source(section), section) : null;

    /// <summary><c>extra-source "name" {…}</c>.</summary>
    public ImmutableArray<ExtraSource> ExtraSources =>
        [
            .. from item in Document.Items.OfType<Section>()
            where item.Kind == "extra-source" && item.NameValue is not null
            let source = Guard(
                null,
                () =>
                    Decode.IsInside(item.Name!)
                        ? Source(item)
                        : throw _decode.Error(item.NameValue!, "a file's name inside the build's folder"),
                item
            )
            where source is not null
            select new ExtraSource(item.Name!, source),
        ];

    /// <summary><c>extra-files</c>.</summary>
    public ImmutableArray<ExtraFile> ExtraFiles =>
        Get(
            "extra-files"u8,
            [],
            value =>
                Decode.Lists(
                    value,
                    pair =>
                    {
                        var (name, checksum) = _decode.Pair(pair);
                        return new ExtraFile(_decode.FileName(name), _decode.Checksum(checksum));
                    }
                )
        );

    /// <summary><c>dev-repo</c>.</summary>
    public string? DevRepo => Text("dev-repo"u8);

    /// <summary><c>patches</c>: files below <c>files/</c> or in the sources, applied in this order.</summary>
    public ImmutableArray<Filtered<string>> Patches =>
        Get("patches"u8, [], value => Decode.List(value, item => _decode.Filtered(item, _decode.FileName)));

    /// <summary><c>substs</c>: files made from <c>NAME.in</c> by replacing variables.</summary>
    public ImmutableArray<string> Substs => Get("substs"u8, [], value => Decode.List(value, _decode.FileName));

    /// <summary><c>depexts</c>: packages of the system.</summary>
    public ImmutableArray<Filtered<ImmutableArray<string>>> Depexts =>
        Get("depexts"u8, [], value => Decode.Lists(value, item => _decode.Filtered(item, _decode.Strings)));

    /// <summary><c>pin-depends</c>.</summary>
    public ImmutableArray<Pin> PinDepends =>
        Get(
            "pin-depends"u8,
            [],
            value =>
                Decode.Lists(
                    value,
                    item =>
                        _decode.Pair(item) is var (package, url) && OpamPackage.TryParse(_decode.String(package), out var pinned)
                            ? new Pin(pinned, _decode.String(url))
                            : throw _decode.Error(item, "[\"NAME.VERSION\" \"URL\"]")
                )
        );

    /// <summary><c>setenv</c>.</summary>
    public ImmutableArray<VariableUpdate> SetEnv => Get("setenv"u8, [], _decode.Updates);

    /// <summary><c>build-env</c>.</summary>
    public ImmutableArray<VariableUpdate> BuildEnv => Get("build-env"u8, [], _decode.Updates);

    /// <summary><c>messages</c>.</summary>
    public ImmutableArray<Filtered<string>> Messages => FilteredStrings("messages"u8);

    /// <summary><c>post-messages</c>.</summary>
    public ImmutableArray<Filtered<string>> PostMessages => FilteredStrings("post-messages"u8);

    /// <summary>The extension fields, <c>x-…</c>, in the file's order.</summary>
    public IEnumerable<Field> Extensions =>
        Document.Items.OfType<Field>().Where(item => item.Name.StartsWith("x-", StringComparison.Ordinal));

    /// <summary>The value of an extension field, or null.</summary>
    /// <param name="name">Its name, <c>x-…</c>.</param>
    public Value? Extension(string name) => Document.Field(name)?.Value;

    /// <summary>Decodes every field and tells those that are not of their shape, and were so left out.</summary>
    public ImmutableArray<Diagnostic> Check()
    {
        _problems.Clear();
        _ = (Name, Version, OpamVersion, Synopsis, Description, Maintainer, Authors);
        _ = (License, Tags, Homepage, Doc, BugReports, Depends, Depopts);
        _ = (Conflicts, ConflictClass, Available, Flags, Build, RunTest, Install);
        _ = (Remove, Url, ExtraSources, ExtraFiles, DevRepo, Patches, Substs);
        _ = (Depexts, PinDepends, SetEnv, BuildEnv, Messages, PostMessages);
        return [.. _problems.Distinct()];
    }

    T Get<T>(ReadOnlySpan<byte> name, T missing, Func<Value, T> read) =>
        Document.Field(name) is { } field ? Guard(missing, () => read(field.Value), field) : missing;

    T Guard<T>(T missing, Func<T> read, Item item)
    {
        try
        {
            return read();
        }
        catch (HillingarException e)
        {
            _problems.Add(
                e.Diagnostic with
                {
                    Severity = Severity.Warning,
                    Message = $"{(item is Field field ? field.Name : ((Section)item).Kind)} is left out: {e.Message}",
                }
            );
            return missing;
        }
    }

    string? Text(ReadOnlySpan<byte> name) => Get<string?>(name, null, value => _decode.String(value).Trim());

    ImmutableArray<string> Strings(ReadOnlySpan<byte> name) => Get(name, [], _decode.Strings);

    ImmutableArray<Filtered<string>> FilteredStrings(ReadOnlySpan<byte> name) =>
        Get(name, [], value => Decode.List(value, item => _decode.Filtered(item, text => _decode.String(text).Trim())));

    ImmutableArray<OpamCommand> Commands(ReadOnlySpan<byte> name) => Get(name, [], _decode.Commands);

    Formula<FilteredPackage> Packages(ReadOnlySpan<byte> name, bool disjunction) =>
        Get(name, Formula<FilteredPackage>.Empty, value => _decode.Packages(value, disjunction));

    static Formula<FilteredPackage> Disjunction(Formula<FilteredPackage> formula) =>
        formula switch
        {
            Formula<FilteredPackage>.And and => Formula<FilteredPackage>.MakeOr(Disjunction(and.Left), Disjunction(and.Right)),
            Formula<FilteredPackage>.Or or => Formula<FilteredPackage>.MakeOr(Disjunction(or.Left), Disjunction(or.Right)),
            Formula<FilteredPackage>.Block block => new Formula<FilteredPackage>.Block(Disjunction(block.Inner)),
            _ => formula,
        };

    SourceUrl? Source(Section section)
    {
        if (
            (section.Field("src"u8) ?? section.Field("archive"u8) ?? section.Field("http"u8) ?? section.Field("git"u8))?.Value
            is not { } src
        )
            return null;
        return new SourceUrl(
            _decode.String(src),
            section.Field("checksum"u8) is { } checksums ? Decode.List(checksums.Value, _decode.Checksum) : [],
            section.Field("mirrors"u8) is { } mirrors ? _decode.Strings(mirrors.Value) : [],
            section.Field("subpath"u8) is { } subpath ? _decode.FileName(subpath.Value)
                : Document.Field("x-subpath"u8) is { } extension ? _decode.FileName(extension.Value)
                : null
        );
    }
}
