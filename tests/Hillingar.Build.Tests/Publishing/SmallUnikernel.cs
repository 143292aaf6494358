using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Publishing;
using Hillingar.Build.Realising;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>A project with a lock and two vendored libraries, really built by dune; a program for the unix target.</summary>
public sealed class SmallUnikernel : IAsyncLifetime
{
    readonly TestFolder _folder = new();

    public string this[string name] => _folder[name];

    public string LockPath => _folder["project/hello.opam.locked"];

    public string Image => _folder["bin/unix/hello"];

    public string BuildFolder => _folder["obj/_build/default"];

    internal UnikernelPublication Publication(string destination) => new()
    {
        Name = "hello",
        Version = "1.2.0",
        Folder = _folder["project"],
        Images = [new("unix", Image, BuildFolder)],
        LockFile = LockPath,
        Duniverse = _folder["obj/duniverse"],
        Destination = destination,
        Epoch = null,
    };

    public async ValueTask InitializeAsync()
    {
        var entries = new[]
        {
            Archive("greet", ("dune-project", "(lang dune 2.0)\n(name greet)"), ("LICENSE.md", "Greet as you like.\n"),
                ("greet.opam", "opam-version: \"2.0\"\nlicense: \"MIT OR isc with OCaml-LGPL-linking-exception\"\ndepends: [ \"ocaml\" \"tiny\" {?monorepo} \"dune\" {with-test} ]\n"),
                ("src/dune", "(library (name greet) (public_name greet) (libraries tiny) (foreign_stubs (language c) (names stubs)))"),
                ("src/stubs.c", "#include <caml/mlvalues.h>\nstatic volatile char big[65536]; value greet_size(value v) { big[Long_val(v)] = 1; return Val_long(sizeof big); }"),
                ("src/greet.ml", "external size : int -> int = \"greet_size\"\nlet all names = List.iter (fun n -> print_endline (Tiny.say n ^ string_of_int (size 1))) names")),
            Archive("tiny", ("dune-project", "(lang dune 2.0)\n(name tiny)\n(license ISC)\n(generate_opam_files false)\n(package (name tiny) (depends ocaml (ounit :with-test)))"),
                ("COPYING", "Copy it.\n"), ("dune", "(library (name tiny) (public_name tiny))"), ("tiny.ml", "let say n = \"hello, \" ^ n")),
        };
        var locked = new LockFile
        {
            Folder = _folder["project"],
            Packages = [new(OpamPackage.Parse("dune.2.9.3"), false), new(OpamPackage.Parse("greet.1.0"), true), new(OpamPackage.Parse("ocaml.4.13.1"), false), new(OpamPackage.Parse("tiny.1.0+dune"), true)],
            Duniverse = [.. entries.Select(entry => new LockedSource(entry.Source.Url, entry.Folder, [.. entry.Source.Checksums]))],
            Pins = [new(OpamPackage.Parse("greet.1.0"), entries[0].Source.Url), new(OpamPackage.Parse("tiny.1.0+dune"), entries[1].Source.Url)],
            Request = ["target unix", "hello depends \"ocaml\" & \"greet\" {>= \"1\"}"],
            RootPackages = ["hello"],
            Platforms = ["x86_64-linux"],
        };
        _folder.Write("project/hello.opam.locked", locked.ToString());
        var store = new SourceStore(_folder["store"]);
        using var fetcher = new SourceFetcher(store, new ReporterFake());
        await Duniverse.Vendor(_folder["obj/duniverse"], locked.Entries, fetcher, store, new ReporterFake(), CancellationToken.None);
        var build = new DuneBuild(new Workspace(_folder["obj"]),
        [
            ("dune", _folder.Write("project/dune", "(executable (name hello) (libraries greet))")),
            ("dune-project", _folder.Write("project/dune-project", "(lang dune 2.0)")),
            ("hello.ml", _folder.Write("project/hello.ml", "let () = Greet.all (List.tl (Array.to_list Sys.argv))")),
        ], "hello.exe", "default", "release", Image);
        Assert.Empty(await DuneCompile.Run(build, HostTools.OfMachine(ProcessRunner.Find("dune")!), new ReporterFake(), CancellationToken.None));
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    DuniverseEntry Archive(string name, params (string Name, string Text)[] files)
    {
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(files.Select(file => Tarball.File($"{name}-1.0/{file.Name}", file.Text)))), $"upstream/{name}-1.0.tar.gz");
        return new DuniverseEntry(name, new Source("file://" + archive, Hashes.OfFile(archive, Hashes.Kinds), [], []), [name]);
    }
}
