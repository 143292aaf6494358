using Hillingar.Build.Files;
using Hillingar.Build.Nix;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The hashes and paths that Nix computes; the expected ones are what <c>nix hash path</c> and <c>nix-store --add-fixed</c> of Nix 2.8 said.</summary>
public sealed class NixPathTests : IDisposable
{
    readonly TestFolder _temp = new();

    [Fact]
    public void A_folder_has_the_hash_that_Nix_gives_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a system with file modes and symbolic links");
        var folder = Directory.CreateDirectory(Path.Combine(_temp.Path, "t", "c")).Parent!.FullName;
        File.WriteAllText(Path.Combine(folder, "a"), "hi\n");
        File.CreateSymbolicLink(Path.Combine(folder, "b"), "a");
        File.WriteAllText(Path.Combine(folder, "c", "z"), "x\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(folder, "c", "z"), (UnixFileMode)0b111_101_101);
        Assert.Equal("sha256-LpwaL6smmMHyjphbt7PX6mFJfQXwMncb+oh1K30F/oU=", NarHash.Of(folder));
    }

    [Fact]
    public void What_has_a_known_hash_has_the_place_that_Nix_gives_it()
    {
        var checksum = new Checksum(ChecksumKind.Sha512, "e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629");
        Assert.Equal("/tmp/nx/store/bq3siyba7i59ymv3k2midk44lnyv3hvj-f.tar.gz", NixStorePath.OfFile("f.tar.gz", checksum, "/tmp/nx/store"));
        Assert.Equal("/tmp/nx/store/yb2clxvs9mgbi2wd00ifrn8fvh6xv9rn-t", NixStorePath.OfFolder("t", "sha256-LpwaL6smmMHyjphbt7PX6mFJfQXwMncb+oh1K30F/oU=", "/tmp/nx/store"));
    }

    public void Dispose() => _temp.Dispose();
}
