using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Tests;

public class RepositoryTests
{
    static readonly PackageName Lwt = new("lwt");

    static TestFolder Toy()
    {
        var folder = new TestFolder();
        folder.Write("repo", "opam-version: \"2.0\"\narchive-mirrors: \"cache\"\n");
        Write(folder, "lwt.5.9.0", "depends: [\"ocaml\" {>= \"4.08\"} \"dune\" {build}]\navailable: os != \"win32\"\ntags: \"t\"");
        Write(folder, "lwt.5.10.0", "flags: avoid-version\nconflicts: \"old\" {< \"2\"}\nconflict-class: \"c\"");
        Write(folder, "lwt.5.10.0~rc1", "depopts: \"jbuilder\"");
        Write(folder, "dune.3.0", "dev-repo: \"git+https://example.org/dune.git\"\nbuild: [\"make\"]\nurl { src: \"https://example.org/dune.tgz\" checksum: [\"md5=d41d8cd98f00b204e9800998ecf8427e\"] }");
        folder.Write("packages/dune/dune.3.0/files/a.patch", "patch");
        folder.Write("packages/lwt/README", "no version");
        Directory.CreateDirectory(folder["packages/lwt/lwt.6.0.0"]);
        // What was written just now might change unseen; the past cannot.
        foreach (var path in Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories))
            Directory.SetLastWriteTimeUtc(path, new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return folder;
    }

    static string Write(TestFolder folder, string package, string text) =>
        folder.Write($"packages/{package.Split('.')[0]}/{package}/opam", $"opam-version: \"2.0\"\n{text}\n");

    static string Show(RepositoryPackage package) => string.Join('\n', package, package.Depends, package.Depopts, package.Conflicts, package.Available,
        string.Join(' ', package.ConflictClass), string.Join(' ', package.Flags), string.Join(' ', package.Tags), package.Synopsis, package.DevRepo, package.HasCommands,
        package.HasUrl, package.Url?.Url, package.Url?.Subpath, string.Join(' ', package.Url?.Checksums ?? []), string.Join(' ', package.Url?.Mirrors ?? []), package.UsesDune, package.UsesJbuilder, package.AvoidVersion);

    static string Show(Repository repository) => string.Join("\n\n", repository.Names.Select(name => $"{name}\n{string.Join("\n", repository.Versions(name).Select(Show))}"));

    [Fact]
    public void A_folder_gives_versions_newest_first()
    {
        using var folder = Toy();
        var repository = new FolderRepository(folder.Path);
        Assert.Equal(["dune", "lwt"], repository.Names.Select(name => name.Text));
        Assert.Equal(["5.10.0", "5.10.0~rc1", "5.9.0"], repository.Versions(Lwt).Select(package => package.Package.Version.Text));
        Assert.Empty(repository.Versions(new("../lwt")));
        Assert.Empty(repository.Versions(new("none")));
        Assert.Equal([$"{folder.Path}/cache"], repository.ArchiveMirrors);
        Assert.Equal("patch"u8.ToArray(), repository.Find(OpamPackage.Parse("dune.3.0"))!.ReadExtra("a.patch"));
        Assert.Null(repository.Find(OpamPackage.Parse("dune.3.0"))!.ReadExtra("b.patch"));
        Assert.Equal("HIL1006", Assert.Throws<HillingarException>(() => repository.Find(OpamPackage.Parse("dune.3.0"))!.ReadExtra("../opam")).Diagnostic.Code);
    }

    [Fact]
    public void A_link_among_the_files_is_not_followed()
    {
        using var folder = Toy();
        folder.Write("secret", "secret");
        File.CreateSymbolicLink(folder["packages/dune/dune.3.0/files/link"], folder["secret"]);
        Directory.CreateSymbolicLink(folder["packages/dune/dune.3.0/files/folder"], folder.Path);
        var dune = new FolderRepository(folder.Path).Find(OpamPackage.Parse("dune.3.0"))!;
        foreach (var name in new[] { "link", "folder/secret" })
            Assert.Equal("HIL1006", Assert.Throws<HillingarException>(() => dune.ReadExtra(name)).Diagnostic.Code);
    }

    [Fact]
    public void A_file_that_is_too_large_spoils_only_itself()
    {
        using var folder = Toy();
        Write(folder, "lwt.8", new string(' ', Opam.Syntax.Document.MaxBytes));
        var repository = new FolderRepository(folder.Path, folder["index"]);
        Assert.Equal(4, repository.Versions(Lwt).Count);
        Assert.Equal("HIL1002", Assert.Throws<HillingarException>(() => repository.Versions(Lwt)[0].Depends).Diagnostic.Code);
    }

