using System.Formats.Tar;
using System.Runtime.Versioning;
using System.Text;
using Hillingar.Build.Auditing;
using Hillingar.Build.Configuring;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Images;
using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Build.Unpacking;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Syntax;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Everything that we do in a folder that strangers filled, each at random places of it.</summary>
/// <param name="tree">The folder.</param>
/// <param name="folder">Where results go, beside it.</param>
/// <param name="random">Decides.</param>
/// <param name="reach">The way to the file system that is tried.</param>
[UnsupportedOSPlatform("windows")]
sealed class StrangeOperations(StrangeTree tree, TestFolder folder, Random random, Func<string, Node> reach)
{
    static readonly Action<StrangeOperations>[] s_all =
    [
        all => all.Confined((inside, path) => all.Tell(inside.ReadBytes(path, 1 << 20, throughLinks: all.Toss()))),
        all => all.Confined((inside, path) => inside.Write(path, "written"u8)),
        all => all.Confined((inside, path) => inside.MakeFolder(path)),
        all => all.Confined((inside, path) => inside.Create(path)?.Dispose()),
        all => all.Confined((inside, path) => inside.TryMakeLink(path, "x")),
        all => all.Confined((inside, path) => inside.TryMakeFolder(path)),
        all => all.Confined((inside, path) => inside.Delete(path)),
        all => all.Confined((inside, path) => inside.Move(path, inside, all.Path())),
        all => all.Confined((inside, path) => inside.Replace(path, all.Path())),
        all => all.Confined((inside, path) => inside.Copy(path, inside, all.Path(), default)),
        all => all.Confined((inside, path) => inside.CopyOut(path, all.Place("copy"), default, throughLinks: all.Toss())),
        all => all.Confined((inside, path) => inside.SetMode(path, UnixFileMode.UserRead | UnixFileMode.OtherWrite)),
        all => all.Confined((inside, path) => inside.Folder(path).Dispose()),
        all => all.Confined((inside, path) => all.Tell(inside.Walk(path).Count())),
        all => all.Confined((inside, _) => inside.CheckLinks(default)),
        all => all.Confined((inside, _) => new PackageCut(inside, "x", ["kept"]).Cut()),
        all => all.Tell(Tree.Size(all.Inside)),
        all => PrefixTree.Collect(all.Inside, [], all.Place("collected"), default),
        all => PrefixTree.Add(all.Inside, all.Place("prefix"), default),
        all => all.AddToPrefix(),
        all => FindlibView.Of(new SwitchLayout(all.Inside), ["a", "b"], all.Place("views")),
        all => FindlibView.Of(new SwitchLayout(System.IO.Path.GetDirectoryName(all.Inside)!), ["a", "b"], all.Place("views")),
        all => new Workspace(all.Inside).Mirror([("a/b", all.Own("b")), ("lib", all.Own("lib")), ("dune", all.Own("dune"))], default),
        all => new Workspace(all.Inside).CopyOut(all.Path(), all.Place("image"), default),
        all => ImageLibraries.Read(all.Inside),
        all => all.Vendor(),
        all => all.Prepare(),
        all => all.Unpack(),
        all => all.Tell(new ConfiguredTarget("unix", all.Inside).Files.Count),
        all => all.Tell(new ConfiguredTarget("unix", all.Inside).Package("app").ToString()),
        all => Advisories.Read(all.Inside, new ReporterFake(), default),
        all => Tree.Delete(System.IO.Path.Combine(all.Inside, all.Name())),
    ];

    readonly StringBuilder _told = new();

    string Inside => tree.Inside;

    /// <summary>Does one of them.</summary>
    /// <returns>What was read.</returns>
    public string Run()
    {
        var operation = s_all[random.Next(s_all.Length)];
        try
        {
            operation(this);
        }
        // A refusal with its code, or the file system's own.
        catch (Exception exception) when (exception is HillingarException || FileFault.Is(exception) || exception is AggregateException { InnerException: HillingarException })
        {
            _told.Append(exception.Message);
        }

        return _told.ToString();
    }

