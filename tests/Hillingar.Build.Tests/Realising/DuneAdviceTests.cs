using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What dune says in its own terms, said in the project's.</summary>
public sealed class DuneAdviceTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    async Task<Diagnostic> Of(string message, string target = "main.exe", params (string Path, string Text)[] sources)
    {
        var project = _folder.Write("hello.csproj", "<Project>\n  <PropertyGroup>\n    <DuneTarget>main.exe</DuneTarget>\n  </PropertyGroup>\n</Project>");
        var files = sources.Select(source => (source.Path, _folder.Write(source.Path, source.Text))).ToList();
        var build = new DuneBuild(new Workspace(_folder["obj"]), files, target, "default", "release", _folder["image"]);
        var locked = new LockFile { Folder = _folder.Path, Packages = [new(OpamPackage.Parse("lwt.5.6.1"), true), new(OpamPackage.Parse("lib.1"), true)], Duniverse = [] };
        var request = new Request("hello", project, ["unix"], [], [], []);
        return Assert.Single(await new DuneAdvice(request, build, locked)
            .Of([new Diagnostic(Severity.Error, "HIL5010", message, new Place(project))], () => Task.FromResult<IReadOnlyCollection<string>>(["lwt", "cohttp", "yojson", "lib"])));
    }

    [Fact]
    public async Task What_no_dune_file_makes_is_told_at_DuneTarget_with_what_they_make()
    {
        var told = await Of("Don't know how to build _build/default/src/main.exe", sources: [("dune", "(executable (name Main))"), ("tools/dune", "(executables (names one two))\n(test (name check))\n(library (name l))")]);
        Assert.Equal(("HIL5015", 3), (told.Code, told.Place!.Value.Line));
        Assert.Contains("Did you mean Main.exe? The executables that dune files define: Main.exe, tools/one.exe, tools/two.exe, tools/check.exe.", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_dune_file_or_none_with_an_executable_the_message_has_one()
    {
        Assert.Contains("the project has none. Write a file named dune beside main.ml that says (executable (name main))", (await Of("Don't know how to build _build/default/src/main.exe")).Message, StringComparison.Ordinal);
        Assert.Contains("none defines an executable", (await Of("Don't know how to build _build/default/src/main.exe", sources: [("dune", "(library (name l))")])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("let x = 1\n<<<<<<< HEAD\nlet y = 1\n=======\nlet y = 2\n>>>>>>> other\n", 2, "marks of a merge")]
    [InlineData("\uFEFFlet x = 1\n", 1, "byte order mark")]
    [InlineData("let x = (* <<<<<<< *) 1\n", 3, "Syntax error")]
    public async Task What_a_merge_or_an_editor_left_in_a_source_is_told_once_as_what_it_is(string text, int line, string words)
    {
        var file = _folder.Write("main.ml", text);
        var build = new DuneBuild(new Workspace(_folder["obj"]), [("main.ml", file)], "main.exe", "default", "release", _folder["image"]);
        var errors = new[] { 3, 4 }.Select(at => new Diagnostic(Severity.Error, "HIL5010", "Syntax error", new Place(file, at, 1))).ToList();
        var told = await new DuneAdvice(new Request("hello", _folder["hello.csproj"], ["unix"], [], [], []), build, new LockFile { Folder = _folder.Path, Packages = [], Duniverse = [] })
            .Of(errors, () => Task.FromResult<IReadOnlyCollection<string>>([]));
        Assert.Equal(words == "Syntax error" ? 2 : 1, told.Count);
        Assert.Equal(line, told[0].Place!.Value.Line);
        Assert.Contains(words, told[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Don't know how to build _build/default/src/other.exe")]
    [InlineData("Unbound value x")]
    public async Task Other_errors_stay_as_they_are(string message) => Assert.Equal(("HIL5010", message), await Of(message) is var told ? (told.Code, told.Message) : default);

    [Theory]
    [InlineData("yojson", "It comes with the opam package yojson. Add it to hello.csproj: <OpamDependency Include=\"yojson\" />")]
    [InlineData("cohttp.lwt", "<OpamDependency Include=\"cohttp\" />")]
    [InlineData("cohttp_lwt", "Did you mean cohttp? Add it to hello.csproj: <OpamDependency Include=\"cohttp\" />")]
    [InlineData("Yojson", "Did you mean yojson?")]
    [InlineData("unheard.of", "It should come with the opam package unheard, which none of the project's repositories has")]
    [InlineData("lib.more", "The package lib 1 has no such library; it has lib, lib.unix.")]
    [InlineData("lib.unx", "Did you mean lib.unix?")]
    [InlineData("engin", "Did you mean engine?")]
    [InlineData("unix", "It comes with OCaml")]
    public async Task A_library_that_is_missing_is_told_with_the_package_that_brings_it(string library, string words)
    {
        _folder.Write("obj/duniverse/lib/src/dune", "(library (name lib) (public_name lib))\n(library (name lib_unix) (public_name lib.unix))");
        var told = await Of($"Library \"{library}\" not found. -> required by _build/default/src/main.exe", sources: [("engine/dune", "(library (name engine))")]);
        Assert.Equal("HIL5010", told.Code);
        Assert.StartsWith($"Library \"{library}\" not found. ", told.Message, StringComparison.Ordinal);
        Assert.Contains(words, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_in_the_duniverse_are_not_followed_for_advice()
    {
        _folder.Write("obj/duniverse/lib/dune", "(library (name lib) (public_name lib))");
        _folder.Write("outside/dune", "(library (name secret) (public_name lib.secret))");
        Directory.CreateSymbolicLink(_folder["obj/duniverse/lib/out"], _folder["outside"]);
        Directory.CreateSymbolicLink(_folder["obj/duniverse/lib/loop"], ".");
        File.CreateSymbolicLink(_folder["obj/duniverse/dune"], _folder["outside/dune"]);
        Assert.Contains("it has lib.", (await Of("Library \"lib.more\" not found. -> required by _build/default/src/main.exe", sources: [("dune", "(executable (name main))")])).Message, StringComparison.Ordinal);
    }
}
