using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Tests;

/// <summary>What a lock says of the project's own packages: in a field, or in the lines of the request where an older Hillingar wrote it.</summary>
public sealed class LockedRootTests
{
    const string Head = """
        opam-version: "2.0"
        x-opam-monorepo-version: "0.3"
        x-hillingar-version: "1"
        x-hillingar-request: ["target unix" "app depends \"lwt\" {>= \"5\"} & \"dune\"" "app pins lwt.dev to https://example.org/lwt.tbz"]

        """;

    static readonly Pin s_pin = new(OpamPackage.Parse("lwt.dev"), "https://user:secret@example.org/lwt.tbz");

    static LockFile Read(string text) => LockFile.Parse(Document.Parse(text, "/app/app.opam.locked"));

    static PackageFile Root => new(Document.Parse("depends: [\"lwt\" {>= \"5\" & with-test} \"dune\" | \"jbuilder\"]\npin-depends: [[\"lwt.dev\" \"https://user:secret@example.org/lwt.tbz\"]]\n"), OpamPackage.Parse("app.zdev"));

    [Fact]
    public void A_field_holds_what_they_ask_for()
    {
        var text = (Read(Head) with { Roots = [LockedRoot.Of(Root)] }).ToString();
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        var read = Read(text);
        var root = Assert.Single(read.Roots);
        Assert.Equal("app", root.Name.Text);
        Assert.Equal(Root.Depends.ToString(), root.Depends.ToString());
        Assert.True(read.WasPinned(Root, s_pin));
        Assert.False(read.WasPinned(Root, s_pin with { Url = "https://example.org/other.tbz" }));
        Assert.Equal(text, read.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("depends: []\n")]
    [InlineData("depends: \"dune\"\n")]
    [InlineData("depends: [\"dune\" \"ocaml\" {>= \"5\"}]\npin-depends: [[\"a.1\" \"https://example.org/a\"] [\"b.1\" \"https://example.org/b\"]]\n")]
    public void What_a_package_leaves_out_is_left_out(string fields)
    {
        var root = LockedRoot.Of(new PackageFile(Document.Parse(fields), OpamPackage.Parse("app.zdev")));
        var read = Assert.Single(Read((Read(Head) with { Roots = [root] }).ToString()).Roots);
        Assert.Equal((root.Name, root.Depends.ToString()), (read.Name, read.Depends.ToString()));
        Assert.Equal(root.Pins, read.Pins);
    }

    [Fact]
    public void A_lock_without_the_field_is_read_by_its_request_and_stays_without_it()
    {
        var read = Read(Head);
        var root = Assert.Single(read.Roots);
        Assert.Equal(("app", "\"lwt\" {>= \"5\"} & \"dune\""), (root.Name.Text, root.Depends.ToString()));
        Assert.True(read.WasPinned(Root, s_pin));
        Assert.DoesNotContain("x-hillingar-roots", read.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[\"app\" \"lwt\"]]")]
    [InlineData("[[\"app\" [lwt] []]]")]
    [InlineData("[[\"a/b\" [] []]]")]
    public void A_field_of_another_shape_is_refused(string value) =>
        Assert.Equal("HIL3001", Assert.Throws<HillingarException>(() => Read($"{Head}x-hillingar-roots: {value}\n")).Diagnostic.Code);
}