    [Fact]
    public void A_folder_without_packages_is_none() =>
        Assert.Equal("HIL1006", Assert.Throws<HillingarException>(() => new FolderRepository(AppContext.BaseDirectory)).Diagnostic.Code);

    [Fact]
    public void An_index_says_what_the_files_say()
    {
        using var folder = Toy();
        var files = Show(new FolderRepository(folder.Path));
        Assert.Equal(files, Show(new FolderRepository(folder.Path, folder["index"])));
        var written = File.GetLastWriteTimeUtc(folder["index"]);
        Assert.Equal(files, Show(new FolderRepository(folder.Path, folder["index"])));
        Assert.Equal(written, File.GetLastWriteTimeUtc(folder["index"]));
    }

    static readonly Dictionary<string, Action<TestFolder>> Changes = new()
    {
        { "a changed file", folder => Write(folder, "lwt.5.9.0", "depends: \"changed\"") },
        { "a new version", folder => Write(folder, "lwt.7", "depends: \"new\"") },
        { "a new name", folder => Write(folder, "alcotest.1", "depends: \"new\"") },
        { "a removed version", folder => Directory.Delete(folder["packages/lwt/lwt.5.10.0"], recursive: true) },
        { "a removed name", folder => Directory.Delete(folder["packages/dune"], recursive: true) },
        { "a removed file", folder => File.Delete(folder["packages/dune/dune.3.0/opam"]) },
        { "a file in an empty folder", folder => Write(folder, "lwt.6.0.0", "depends: \"new\"") },
        { "a damaged table", folder => Damage(folder["index"], 100) },
        { "a damaged block", folder => Damage(folder["index"], -20) },
        { "a cut index", folder => File.WriteAllBytes(folder["index"], File.ReadAllBytes(folder["index"])[..200]) },
        { "no index", folder => File.WriteAllText(folder["index"], "") },
        { "an index of another folder", folder =>
            {
                using var other = Toy();
                Write(other, "zzz.1", "");
                _ = new FolderRepository(other.Path, folder["index"]);
            }
        },
    };

    public static TheoryData<string> ChangeNames => [.. Changes.Keys];

