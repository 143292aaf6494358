using System.Buffers;
using System.Collections.Immutable;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>Something that counts only where its filter holds.</summary>
/// <typeparam name="T">What.</typeparam>
/// <param name="Value">The thing.</param>
/// <param name="Filter">Its filter; <see cref="Filter.True"/> when it has none.</param>
public sealed record Filtered<T>(T Value, Filter Filter);

/// <summary>A word of a command.</summary>
/// <param name="Text">A string in which variables are still to be replaced, or a variable's name.</param>
/// <param name="IsVariable">Whether it is a variable's name.</param>
public readonly record struct Argument(string Text, bool IsVariable);

/// <summary>A command of <c>build</c>, <c>install</c>, …</summary>
/// <param name="Arguments">Its words, the program first.</param>
/// <param name="Filter">When it is run.</param>
public sealed record OpamCommand(ImmutableArray<Filtered<Argument>> Arguments, Filter Filter)
{
    /// <summary>The words in an environment, or null when the command is not run there (<c>OpamFilter.command</c>).</summary>
    /// <param name="variables">The variables.</param>
    public ImmutableArray<string>? Evaluate(IVariables variables)
    {
        if (!Filter.Holds(variables))
            return null;
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (var argument in Arguments)
            if (argument.Filter.Holds(variables))
                if (!argument.Value.IsVariable)
                    words.Add(Interpolation.Expand(argument.Value.Text, variables, "")!);
                else if (Filter.Ident.TryParse(argument.Value.Text)?.Resolve(variables, keepUndefined: false) is { } value)
                    words.AddRange(value.Items);
                else
                    words.Add("");
        return words.Count == 0 ? null : words.ToImmutable();
    }
}

/// <summary>How a package changes an environment variable.</summary>
/// <param name="Variable">The variable.</param>
/// <param name="Operator">How.</param>
/// <param name="Value">The value, in which variables are still to be replaced.</param>
public sealed record VariableUpdate(string Variable, UpdateOperator Operator, string Value);

/// <summary>Where an archive or a file comes from.</summary>
/// <param name="Url">The URL, <c>src:</c>; <c>git+https://…#commit</c> for a git repository.</param>
/// <param name="Checksums">The checksums, in the order given.</param>
/// <param name="Mirrors">Other URLs of the same archive.</param>
/// <param name="Subpath">The folder inside that is the package's, if it is not the root.</param>
public sealed record SourceUrl(string Url, ImmutableArray<Checksum> Checksums, ImmutableArray<string> Mirrors, string? Subpath = null);

/// <summary>A file that comes with the build from a URL of its own: <c>extra-source "name" {…}</c>.</summary>
/// <param name="Name">Its name in the build's folder.</param>
/// <param name="Source">Where it comes from.</param>
public sealed record ExtraSource(string Name, SourceUrl Source);

/// <summary>A file that comes with the package's description in the repository: <c>extra-files</c>.</summary>
/// <param name="Name">Its path below <c>files/</c>.</param>
/// <param name="Checksum">Its checksum.</param>
public sealed record ExtraFile(string Name, Checksum Checksum);

/// <summary>A package pinned to a URL: <c>pin-depends</c>.</summary>
/// <param name="Package">The package.</param>
/// <param name="Url">The URL.</param>
public sealed record Pin(OpamPackage Package, string Url);

/// <summary>The algorithms of opam's checksums, weakest first.</summary>
public enum ChecksumKind
{
    /// <summary>MD5; identifies, does not secure.</summary>
    Md5,

    /// <summary>SHA-1, which opam itself does not take.</summary>
    Sha1,

    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512,
}

/// <summary>A checksum, such as <c>sha256=…</c>.</summary>
/// <param name="Kind">The algorithm.</param>
/// <param name="Hex">The hash, in lower-case hexadecimal digits.</param>
public sealed record Checksum(ChecksumKind Kind, string Hex)
{
    /// <summary>Reads <c>kind=hex</c>, or the bare hex digits of an MD5.</summary>
    /// <param name="text">The text.</param>
    /// <param name="checksum">The checksum.</param>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Checksum? checksum)
    {
        checksum = null;
        var equals = text.IndexOf('=');
        var hex = text.AsSpan(equals + 1);
        ChecksumKind? kind = (equals < 0 ? "md5" : text.AsSpan(0, equals)) switch
        {
            "md5" or "MD5" => ChecksumKind.Md5,
            "sha1" or "SHA1" => ChecksumKind.Sha1,
            "sha256" or "SHA256" => ChecksumKind.Sha256,
            "sha512" or "SHA512" => ChecksumKind.Sha512,
            _ => null,
        };
        if (kind is not { } known || hex.Length != Length(known) || hex.ContainsAnyExcept(s_digits))
            return false;
        checksum = new(known, hex.ToString().ToLowerInvariant());
        return true;
    }

    static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdefABCDEF");

    static int Length(ChecksumKind kind) =>
        kind switch
        {
            ChecksumKind.Md5 => 32,
            ChecksumKind.Sha1 => 40,
            ChecksumKind.Sha256 => 64,
            _ => 128,
        };

    /// <summary>The algorithm's name as opam writes it.</summary>
    public string KindText =>
        Kind switch
        {
            ChecksumKind.Md5 => "md5",
            ChecksumKind.Sha1 => "sha1",
            ChecksumKind.Sha256 => "sha256",
            _ => "sha512",
        };

    /// <summary>Where an archive cache keeps the file: <c>sha256/ab/abcd…</c>.</summary>
    public string CachePath => $"{KindText}/{Hex.AsSpan(0, 2)}/{Hex}";

    /// <summary>The checksum as opam writes it.</summary>
    public override string ToString() => $"{KindText}={Hex}";
}
