using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Repositories;

/// <summary>Strings by number: what occurs often is stored once.</summary>
interface IStrings
{
    string this[int number] { get; }
}

/// <summary>The bits that a package's facts begin with.</summary>
static class Facts
{
    public const byte HasUrl = 1,
        HasDevRepo = 2,
        HasCommands = 4,
        UsesDune = 8,
        UsesJbuilder = 16,
        HasSynopsis = 32;
}

/// <summary>Writes the facts of a package that choosing versions and looking for packages take, in few bytes.</summary>
/// <remarks>
/// Numbers are LEB128. A formula is a byte for its case, then its parts; a filter likewise. Strings that packages share
/// (names, versions, variables, tags, synopses) are numbers into a table, others stand where they are, length first.
/// </remarks>
sealed class FactWriter(Func<string, int> number)
{
    readonly ArrayBufferWriter<byte> _output = new(1024);

    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    public void Clear() => _output.ResetWrittenCount();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Package(PackageFile file)
    {
        var url = file.Url;
        var (devRepo, synopsis) = (file.DevRepo, file.Synopsis);
        var (depends, depopts) = (file.Depends, file.Depopts);
        Byte(
            (byte)(
                (url is null ? 0 : Facts.HasUrl)
                | (devRepo is null ? 0 : Facts.HasDevRepo)
                | (synopsis is null ? 0 : Facts.HasSynopsis)
                | (file.HasCommands ? Facts.HasCommands : 0)
                | (RepositoryPackage.Names(depends, "dune") || RepositoryPackage.Names(depopts, "dune") ? Facts.UsesDune : 0)
                | (RepositoryPackage.Names(depends, "jbuilder") || RepositoryPackage.Names(depopts, "jbuilder") ? Facts.UsesJbuilder : 0)
            )
        );
        Filter(file.Available);
        List(file.Flags, Shared);
        List(file.ConflictClass, name => Shared(name.Text));
        Formula(depends, Package);
        Formula(file.Conflicts, Package);
        Formula(depopts, Package);
        List(file.Tags, Shared);
        if (synopsis is not null)
            Shared(synopsis);
        if (devRepo is not null)
            Shared(devRepo);
        if (url is null)
            return;
        Own(url.Url);
        Own(url.Subpath ?? "");
        List(
            url.Checksums,
            checksum =>
            {
                Byte((byte)checksum.Kind);
                _output.Write(Convert.FromHexString(checksum.Hex));
            }
        );
        List(url.Mirrors, Own);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Byte(byte value)
    {
        _output.GetSpan(1)[0] = value;
        _output.Advance(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Number(long value)
    {
        var rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7)
            Byte((byte)(rest | 0x80));
        Byte((byte)rest);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => _output.Write(bytes);

    public void Shared(string text) => Number(number(text));

    public void Own(string text)
    {
        Number(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _output);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void List<T>(ImmutableArray<T> items, Action<T> write)
    {
        Number(items.Length);
        foreach (var item in items)
            write(item);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Formula<T>(Formula<T> formula, Action<T> atom)
    {
        switch (formula)
        {
            case Formula<T>.Atom a:
                Byte(1);
                atom(a.Value);
                break;
            case Formula<T>.Block block:
                Byte(2);
                Formula(block.Inner, atom);
                break;
            case Formula<T>.And and:
                Byte(3);
                Formula(and.Left, atom);
                Formula(and.Right, atom);
                break;
            case Formula<T>.Or or:
                Byte(4);
                Formula(or.Left, atom);
                Formula(or.Right, atom);
                break;
            default:
                Byte(0);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Package(FilteredPackage package)
    {
        Shared(package.Name.Text);
        Formula(package.Condition, Constraint);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Constraint(FilteredConstraint item)
    {
        switch (item)
        {
            case FilteredConstraint.Constraint constraint:
                Byte((byte)constraint.Operator);
                Filter(constraint.Version);
                break;
            case FilteredConstraint.When filter:
                Byte(FactReader.When);
                Filter(filter.Filter);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Filter(Filter filter)
    {
        switch (filter)
        {
            case Opam.Language.Filter.Bool b:
                Byte(b.Value ? FactReader.True : FactReader.False);
                break;
            case Opam.Language.Filter.Text text:
                Byte(FactReader.Text);
                Shared(text.Value);
                break;
            case Opam.Language.Filter.Ident ident:
                Byte(FactReader.Ident);
                Shared(ident.Name);
                break;
            case Opam.Language.Filter.Comparison comparison:
                Byte((byte)(FactReader.Comparison + (byte)comparison.Operator));
                Filter(comparison.Left);
                Filter(comparison.Right);
                break;
            case Opam.Language.Filter.And and:
                Byte(FactReader.And);
                Filter(and.Left);
                Filter(and.Right);
                break;
            case Opam.Language.Filter.Or or:
                Byte(FactReader.Or);
                Filter(or.Left);
                Filter(or.Right);
                break;
            case Opam.Language.Filter.Not not:
                Byte(FactReader.Not);
                Filter(not.Operand);
                break;
            case Opam.Language.Filter.Defined defined:
                Byte(FactReader.Defined);
                Filter(defined.Operand);
                break;
        }
    }
}

/// <summary>Reads what <see cref="FactWriter"/> wrote. A byte that cannot be is an <see cref="InvalidDataException"/>.</summary>
ref struct FactReader(ReadOnlySpan<byte> bytes, IStrings strings)
{
    public const byte True = 0,
        False = 1,
        Text = 2,
        Ident = 3,
        And = 4,
        Or = 5,
        Not = 6,
        Defined = 7,
        Comparison = 8;
    public const byte When = 6;

    readonly ReadOnlySpan<byte> _bytes = bytes;
    int _position;

    public readonly int Position => _position;

    public byte Byte() => (uint)_position < (uint)_bytes.Length ? _bytes[_position++] : throw Damaged();

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return (long)value;
        }
        throw Damaged();
    }

    public int Count()
    {
        var count = Number();
        return count >= 0 && count <= _bytes.Length - _position ? (int)count : throw Damaged();
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > _bytes.Length - _position)
            throw Damaged();
        _position += count;
        return _bytes.Slice(_position - count, count);
    }

    public string Shared() => strings[(int)Math.Clamp(Number(), -1, int.MaxValue)];

    public string Own() => Encoding.UTF8.GetString(Bytes(Count()));

    static InvalidDataException Damaged() => new("The index is damaged.");

    public Formula<FilteredPackage> Packages()
    {
        switch (Byte())
        {
            case 0:
                return Formula<FilteredPackage>.Empty;
            case 1:
                return new Formula<FilteredPackage>.Atom(new(new(Shared()), Constraints()));
            case 2:
                return new Formula<FilteredPackage>.Block(Packages());
            case 3:
                var left = Packages();
                return new Formula<FilteredPackage>.And(left, Packages());
            case 4:
                left = Packages();
                return new Formula<FilteredPackage>.Or(left, Packages());
            default:
                throw Damaged();
        }
    }

    Formula<FilteredConstraint> Constraints()
    {
        switch (Byte())
        {
            case 0:
                return Formula<FilteredConstraint>.Empty;
            case 1:
                var op = Byte();
                return new Formula<FilteredConstraint>.Atom(
                    op switch
                    {
                        < When => new FilteredConstraint.Constraint((RelationalOperator)op, Filter()),
                        When => new FilteredConstraint.When(Filter()),
                        _ => throw Damaged(),
                    }
                );
            case 2:
                return new Formula<FilteredConstraint>.Block(Constraints());
            case 3:
                var left = Constraints();
                return new Formula<FilteredConstraint>.And(left, Constraints());
            case 4:
                left = Constraints();
                return new Formula<FilteredConstraint>.Or(left, Constraints());
            default:
                throw Damaged();
        }
    }

    public Filter Filter()
    {
        var tag = Byte();
        switch (tag)
        {
            case True:
                return Opam.Language.Filter.True;
            case False:
                return new Filter.Bool(false);
            case Text:
                return new Filter.Text(Shared());
            case Ident:
                return Opam.Language.Filter.Ident.TryParse(Shared()) ?? throw Damaged();
            case Not:
                return new Filter.Not(Filter());
            case Defined:
                return new Filter.Defined(Filter());
            case And:
                var left = Filter();
                return new Filter.And(left, Filter());
            case Or:
                left = Filter();
                return new Filter.Or(left, Filter());
            case < Comparison + 6:
                left = Filter();
                return new Filter.Comparison(left, (RelationalOperator)(tag - Comparison), Filter());
            default:
                throw Damaged();
        }
    }

    public string[] SharedList()
    {
        var list = new string[Count()];
        for (var i = 0; i < list.Length; i++)
            list[i] = Shared();
        return list;
    }

    public PackageName[] Names()
    {
        var list = new PackageName[Count()];
        for (var i = 0; i < list.Length; i++)
            list[i] = new(Shared());
        return list;
    }

    public SourceUrl Url()
    {
        var url = Own();
        var subpath = Own();
        var checksums = ImmutableArray.CreateBuilder<Checksum>();
        for (var rest = Count(); rest > 0; rest--)
        {
            var kind = (ChecksumKind)Byte();
            var length = kind switch
            {
                ChecksumKind.Md5 => 16,
                ChecksumKind.Sha1 => 20,
                ChecksumKind.Sha256 => 32,
                ChecksumKind.Sha512 => 64,
                _ => throw Damaged(),
            };
            checksums.Add(new(kind, Convert.ToHexStringLower(Bytes(length))));
        }
        var mirrors = ImmutableArray.CreateBuilder<string>();
        for (var rest = Count(); rest > 0; rest--)
            mirrors.Add(Own());
        return new(url, checksums.ToImmutable(), mirrors.ToImmutable(), subpath.Length == 0 ? null : subpath);
    }
}