    static void Damage(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at < 0 ? bytes.Length + at : at] ^= 0x55;
        File.WriteAllBytes(path, bytes);
    }

    [Theory]
    [MemberData(nameof(ChangeNames))]
    public void An_index_follows(string change)
    {
        using var folder = Toy();
        _ = Show(new FolderRepository(folder.Path, folder["index"]));
        Changes[change](folder);
        Assert.True(Show(new FolderRepository(folder.Path)) == Show(new FolderRepository(folder.Path, folder["index"])), change);
        // Once more: it was brought up to date, not read past.
        Assert.True(Show(new FolderRepository(folder.Path)) == Show(new FolderRepository(folder.Path, folder["index"])), change);
    }

    [Fact]
    public void Every_damage_of_an_index_is_noticed()
    {
        using var folder = Toy();
        var expected = Show(new FolderRepository(folder.Path, folder["index"]));
        var sound = File.ReadAllBytes(folder["index"]);
        for (var at = 0; at < sound.Length; at++)
        {
            File.WriteAllBytes(folder["index"], [.. sound[..at], (byte)(sound[at] ^ 0x10), .. sound[(at + 1)..]]);
            Assert.Equal(expected, Show(new FolderRepository(folder.Path, folder["index"])));
        }
    }

    [Fact]
    public void An_open_index_outlives_its_replacement()
    {
        using var folder = Toy();
        var old = new FolderRepository(folder.Path, folder["index"]);
        var versions = old.Versions(Lwt);
        Write(folder, "lwt.5.9.0", "depends: \"changed\"");
        Assert.Equal("\"changed\"", new FolderRepository(folder.Path, folder["index"]).Versions(Lwt)[2].Depends.ToString());
        Assert.Equal("\"ocaml\" {>= \"4.08\"} & \"dune\" {build}", versions[2].Depends.ToString());
    }

    [Fact]
    public void A_change_in_the_moment_of_indexing_is_not_missed()
    {
        using var folder = Toy();
        Write(folder, "lwt.5.9.0", "depends: \"aaa\"");
        _ = Show(new FolderRepository(folder.Path, folder["index"]));
        var stamp = File.GetLastWriteTimeUtc(folder["packages/lwt/lwt.5.9.0/opam"]);
        File.SetLastWriteTimeUtc(Write(folder, "lwt.5.9.0", "depends: \"bbb\""), stamp);
        Assert.Equal("\"bbb\"", new FolderRepository(folder.Path, folder["index"]).Versions(Lwt)[2].Depends.ToString());
    }

    [Fact]
    public void Many_may_build_an_index_at_once()
    {
        using var folder = Toy();
        var expected = Show(new FolderRepository(folder.Path));
        var shown = new string[24];
        Parallel.For(0, shown.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            if (i % 3 == 0)
                File.Delete(folder["index"]);
            shown[i] = Show(new FolderRepository(folder.Path, folder["index"]));
        });
        Assert.All(shown, text => Assert.Equal(expected, text));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
    }

    [Fact]
    public void An_index_that_cannot_be_written_costs_only_time()
    {
        using var folder = Toy();
        folder.Write("file", "");
        Assert.Equal(Show(new FolderRepository(folder.Path)), Show(new FolderRepository(folder.Path, folder["file/index"])));
    }

    [Fact]
    public void A_file_that_is_not_of_the_language_spoils_only_itself()
    {
        using var folder = Toy();
        Write(folder, "lwt.8", "depends: [");
        var repository = new FolderRepository(folder.Path, folder["index"]);
        Assert.Equal(4, repository.Versions(Lwt).Count);
        Assert.Equal("\"ocaml\" {>= \"4.08\"} & \"dune\" {build}", repository.Versions(Lwt)[3].Depends.ToString());
        var error = Assert.Throws<HillingarException>(() => repository.Versions(Lwt)[0].Depends).Diagnostic;
        Assert.Equal(("HIL1001", folder["packages/lwt/lwt.8/opam"], 3), (error.Code, error.Place!.Value.File, error.Place.Value.Line));
    }

    [Fact]
    public void The_first_repository_that_has_a_version_gives_it()
    {
        using var one = Toy();
        using var other = new TestFolder();
        Write(other, "lwt.5.9.0", "depends: \"overlay\"");
        Write(other, "lwt.9", "");
        Write(other, "extra.1", "");
        var overlay = new OverlayRepository(new FolderRepository(other.Path), new FolderRepository(one.Path));
        Assert.Equal(["dune", "extra", "lwt"], overlay.Names.Select(name => name.Text));
        Assert.Equal(["9", "5.10.0", "5.10.0~rc1", "5.9.0"], overlay.Versions(Lwt).Select(package => package.Package.Version.Text));
        Assert.Equal("\"overlay\"", overlay.Find(OpamPackage.Parse("lwt.5.9.0"))!.Depends.ToString());
        Assert.Equal([$"{one.Path}/cache"], overlay.ArchiveMirrors);
    }

    [Fact]
    public void A_local_package_pins_its_name()
    {
        using var folder = Toy();
        folder.Write("src/lwt.opam", "depends: \"local\"");
        var local = new LocalRepository([LocalRepository.Read(folder["src/lwt.opam"])]);
        var overlay = new OverlayRepository(local, new FolderRepository(folder.Path));
        Assert.Equal("lwt.zdev", Assert.Single(overlay.Versions(Lwt)).ToString());
        Assert.Single(overlay.Versions(new("dune")));
        var twice = Assert.Throws<HillingarException>(() => new LocalRepository([LocalRepository.Read(folder["src/lwt.opam"]), LocalRepository.Read(folder["src/lwt.opam"])]));
        Assert.Equal("HIL1007", twice.Diagnostic.Code);
    }

    [Fact]
    public void The_whole_repository_is_indexed_as_its_files_say()
    {
        var folder = Corpus.Folder(Corpus.Repository);
        using var cache = new TestFolder();
        var files = new FolderRepository(folder);
        var index = new FolderRepository(folder, cache["index"]);
        Assert.Equal(4_596, index.Names.Count);
        Assert.Equal(files.Names, index.Names);
        var count = 0;
        foreach (var name in files.Names)
        {
            var (ours, theirs) = (index.Versions(name), files.Versions(name));
            count += ours.Count;
            Assert.Equal(theirs.Select(package => package.Package), ours.Select(package => package.Package));
            if (TestData.Full || count % 20 == 0)
                Assert.Equal(theirs.Select(Show), ours.Select(Show));
        }
        Assert.Equal(18_793, count);
        Assert.Equal(["5.5.0+introcaml", "5.5.0+introcaml0"], index.Versions(new("ocaml-variants")).Select(package => package.Package.Version.Text).Where(text => text is "5.5.0+introcaml" or "5.5.0+introcaml0"));
    }
}