    void Tell(object? read) => _told.Append(read is byte[] bytes ? Encoding.UTF8.GetString(bytes) : read);

    bool Toss() => random.Next(2) == 0;

    string Path() => tree.SomePath();

    string Name() => tree.Name();

    string Place(string name) => folder[$"results/{name}-{Guid.NewGuid():N}"];

    string Own(string name) => folder.Write($"own/{name}", "own");

    void Confined(Action<ConfinedFolder, string> work)
    {
        Directory.CreateDirectory(folder["results"]);
        using var inside = ConfinedFolder.Open(Inside, reach(Inside), (path, why) => new HillingarException("HIL4023", $"{path}: {why}"));
        work(inside, Path());
    }

    void AddToPrefix()
    {
        var added = Place("tree");
        Directory.CreateDirectory(System.IO.Path.Combine(added, "a", "lib"));
        File.WriteAllText(System.IO.Path.Combine(added, "a", "lib", "findlib.conf"), "new");
        File.WriteAllText(System.IO.Path.Combine(added, "src"), "new");
        File.CreateSymbolicLink(System.IO.Path.Combine(added, "dune"), "/nowhere");
        PrefixTree.Add(added, Inside, default);
    }

    void Vendor()
    {
        var archive = Tarball.Write(folder, Tarball.Gzip(Tarball.Tar(Tarball.File("lib-1/a", "vendored"), Tarball.File("lib-1/b/c", "vendored"))), "upstream/lib.tar.gz");
        var store = new SourceStore(folder["store"]);
        using var fetcher = new SourceFetcher(store, new ReporterFake());
        DuniverseEntry[] entries = [new("lib", new Source("file://" + archive, Hashes.OfFile(archive, Hashes.Kinds), [], []), ["lib.1"])];
        Duniverse.Vendor(System.IO.Path.Combine(Inside, "duniverse"), entries, fetcher, store, new ReporterFake(), default).GetAwaiter().GetResult();
        if (!Duniverse.IsCurrent(System.IO.Path.Combine(Inside, "duniverse"), entries))
            throw new InvalidOperationException("What was vendored is not current.");
    }

    void Prepare()
    {
        string Text(string text) => Make.Text(text).ToString()!;
        var value = Document.ParseValue($"[\"lib.1\" \"lib\" [{(Toss() ? Text(Path()) : "")}] [[{Text(Path())} \"text=extra\"] [{Text(Path())} \"text=extra\"]] [] [{Text(Path())} {Text(Path())}] []]");
        if (Preparation.FromValue(value) is { } preparation)
            new Preparer(Inside, _ => HostPlatform.Current.For(preparation.Package)).Prepare([preparation], _ => throw new NotSupportedException(), default).GetAwaiter().GetResult();
    }

    // An archive of the same kinds of names and links.
    void Unpack()
    {
        IEnumerable<TarEntry> Entries()
        {
            for (var count = random.Next(2, 14); count > 0; count--)
            {
                var name = (random.Next(20) == 0 ? "../" : random.Next(30) == 0 ? "/" : "") + Path();
                yield return random.Next(5) switch
                {
                    0 => new PaxTarEntry(TarEntryType.Directory, name + "/"),
                    1 or 2 => new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = tree.Target() },
                    3 => new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = Path() },
                    _ => Tarball.File(name, "unpacked"),
                };
            }
        }

        var place = Place("unpacked");
        Unpacker.Unpack(Tarball.Write(folder, Tarball.Gzip(Tarball.Tar(Entries())), $"archives/{Guid.NewGuid():N}.tar.gz"), place, new UnpackLimits { Reach = reach });
        // Followed by whoever builds with it, links lead to nothing of ours.
        foreach (var file in Directory.EnumerateFiles(place, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = false }))
            if (File.Exists(file))
                Tell(File.ReadAllText(file));
    }
}
