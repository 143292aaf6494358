using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class ConfinedFolderTests : IDisposable
{
    const int Swaps = 3000;
    const int Here = -100;
    const uint Exchange = 2;

    readonly TestFolder _folder = new();

    public void Dispose() => Tree.Delete(_folder.Path);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    ConfinedFolder Open() => ConfinedFolder.Open(_folder["inside"], (path, why) => new HillingarException("HIL4023", $"{path}: {why}"));

    // A program of a stranger's that puts a link in a folder's place, and the folder back, for as long as we work there.
    [Fact]
    public async Task A_folder_that_becomes_a_link_at_any_moment_leads_nobody_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the kernel promises it on Linux");
        _folder.Write("inside/real/file", "inside");
        _folder.Write("outside/file", "outside-is-secret");
        var before = Surroundings.Of(_folder["outside"]);
        File.CreateSymbolicLink(_folder["inside/link"], _folder["outside"]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var swapping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                Assert.Equal(0, renameat2(Here, _folder["inside/real"], Here, _folder["inside/link"], Exchange));
        }, Cancellation);
        var (done, refused) = (0, 0);
        for (var n = 0; n < Swaps; n++)
            try
            {
                using var inside = Open();
                switch (n % 5)
                {
                    case 0:
                        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(inside.ReadBytes("real/file", 100) ?? []), StringComparison.Ordinal);
                        break;
                    case 1:
                        inside.Write($"real/new{n}", "x"u8);
                        break;
                    case 2:
                        inside.Delete($"real/new{n - 1}");
                        break;
                    case 3:
                        inside.MakeFolder($"real/deep{n}/er");
                        break;
                    default:
                        inside.Delete($"real/deep{n - 1}");
                        break;
                }

                done++;
            }
            catch (Exception exception) when (exception is HillingarException || FileFault.Is(exception))
            {
                refused++;
            }

        await stop.CancelAsync();
        await swapping;
        Assert.Equal(before, Surroundings.Of(_folder["outside"]));
        Assert.True(done > 0 && refused > 0, $"{done} done, {refused} refused: the swapping met nothing");
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../outside")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_path_that_is_none_below_the_folder_is_refused(string path)
    {
        Directory.CreateDirectory(_folder["inside"]);
        using var inside = Open();
        Assert.Throws<HillingarException>(() => inside.Write(path, "x"u8));
        Assert.Throws<HillingarException>(() => inside.Delete(path));
    }

    [Fact]
    public void Names_of_no_UTF8_can_be_made_read_listed_and_deleted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux has all names");
        Directory.CreateDirectory(_folder["inside"]);
        using var inside = Open();
        inside.Write("odd\udcff/\udc80", "x"u8);
        Assert.Equal(["odd\udcff", "odd\udcff/\udc80"], inside.Walk(cancellation: Cancellation).Select(entry => entry.Path));
        Assert.Equal("x"u8.ToArray(), inside.ReadBytes("odd\udcff/\udc80", 10));
        inside.Delete("odd\udcff");
        Assert.Empty(inside.Walk(cancellation: Cancellation));
    }

    [Fact]
    public void Writing_over_a_link_replaces_the_link_and_keeps_the_permissions_of_a_file()
    {
        var outside = _folder.Write("outside", "kept");
        _folder.Write("inside/script", "old");
        File.SetUnixFileMode(_folder["inside/script"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(_folder["inside/link"], outside);
        using var inside = Open();
        inside.Write("link", "new"u8);
        inside.Write("script", "new"u8);
        Assert.Equal("kept", File.ReadAllText(outside));
        Assert.Null(new FileInfo(_folder["inside/link"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_folder["inside/script"]));
        Assert.True(File.GetUnixFileMode(_folder["inside/script"]).HasFlag(UnixFileMode.UserExecute));
    }

    [DllImport("libc")]
    static extern int renameat2(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int to, [MarshalAs(UnmanagedType.LPUTF8Str)] string newPath, uint flags);
}
