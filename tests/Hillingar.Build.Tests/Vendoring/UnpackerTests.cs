using System.Diagnostics;
using System.Formats.Tar;
using System.Runtime.Versioning;
using System.Text;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class UnpackerTests : IDisposable
{
    static readonly UnpackLimits s_small = new(Bytes: 1 << 20, Entries: 1000, Depth: 16, NameLength: 200);

    // Each hostile archive, with the code that refuses it and the entry that the message names.
    static readonly Dictionary<string, (string Code, string Entry, Func<byte[]> Archive)> s_hostile = new()
    {
        ["absolute name"] = ("HIL4012", "/etc/pwned", () => Gz(Tarball.File("/etc/pwned"))),
        ["parent name"] = ("HIL4012", "a/../../pwned", () => Gz(Tarball.File("a/../../pwned"))),
        ["parent folder"] = ("HIL4012", "../pwned/", () => Gz(Tarball.Folder("../pwned/"))),
        ["backslash parent"] = ("HIL4017", "..\\pwned", () => Gz(Tarball.File("..\\pwned"))),
        ["drive letter"] = ("HIL4017", "c:pwned", () => Gz(Tarball.File("c:pwned"))),
        ["empty name"] = ("HIL4012", "./", () => Gz(Tarball.File("./x"), Tarball.Link("./", "x"))),
        ["link to an absolute path"] = ("HIL4013", "a/l", () => Gz(Tarball.Link("a/l", "/etc/passwd"))),
        ["link to a parent"] = ("HIL4013", "a/l", () => Gz(Tarball.Link("a/l", "../../pwned"))),
        ["link to a windows path"] = ("HIL4013", "l", () => Gz(Tarball.Link("l", "c:\\pwned"))),
        ["link with an empty target"] = ("HIL4013", "l", () => RawLink("")),
        ["link through a link"] = ("HIL4013", "b/m", () => Gz(Tarball.Folder("b"), Tarball.Folder("d/e"), Tarball.Link("b/l", "../d/e"), Tarball.Link("b/m", "l/../../../pwned"))),
        ["deep link through a link"] = ("HIL4013", "m", () => Gz(Tarball.File("d/e/f/x"), Tarball.Link("l", "d"), Tarball.Link("m", "l/e/f/../../../x"))),
        ["file through a link"] = ("HIL4016", "l/pwned", () => Gz(Tarball.Folder("d"), Tarball.Link("l", "d"), Tarball.File("l/pwned"))),
        ["folder in a link's place"] = ("HIL4016", "l/", () => Gz(Tarball.Folder("d"), Tarball.Link("l", "d"), Tarball.Folder("l/"))),
        ["hard link to a parent"] = ("HIL4012", "../../etc/passwd", () => Gz(Tarball.Link("h", "../../etc/passwd", TarEntryType.HardLink))),
        ["hard link to an absolute path"] = ("HIL4012", "/etc/passwd", () => Gz(Tarball.Link("h", "/etc/passwd", TarEntryType.HardLink))),
        ["hard link to nothing"] = ("HIL4013", "h", () => Gz(Tarball.Link("h", "later", TarEntryType.HardLink), Tarball.File("later"))),
        ["hard link to a symbolic link"] = ("HIL4013", "h", () => Gz(Tarball.File("x"), Tarball.Link("l", "x"), Tarball.Link("h", "l", TarEntryType.HardLink))),
        ["block device"] = ("HIL4014", "d", () => Gz(Tarball.Special(TarEntryType.BlockDevice, "d"))),
        ["character device"] = ("HIL4014", "d", () => Gz(Tarball.Special(TarEntryType.CharacterDevice, "d"))),
        ["fifo"] = ("HIL4014", "p", () => Gz(Tarball.Special(TarEntryType.Fifo, "p"))),
        ["names that differ in case"] = ("HIL4016", "src/readme", () => Gz(Tarball.File("src/README"), Tarball.File("src/readme"))),
        ["folders that differ in case"] = ("HIL4016", "Src/b", () => Gz(Tarball.File("src/a"), Tarball.File("Src/b"))),
        ["names that differ in composition"] = ("HIL4017", "cafe\u0301", () => Gz(Tarball.File("caf\u00e9"), Tarball.File("cafe\u0301"))),
        ["the same file twice"] = ("HIL4016", "a", () => Gz(Tarball.File("a", "1"), Tarball.File("a", "2"))),
        ["file in a folder's place"] = ("HIL4016", "a", () => Gz(Tarball.File("a/b"), Tarball.File("a"))),
        ["folder in a file's place"] = ("HIL4016", "a/b", () => Gz(Tarball.File("a"), Tarball.File("a/b"))),
        ["bomb by one size"] = ("HIL4015", "big", () => Gz(Tarball.File("big", new string('0', 2 << 20)))),
        ["bomb by total size"] = ("HIL4015", "f2", () => Gz(Enumerable.Range(0, 9).Select(n => Tarball.File($"f{n}", new string('0', 400 << 10))))),
        ["bomb by copies"] = ("HIL4015", "h1", () => Gz([Tarball.File("f", new string('0', 400 << 10)), .. Enumerable.Range(0, 9).Select(n => Tarball.Link($"h{n}", "f", TarEntryType.HardLink))])),
        ["bomb by count"] = ("HIL4015", "f1000", () => Gz(Enumerable.Range(0, 1100).Select(n => Tarball.File($"f{n}", "")))),
        ["bomb by depth"] = ("HIL4015", "d/d/d", () => Gz(Tarball.File(string.Concat(Enumerable.Repeat("d/", 20)) + "f"))),
        ["bomb behind the end"] = ("HIL4015", "(end)", () => Tarball.Gzip([.. Tarball.Tar(Tarball.File("a")), .. new byte[4 << 20]])),
        ["long name"] = ("HIL4015", "nnnn", () => Gz(Tarball.File(new string('n', 300)))),
        ["device name on Windows"] = ("HIL4017", "src/aux.ml", () => Gz(Tarball.File("src/aux.ml"))),
        ["name that ends in a dot"] = ("HIL4017", "a.", () => Gz(Tarball.File("a."))),
        ["control character"] = ("HIL4017", "a\\u000ab", () => Gz(new UstarTarEntry(TarEntryType.RegularFile, "a\nb"))),
        ["truncated gzip"] = ("HIL4011", "a.tar.gz", () => Gz(Tarball.File("a", Noise()))[..^40]),
        ["truncated tar"] = ("HIL4011", "a.tar.gz", () => Tarball.Gzip(Tarball.Tar(Tarball.File("a", Noise()))[..2000])),
        ["damaged header"] = ("HIL4011", "a.tar.gz", () => Tarball.Gzip(Damaged(Tarball.Tar(Tarball.File("a"))))),
        ["no archive"] = ("HIL4010", "a.tar.gz", () => Encoding.ASCII.GetBytes("<html>Not found</html>")),
        ["empty file"] = ("HIL4010", "a.tar.gz", () => []),
    };

    readonly TestFolder _folder = new();

    public static IEnumerable<TheoryDataRow<string>> Hostile => s_hostile.Keys.Select(kind => new TheoryDataRow<string>(kind));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_archive_is_refused_by_name_and_touches_nothing(string kind)
    {
        var (code, entry, make) = s_hostile[kind];
        var archive = Tarball.Write(_folder, make());
        var before = _folder.Write("outside/keep", "kept");

        var error = Assert.Throws<HillingarException>(() => Unpacker.Unpack(archive, _folder["outside/inner/out"], s_small, TestContext.Current.CancellationToken)).Diagnostic;

        Assert.Equal(code, error.Code);
        Assert.Contains(archive, error.Message, StringComparison.Ordinal);
        Assert.Contains(entry, error.Message, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(before));
        Assert.Equal(["keep", "inner"], Directory.EnumerateFileSystemEntries(_folder["outside"]).Select(path => Path.GetFileName(path)).OrderDescending());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["outside/inner"]));
    }

    [Fact]
    public void Harmless_archives_unpack_with_links_inside_and_plain_modes()
    {
        var setuid = UnixFileMode.SetUser | UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherWrite;
        var archive = Tarball.Write(_folder, Gz(
            Tarball.Folder("lib-1.0/"), Tarball.File("lib-1.0/bin/run", "#!/bin/sh\n", setuid), Tarball.File("./lib-1.0/a.ml", "let a = 1"),
            Tarball.Link("lib-1.0/bin/b.ml", "../a.ml"), Tarball.Link("lib-1.0/c.ml", "lib-1.0/a.ml", TarEntryType.HardLink)));
        Unpacker.Unpack(archive, _folder["out"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("let a = 1", File.ReadAllText(_folder["out/bin/b.ml"]));
        Assert.Equal("let a = 1", File.ReadAllText(_folder["out/c.ml"]));
        Assert.Null(new FileInfo(_folder["out/c.ml"]).LinkTarget);
        if (!OperatingSystem.IsWindows())
            Assert.Equal("rwxr-xr-x", Mode(_folder["out/bin/run"]));
    }

    [Fact]
    public void An_archive_of_several_entries_at_the_top_keeps_them()
    {
        Unpacker.Unpack(Tarball.Write(_folder, Gz(Tarball.File("a/x"), Tarball.File("b"))), _folder["out"], cancellation: TestContext.Current.CancellationToken);
        Assert.True(File.Exists(_folder["out/a/x"]));
        Assert.True(File.Exists(_folder["out/b"]));
    }

    [Fact]
    public void Names_that_Windows_cannot_have_are_unpacked_where_the_files_are_for_this_machine_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux has all names");
        var archive = Tarball.Write(_folder, Gz(Tarball.File("lib-1.0/id:000,src", "x"), Tarball.File("lib-1.0/A"), Tarball.File("lib-1.0/a")));
        Assert.Equal("HIL4017", Assert.Throws<HillingarException>(() => Unpacker.Unpack(archive, _folder["no"], cancellation: TestContext.Current.CancellationToken)).Diagnostic.Code);
        Unpacker.Unpack(archive, _folder["out"], new UnpackLimits { OnlyHere = true }, TestContext.Current.CancellationToken);
        Assert.Equal(["A", "a", "id:000,src"], Directory.EnumerateFiles(_folder["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("z", "gzip")]
    [InlineData("j", "bzip2")]
    [InlineData("J", "xz")]
    [InlineData("", "tar")]
    public void Every_format_that_opam_archives_come_in_unpacks(string flag, string program)
    {
        Assert.SkipWhen(ProcessRunner.Find(program) is null, $"needs {program}");
        var text = Noise();
        _folder.Write("lib-1.0/src/a.ml", text);
        var archive = _folder["archive"];
        using (var tar = Process.Start("tar", [$"-c{flag}f", archive, "-C", _folder.Path, "lib-1.0"]))
            tar.WaitForExit();
        Unpacker.Unpack(archive, _folder["out"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(text, File.ReadAllText(_folder["out/src/a.ml"]));
    }

    static byte[] Gz(params IEnumerable<TarEntry> entries) => Tarball.Gzip(Tarball.Tar(entries));

    static string Noise() => Convert.ToBase64String(new Random(1).GetItems(Enumerable.Range(0, 256).Select(n => (byte)n).ToArray(), 40_000));

    static byte[] Damaged(byte[] tar)
    {
        // A size that is no number.
        for (var at = 0; at + 512 <= tar.Length; at += 512)
            if (tar.AsSpan(at + 257, 5).SequenceEqual("ustar"u8))
                tar[at + 126] = (byte)'z';
        return tar;
    }

    // TarWriter writes no link without a target.
    static byte[] RawLink(string target)
    {
        var tar = Tarball.Tar([new UstarTarEntry(TarEntryType.SymbolicLink, "l") { LinkName = "x" }]);
        tar.AsSpan(157, 100).Clear();
        Encoding.ASCII.GetBytes(target).CopyTo(tar, 157);
        var sum = 0;
        "        "u8.CopyTo(tar.AsSpan(148, 8));
        foreach (var value in tar.AsSpan(0, 512))
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(tar, 148);
        return Tarball.Gzip(tar);
    }

    [UnsupportedOSPlatform("windows")]
    static string Mode(string path)
    {
        var mode = (int)File.GetUnixFileMode(path);
        return string.Concat("rwxrwxrwx".Select((letter, index) => (mode & (256 >> index)) != 0 ? letter : '-')) + (mode > 511 ? "!" : "");
    }
}
