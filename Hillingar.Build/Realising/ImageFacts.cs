namespace Hillingar.Build;

/// <summary>What is said of an image in one line, <c>SIZE|SHA256|ABI</c>, so that a build with nothing to do need not read the image again.</summary>
public static class ImageFacts
{
    /// <summary>The line of an image; its ABI is Solo5's, such as <c>spt.2</c>, and nothing for others.</summary>
    /// <exception cref="HillingarException">HIL5030 to HIL5032: it cannot be read.</exception>
    public static string Of(string image)
    {
        // A program of macOS is no ELF file, and has no more to say.
        var read = IsElf(image) ? UnikernelImage.Read(image) : null;
        return $"{new FileInfo(image).Length}|{read?.Sha256 ?? UnikernelPublisher.Hash(image)}|{(read?.Abi is { } abi ? $"{abi.Target}.{abi.Version}" : "")}\n";
    }

    static bool IsElf(string image)
    {
        Span<byte> magic = stackalloc byte[4];
        using var stream = File.OpenRead(image);
        return stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("\u007fELF"u8);
    }
}
