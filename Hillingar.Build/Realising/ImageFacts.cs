using System.Security.Cryptography;
using Hillingar.Build.Images;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>What is said of an image in one line, <c>SIZE|SHA256|ABI</c>, so that a build with nothing to do need not read the image again.</summary>
public static class ImageFacts
{
    /// <summary>The line of an image; its ABI is Solo5's, such as <c>spt.2</c>, and nothing for others.</summary>
    /// <exception cref="HillingarException">HIL5031, HIL5032: it is damaged.</exception>
    public static string Of(string image)
    {
        // Not UnikernelImage: what takes up how much is more work, and each build would do it. A program of macOS is no ELF file.
        var bytes = File.ReadAllBytes(image);
        var abi = bytes.AsSpan().StartsWith("\u007fELF"u8) ? Solo5Notes.Read(new ElfFile(bytes, image)).Abi : null;
        return $"{bytes.Length}|{Convert.ToHexStringLower(SHA256.HashData(bytes))}|{abi}\n";
    }
}
