using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>What is said of an image in one line, <c>SIZE|SHA256|ABI</c>, so that a build with nothing to do need not read the image again.</summary>
public static class ImageFacts
{
    /// <summary>The line of an image.</summary>
    public static string Of(string image) =>
        $"{new FileInfo(image).Length}|{Hashes.OfFile(image, [ChecksumKind.Sha256])[0].Hex}|\n";
}
