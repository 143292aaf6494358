using System.Diagnostics;
using System.Formats.Tar;
using System.Runtime.Versioning;
using System.Text;
using Hillingar.Build.Processes;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class UnpackerTests : IDisposable
{
    static readonly UnpackLimits s_small = new(Bytes: 1 << 20, Entries: 1000, Depth: 16, NameLength: 280) { LinkParts = 10_000, LinkSteps = 600_000, Names = 150_000 };

    // Each hostile archive, with the code that refuses it and the entry that the message names.
    static readonly Dictionary<string, (string Code, string Entry, Func<byte[]> Archive)> s_hostile = new()
    {
        ["absolute name"] = ("HIL4012", "/etc/pwned", () => Gz(Tarball.File("/etc/pwned"))),
        ["parent name"] = ("HIL4012", "a/../../pwned", () => Gz(Tarball.File("a/../../pwned"))),
        ["parent folder"] = ("HIL4012", "../pwned/", () => Gz(Tarball.Folder("../pwned/"))),
        ["backslash parent"] = ("HIL4017", "..\\pwned", () => Gz(Tarball.File("..\\pwned"))),
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
        ["the same file twice"] = ("HIL4016", "a", () => Gz(Tarball.File("a", "1"), Tarball.File("a", "2"))),
        ["file in a folder's place"] = ("HIL4016", "a", () => Gz(Tarball.File("a/b"), Tarball.File("a"))),
        ["folder in a file's place"] = ("HIL4016", "a/b", () => Gz(Tarball.File("a"), Tarball.File("a/b"))),
        ["bomb by one size"] = ("HIL4015", "big", () => Gz(Tarball.File("big", new string('0', 2 << 20)))),
        ["bomb by total size"] = ("HIL4015", "f2", () => Gz(Enumerable.Range(0, 9).Select(n => Tarball.File($"f{n}", new string('0', 400 << 10))))),
        ["bomb by copies"] = ("HIL4015", "h1", () => Gz([Tarball.File("f", new string('0', 400 << 10)), .. Enumerable.Range(0, 9).Select(n => Tarball.Link($"h{n}", "f", TarEntryType.HardLink))])),
        ["bomb by count"] = ("HIL4015", "f1000", () => Gz(Enumerable.Range(0, 1100).Select(n => Tarball.File($"f{n}", "")))),
        ["bomb by folders without entries"] = ("HIL4015", "66/a/b", () => Gz(Enumerable.Range(0, 100).Select(n => Tarball.File($"{n}/a/b/c/d/e/f/g/h/i/j/k/l/m/f")))),
        ["bomb by names"] = ("HIL4015", "nnnn", () => Gz(Enumerable.Range(0, 900).Select(n => Tarball.File($"{n}{new string('n', 200)}")))),
        ["bomb by what links are to"] = ("HIL4015", "l", () => Gz(Enumerable.Range(0, 900).Select(n => Tarball.Link($"l{n}", new string('n', 250))))),
        ["bomb by links through links"] = ("HIL4015", "l", () => Gz([Tarball.File("c39"), .. Enumerable.Range(0, 39).Select(n => Tarball.Link($"c{n}", string.Concat(Enumerable.Repeat("./", 36)) + $"c{n + 1}")), .. Enumerable.Range(0, 400).Select(n => Tarball.Link($"l{n}", "c0"))])),
        ["bomb by depth"] = ("HIL4015", "d/d/d", () => Gz(Tarball.File(string.Concat(Enumerable.Repeat("d/", 20)) + "f"))),
        ["bomb behind the end"] = ("HIL4015", "(end)", () => Tarball.Gzip([.. Tarball.Tar(Tarball.File("a")), .. new byte[4 << 20]])),
        ["long name"] = ("HIL4015", "nnnn", () => Gz(Tarball.File(new string('n', 300)))),
        ["control character"] = ("HIL4017", "a\\u000ab", () => Gz(new UstarTarEntry(TarEntryType.RegularFile, "a\nb"))),
        ["link out of the only folder"] = ("HIL4013", "lib-1/l", () => Gz(Tarball.File("lib-1/x"), Tarball.Link("lib-1/l", "../other"))),
        ["link behind what is not there"] = ("HIL4013", "l", () => Gz(Tarball.File("x"), Tarball.Link("l", "missing/../../pwned"))),
        ["link through a link by case"] = ("HIL4013", "d/e/l2", () => Gz(Tarball.Folder("d/e"), Tarball.File("x"), Tarball.Link("d/e/l1", "../.."), Tarball.Link("d/e/l2", "L1/../secret"))),
        ["link by a folder with backslashes"] = ("HIL4013", "out", () => Gz(Tarball.File("a\\b/z"), Tarball.Link("out", "a\\b/../../pwned"))),
        ["hard link through a link"] = ("HIL4013", "h", () => Gz(Tarball.Folder("d"), Tarball.File("d/x"), Tarball.Link("l", "d"), Tarball.Link("h", "l/x", TarEntryType.HardLink))),
        ["long link"] = ("HIL4015", "l", () => Gz(new PaxTarEntry(TarEntryType.SymbolicLink, "l") { LinkName = new string('n', 300) })),
        ["bomb by links"] = ("HIL4015", "l", () => Gz(Enumerable.Range(0, 300).Select(n => Tarball.Link($"l{n}", string.Concat(Enumerable.Repeat("./", 40)) + "x")))),
        ["bomb by a header"] = ("HIL4015", "(header)", () => Gz(new PaxTarEntry(TarEntryType.RegularFile, "a", new Dictionary<string, string> { ["comment"] = new string('0', 3 << 20) }))),
        ["bomb by headers without files"] = ("HIL4015", "", () => Gz(Enumerable.Range(0, 1100).Select(n => new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["comment"] = "x" })))),
        ["sparse file"] = ("HIL4014", "s", () => Gz(new PaxTarEntry(TarEntryType.RegularFile, "s", new Dictionary<string, string> { ["GNU.sparse.major"] = "1", ["GNU.sparse.minor"] = "0" }))),
        ["sparse file of old"] = ("HIL4014", "", () => OldSparse()),
        ["part of a name too long"] = ("HIL4017", "nnnn", () => Gz(new PaxTarEntry(TarEntryType.RegularFile, "d/" + new string('n', 256)))),
        ["truncated gzip"] = ("HIL4011", "a.tar.gz", () => Gz(Tarball.File("a", Noise()))[..^40]),
        ["truncated tar"] = ("HIL4011", "a.tar.gz", () => Tarball.Gzip(Tarball.Tar(Tarball.File("a", Noise()))[..2000])),
        ["damaged header"] = ("HIL4011", "a.tar.gz", () => Tarball.Gzip(Damaged(Tarball.Tar(Tarball.File("a"))))),
        ["no archive"] = ("HIL4010", "a.tar.gz", () => Encoding.ASCII.GetBytes("<html>Not found</html>")),
        ["empty file"] = ("HIL4010", "a.tar.gz", () => []),
    };

    // Names that some systems cannot have, or take for one, with the code that refuses them there.
    static readonly Dictionary<string, (string Code, string Entry, Func<byte[]> Archive)> s_elsewhere = new()
    {
        ["drive letter"] = ("HIL4017", "c:pwned", () => Gz(Tarball.File("c:pwned"))),
        ["colons, as a fuzzer names its finds"] = ("HIL4017", "test/contents/id:000000,sig:06", () => Gz(Tarball.File("pecu-0.7/test/contents/id:000000,sig:06"), Tarball.File("pecu-0.7/lib/pecu.ml"))),
        ["device name on Windows"] = ("HIL4017", "src/aux.ml", () => Gz(Tarball.File("src/aux.ml"))),
        ["name that ends in a dot"] = ("HIL4017", "a.", () => Gz(Tarball.File("a."))),
        ["names that differ in case"] = ("HIL4016", "src/readme", () => Gz(Tarball.File("src/README"), Tarball.File("src/readme"))),
        ["folders that differ in case"] = ("HIL4016", "Src/b", () => Gz(Tarball.File("src/a"), Tarball.File("Src/b"))),
        ["names that differ in composition"] = ("HIL4016", "cafe\u0301", () => Gz(Tarball.File("caf\u00e9"), Tarball.File("cafe\u0301"))),
        ["link in a folder's place by case"] = ("HIL4016", "D", () => Gz(Tarball.File("d/x"), Tarball.Link("D", "d/x"))),
    };

    readonly TestFolder _folder = new();

    public static IEnumerable<TheoryDataRow<string>> Hostile => s_hostile.Keys.Select(kind => new TheoryDataRow<string>(kind));

    public static IEnumerable<TheoryDataRow<string>> Elsewhere => s_elsewhere.Keys.Select(kind => new TheoryDataRow<string>(kind));

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
    public void A_git_repository_that_an_archive_brings_is_left_out()
    {
        var archive = Tarball.Write(_folder, Gz(Tarball.File("t/x", "x"), Tarball.File("t/.git/config", "[core]\n\tfsmonitor = touch ran\n"), Tarball.File("t/sub/.GIT", "gitdir: ../bare\n"), Tarball.Link("t/deep/.git", "../bare"), Tarball.File("t/.gitignore", "")));
        Unpacker.Unpack(archive, _folder["out"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([".gitignore", "x"], Directory.EnumerateFiles(_folder["out"], "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_archive_of_several_entries_at_the_top_keeps_them()
    {
        Unpacker.Unpack(Tarball.Write(_folder, Gz(Tarball.File("a/x"), Tarball.File("b"))), _folder["out"], cancellation: TestContext.Current.CancellationToken);
        Assert.True(File.Exists(_folder["out/a/x"]));
        Assert.True(File.Exists(_folder["out/b"]));
    }

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public void A_name_that_is_illegal_elsewhere_is_refused_there_and_unpacked_here(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux has all names");
        var (code, entry, make) = s_elsewhere[kind];
        var archive = Tarball.Write(_folder, make());
        var there = new UnpackLimits { OnlyHere = true, Windows = true, Reach = path => new FoldingNode(path) };
        var error = Assert.Throws<HillingarException>(() => Unpacker.Unpack(archive, _folder["no"], there, TestContext.Current.CancellationToken)).Diagnostic;
        Assert.Equal(code, error.Code);
        Assert.Contains(entry, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["no"]));

        var held = new List<string>();
        ArchiveStream.Read(archive, tar =>
        {
            using var reader = new TarReader(tar);
            while (reader.GetNextEntry() is { } read)
                held.Add(read.Name.TrimEnd('/'));
        }, TestContext.Current.CancellationToken);
        Unpacker.Unpack(archive, _folder["out"], cancellation: TestContext.Current.CancellationToken);
        // The one folder that all lies in is not kept.
        Assert.All(held, name => Assert.True(Path.Exists(_folder["out/" + name]) || Path.Exists(_folder["out/" + name[(name.IndexOf('/') + 1)..]]), name));
    }

    [Fact]
    public void A_file_whose_name_this_system_cannot_have_is_left_out_and_told_where_another_may_build()
    {
        var left = new List<string>();
        var archive = Tarball.Write(_folder, Gz(Tarball.File("lib-1.0/id:000,src", "x"), Tarball.File("lib-1.0/a"), Tarball.Folder("lib-1.0/aux/"), Tarball.File("lib-1.0/aux/b")));
        Unpacker.Unpack(archive, _folder["out"], new UnpackLimits { Windows = true, LeftOut = left.Add }, TestContext.Current.CancellationToken);
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(_folder["out"]).Select(path => Path.GetFileName(path)));
        Assert.Equal(3, left.Count);
        Assert.Contains("id:000,src", left[0], StringComparison.Ordinal);
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

    [Fact]
    public void An_archive_that_asks_for_gigabytes_to_unpack_is_refused_before_it_gets_them()
    {
        Assert.SkipWhen(ProcessRunner.Find("xz") is null, "needs xz");
        var archive = Tarball.Write(_folder, Tarball.Tar(Tarball.File("a")), "a.tar");
        using (var xz = Process.Start("xz", [archive]))
            xz.WaitForExit();
        // https://tukaani.org/xz/xz-file-format.txt: after the 12 bytes of the stream's header the block's, in units of four, summed at its end. Of LZMA2 it holds
        // the size of the dictionary, which 40 makes 4 GiB.
        var bytes = File.ReadAllBytes(archive + ".xz");
        var header = bytes.AsSpan(12, (bytes[12] + 1) * 4);
        var filter = header[2..].IndexOf([(byte)0x21, (byte)1]) + 2;
        header[filter + 2] = 40;
        // A gzip file ends with such a sum, and a length.
        Tarball.Gzip(header[..^4].ToArray()).AsSpan()[^8..^4].CopyTo(header[^4..]);
        File.WriteAllBytes(archive + ".xz", bytes);

        var error = Assert.Throws<HillingarException>(() => Unpacker.Unpack(archive + ".xz", _folder["out"], cancellation: TestContext.Current.CancellationToken)).Diagnostic;

        Assert.Equal("HIL4015", error.Code);
        Assert.Contains("memory", error.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder["out"]));
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

    // GNU's type S, which TarWriter does not write.
    static byte[] OldSparse()
    {
        var tar = Tarball.Tar([new UstarTarEntry(TarEntryType.RegularFile, "s")]);
        tar[156] = (byte)'S';
        return Tarball.Gzip(Tarball.Summed(tar));
    }

    // TarWriter writes no link without a target.
    static byte[] RawLink(string target)
    {
        var tar = Tarball.Tar([new UstarTarEntry(TarEntryType.SymbolicLink, "l") { LinkName = "x" }]);
        tar.AsSpan(157, 100).Clear();
        Encoding.ASCII.GetBytes(target).CopyTo(tar, 157);
        return Tarball.Gzip(Tarball.Summed(tar));
    }

    [UnsupportedOSPlatform("windows")]
    static string Mode(string path)
    {
        var mode = (int)File.GetUnixFileMode(path);
        return string.Concat("rwxrwxrwx".Select((letter, index) => (mode & (256 >> index)) != 0 ? letter : '-')) + (mode > 511 ? "!" : "");
    }
}
