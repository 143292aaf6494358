using System.Globalization;
using System.Security.Cryptography;
using Hillingar.Build.Images;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>What is said of an image, a line <c>NAME=VALUE</c> each, so that a build with nothing to do need not read the image again. The names are those of the metadata of <c>@(UnikernelImage)</c>.</summary>
public static class ImageFacts
{
    /// <summary>The lines of an image; its ABI is Solo5's, such as <c>spt.2</c>, and nothing for others.</summary>
    /// <param name="target">The mirage target.</param>
    /// <param name="image">The image.</param>
    /// <param name="buildFolder">The folder of dune's context that it was built in.</param>
    /// <exception cref="HillingarException">HIL5031, HIL5032: it is damaged.</exception>
    public static string Of(string target, string image, string buildFolder)
    {
        // Not UnikernelImage: what takes up how much is more work, and each build would do it. A program of macOS is no ELF file.
        var bytes = File.ReadAllBytes(image);
        var abi = bytes.AsSpan().StartsWith("\u007fELF"u8) ? Solo5Notes.Read(new ElfFile(bytes, image)).Abi : null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Image={image}
            MirageTarget={target}
            Size={bytes.Length}
            Sha256={Convert.ToHexStringLower(SHA256.HashData(bytes))}
            Abi={abi}
            BuildFolder={buildFolder}

            """
        );
    }
}
