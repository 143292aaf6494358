using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Tests;

public class InstallFileTests
{
    static InstallFile Parse(string text) => InstallFile.Parse(text, "foo.install", new PackageName("foo"));

    [Theory]
    [InlineData("bin: \"a/tool\"", "a/tool", "bin/tool", true)]
    [InlineData("bin: [\"a/tool.exe\" {\"tool\"}]", "a/tool.exe", "bin/tool", true)]
    [InlineData("sbin: [\"tool\"]", "tool", "sbin/tool", true)]
    [InlineData("lib: [\"src/x.cmi\" {\"sub/x.cmi\"}]", "src/x.cmi", "lib/foo/sub/x.cmi", false)]
    [InlineData("lib: [\"META\" {\"../bar/META\"}]", "META", "lib/bar/META", false)]
    [InlineData("libexec: [\"x.cmxs\"]", "x.cmxs", "lib/foo/x.cmxs", true)]
    [InlineData("lib_root: [\"x\"]", "x", "lib/x", false)]
    [InlineData("libexec_root: [\"x\"]", "x", "lib/x", true)]
    [InlineData("root: [\"x\" {\"deep/x\"}]", "x", "deep/x", false)]
    [InlineData("rootexec: [\"x\"]", "x", "x", true)]
    [InlineData("toplevel: [\"x.ml\"]", "x.ml", "lib/toplevel/x.ml", false)]
    [InlineData("stublibs: [\"dllx.so\"]", "dllx.so", "lib/stublibs/dllx.so", true)]
    [InlineData("man: [\"doc/foo.3\"]", "doc/foo.3", "man/man3/foo.3", false)]
    [InlineData("man: [\"foo.1.gz\"]", "foo.1.gz", "man/man1/foo.1.gz", false)]
    [InlineData("man: [\"foo\" {\"man7/foo.7\"}]", "foo", "man/man7/foo.7", false)]
    [InlineData("share: [\"x\"]", "x", "share/foo/x", false)]
    [InlineData("share_root: [\"x\" {\"emacs/x.el\"}]", "x", "share/emacs/x.el", false)]
    [InlineData("etc: [\"x\"]", "x", "etc/foo/x", false)]
    [InlineData("doc: [\"./README.md\"]", "README.md", "doc/foo/README.md", false)]
    public void A_section_says_where_a_file_goes_and_with_what_mode(string text, string source, string destination, bool executable) =>
        Assert.Equal(new InstalledFile(source, destination, executable, false), Assert.Single(Parse(text).Files));

    [Fact]
    public void A_question_mark_makes_a_file_optional() => Assert.True(Assert.Single(Parse("lib: [\"?x.cmxs\"]").Files).IsOptional);

    [Theory]
    [InlineData("bin: [\"x\" {\"../../etc/passwd\"}]")]
    [InlineData("bin: [\"x\" {\"/etc/passwd\"}]")]
    [InlineData("bin: [\"/etc/passwd\"]")]
    [InlineData("bin: [\"../../secret\"]")]
    [InlineData("lib: [\"?../x\"]")]
    [InlineData("root: [\"x\" {\".opam-switch/x\"}]")]
    [InlineData("misc: [\"x\" {\"/usr/share/x\"}]")]
    [InlineData("man: [\"x\"]")]
    [InlineData("man: [\"x.\"]")]
    [InlineData("man: [\"x.0\"]")]
    [InlineData("bin: [\"x\" {\"a\" \"b\"}]")]
    [InlineData("bin: [1]")]
    [InlineData("bin: [\"\"]")]
    [InlineData("bin: [\"x\" {\"\"}]")]
    public void What_would_leave_its_folder_or_is_no_file_is_refused_at_its_place(string text)
    {
        var error = Assert.Throws<HillingarException>(() => Parse("# first\n" + text));
        Assert.Equal("HIL5061", error.Diagnostic.Code);
        Assert.Equal(("foo.install", 2), (error.Diagnostic.Place!.Value.File, error.Diagnostic.Place.Value.Line));
    }

    [Fact]
    public void Variables_of_a_package_are_text_bools_and_lists()
    {
        var config = ConfigFile.Parse("opam-version: \"2.0\"\nfile-depends: [[\"/bin/sh\" \"md5=0\"]]\nvariables { a: \"x y\" b: true c: [\"1\" \"2\"] }", "foo.config");
        Assert.Equal(["a = x y", "b = true", "c = 1 2"], config.Variables.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} = {pair.Value}"));
        Assert.Equal("y", ConfigFile.Parse("x: \"y\"", "old.config").Variables["x"].ToString());
        Assert.Equal("HIL5060", Assert.Throws<HillingarException>(() => ConfigFile.Parse("opam-version: \"2.0\"\nvariables { a: [[\"x\"]] }", "foo.config")).Diagnostic.Code);
    }
}
