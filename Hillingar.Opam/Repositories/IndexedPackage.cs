using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Repositories;

/// <summary>Facts in an index.</summary>
readonly record struct IndexPlace(IndexFile Index, IndexFacts Facts);

/// <summary>A version in an index: its properties are decoded when asked for, in three strides.</summary>
sealed class IndexedPackage(
    OpamPackage package,
    Repository repository,
    IndexPlace place,
    Func<IndexedPackage, PackageFile> read,
    Func<IndexedPackage, string, byte[]?> readExtra
) : RepositoryPackage(package)
{
    Choice? _choice;
    Needs? _needs;
    Rest? _rest;

    // A parsed file is many times what the index has of it, and a repository keeps its packages: whoever needs the file holds it.
    WeakReference<PackageFile>? _file;

    // What tells whether a version is a candidate; what it needs once it is chosen; all else.
    sealed record Choice(byte Bits, Filter Available, string[] Flags, PackageName[] ConflictClass, int End);

    sealed record Needs(Formula<FilteredPackage> Depends, Formula<FilteredPackage> Conflicts, int End);

    sealed record Rest(Formula<FilteredPackage> Depopts, string[] Tags, string? Synopsis, string? DevRepo, SourceUrl? Url);

    public override Repository Repository => repository;

    public override Formula<FilteredPackage> Depends => ReadNeeds().Depends;

    public override Formula<FilteredPackage> Conflicts => ReadNeeds().Conflicts;

    public override Formula<FilteredPackage> Depopts => ReadRest().Depopts;

    public override IReadOnlyList<PackageName> ConflictClass => ReadChoice().ConflictClass;

    public override Filter Available => ReadChoice().Available;

    public override IReadOnlyList<string> Flags => ReadChoice().Flags;

    public override IReadOnlyList<string> Tags => ReadRest().Tags;

    public override string? Synopsis => ReadRest().Synopsis;

    public override string? DevRepo => ReadRest().DevRepo;

    public override SourceUrl? Url => ReadRest().Url;

    public override bool HasUrl => (ReadChoice().Bits & Facts.HasUrl) != 0;

    public override bool HasCommands => (ReadChoice().Bits & Facts.HasCommands) != 0;

    public override bool UsesDune => (ReadChoice().Bits & Facts.UsesDune) != 0;

    public override bool UsesJbuilder => (ReadChoice().Bits & Facts.UsesJbuilder) != 0;

    public override PackageFile Read()
    {
        if (_file?.TryGetTarget(out var known) == true)
            return known;
        var loaded = read(this);
        _file = new(loaded);
        return loaded;
    }

    public override byte[]? ReadExtra(string name) => readExtra(this, name);

    FactReader At(int offset) => new(place.Index.At(place.Facts.Offset + offset, place.Facts.Length - offset), place.Index);

    Choice ReadChoice()
    {
        if (_choice is { } known)
            return known;
        var reader = At(0);
        return _choice = new(reader.Byte(), reader.Filter(), reader.SharedList(), reader.Names(), reader.Position);
    }

    Needs ReadNeeds()
    {
        if (_needs is { } known)
            return known;
        var begin = ReadChoice().End;
        var reader = At(begin);
        return _needs = new(reader.Packages(), reader.Packages(), begin + reader.Position);
    }

    Rest ReadRest()
    {
        if (_rest is { } known)
            return known;
        var reader = At(ReadNeeds().End);
        var bits = ReadChoice().Bits;
        return _rest = new(
            reader.Packages(),
            reader.SharedList(),
            (bits & Facts.HasSynopsis) != 0 ? reader.Shared() : null,
            (bits & Facts.HasDevRepo) != 0 ? reader.Shared() : null,
            (bits & Facts.HasUrl) != 0 ? reader.Url() : null
        );
    }
}
