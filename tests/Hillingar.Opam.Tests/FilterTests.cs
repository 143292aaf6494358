using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

public class FilterTests
{
    static readonly OpamEnvironment Environment = OpamEnvironment.Empty
        .With("os", "linux").With("yes", true).With("no", false).With("word", "true").With("list", VariableValue.List("a", "b"))
        .With("percent", "100%").With("a:installed", true).With("b:installed", false).With("opam-version", "2.1.2");

    static Filter Filter(string text) => new PackageFile(Document.Parse($"available: {text}")).Available;

    [Theory]
    [InlineData("true", "true")]
    [InlineData("yes & no", "false")]
    [InlineData("nothing & no", "false")]
    [InlineData("no & nothing", "false")]
    [InlineData("nothing & yes", null)]
    [InlineData("nothing | yes", "true")]
    [InlineData("nothing | no", null)]
    [InlineData("!nothing", null)]
    [InlineData("?nothing", "false")]
    [InlineData("?os", "true")]
    [InlineData("!?nothing", "true")]
    [InlineData("?(nothing & no)", "true")]
    [InlineData("os = \"linux\" & os != \"macos\"", "true")]
    [InlineData("os = nothing", null)]
    [InlineData("!(os = nothing)", null)]
    [InlineData("opam-version >= \"2.1\" & opam-version < \"2.10\"", "true")]
    [InlineData("word", "true")]
    [InlineData("!word", "false")]
    [InlineData("os | no", null)]
    [InlineData("list", "a b")]
    [InlineData("\"%{os}%-%{nothing}%\"", "linux-")]
    [InlineData("\"%{os}% 100%% %{unclosed\"", "linux 100% %{unclosed")]
    [InlineData("\"%{yes?on:off}%/%{no?on:off}%/%{nothing?on:off}%\"", "on/off/off")]
    [InlineData("\"%{a:enable}% %{b:enable}% %{c:enable}%\"", "enable disable disable")]
    [InlineData("a+b:installed", "false")]
    [InlineData("a:installed", "true")]
    [InlineData("a+c:installed", null)]
    [InlineData("b+c:installed", "false")]
    public void A_filter_evaluates(string text, string? expected) => Assert.Equal(expected, Filter(text).Evaluate(Environment)?.ToString());

    [Theory]
    [InlineData("nothing & os = \"linux\"", "nothing & true")]
    [InlineData("nothing = os", "nothing = \"linux\"")]
    [InlineData("nothing = percent", "nothing = \"100%%\"")]
    [InlineData("\"%{os}%-%{nothing}%-%{percent}%\"", "\"linux-%{nothing}%-100%%\"")]
    [InlineData("!(nothing | no)", "!(nothing | false)")]
    [InlineData("nothing?a:b", null)]
    [InlineData("no & nothing", "false")]
    public void A_filter_evaluates_partly(string text, string? expected)
    {
        if (expected is not null)
            Assert.Equal(expected, Filter(text).PartialEvaluate(Environment).ToString());
    }

    [Theory]
    [InlineData("\"a\" {nothing}", "[]")]
    [InlineData("\"a\" {!nothing}", "[]")]
    [InlineData("\"a\" {build} \"b\" {post} \"c\" {with-test} \"d\" {with-doc} \"e\" {dev} \"f\" {with-dev-setup}", "a & b")]
    [InlineData("\"a\" {= version}", "a = 1.0")]
    [InlineData("\"a\" {= \"%{version}%-x\"}", "a = 1.0-x")]
    [InlineData("\"a\" {= nothing}", "a")]
    [InlineData("\"a\" {>= \"1\" & os = \"linux\" & build}", "a >= 1")]
    [InlineData("\"a\" {>= \"1\" | os = \"linux\"}", "a")]
    [InlineData("\"a\" {>= \"1\" | os = \"macos\"}", "a >= 1")]
    [InlineData("\"a\" {!(< \"1\" | > \"2\")}", "a (>= 1 & <= 2)")]
    [InlineData("(\"a\" {no} | \"b\") & \"c\"", "(b) & c")]
    [InlineData("(\"a\" {no} | \"b\" {no}) \"c\"", "c")]
    [InlineData("\"a\" | \"b\" {no}", "a")]
    [InlineData("\"a\" {no} & \"b\" | \"c\"", "b | c")]
    [InlineData("\"a\" {with-test & nothing | build}", "a")]
    [InlineData("\"a\" {?monorepo}", "[]")]
    [InlineData("\"a\" {?os & < \"2\"}", "a < 2")]
    public void Dependencies_are_selected(string depends, string expected)
    {
        var package = OpamPackage.Parse("x.1.0");
        var file = new PackageFile(Document.Parse($"depends: [{depends}]"), package);
        Assert.Empty(file.Check());
        Assert.Equal(expected, file.Depends.Select(Environment.For(package), DependencyOptions.For(package)).ToString());
    }

    [Fact]
    public void Tests_and_the_version_dev_choose_more()
    {
        var package = OpamPackage.Parse("x.dev");
        var depends = new PackageFile(Document.Parse("depends: [\"a\" {with-test} \"b\" {dev} \"c\" {with-doc}]"), package).Depends;
        Assert.Equal("a & b", depends.Select(Environment.For(package), DependencyOptions.For(package, test: true)).ToString());
    }

    [Fact]
    public void A_variable_that_is_set_marks_what_is_vendored()
    {
        var package = OpamPackage.Parse("x.1");
        var depends = new PackageFile(Document.Parse("depends: [\"a\" {?monorepo & >= \"1\"}]"), package).Depends;
        Assert.Equal("a >= 1", depends.Select(Environment.With("monorepo", true).For(package), DependencyOptions.For(package)).ToString());
    }

    [Fact]
    public void A_list_of_a_hundred_thousand_is_no_deeper_than_it_must_be()
    {
        var package = OpamPackage.Parse("x.1");
        var names = string.Concat(Enumerable.Range(0, 100_000).Select(number => $"\"a{number}\" "));
        var file = new PackageFile(Document.Parse($"depends: [{names}]\nconflicts: [{names}]"), package);
        Assert.Equal(100_000, file.Depends.Select(Environment.For(package), DependencyOptions.For(package)).Atoms().Count());
        Assert.StartsWith("a0 | a1 | a2", file.Conflicts.Select(Environment.For(package), DependencyOptions.For(package)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Conflicts_are_a_disjunction() =>
        Assert.Equal("\"a\" {< \"1\"} | \"b\" | \"c\"", new PackageFile(Document.Parse("conflicts: [\"a\" {< \"1\"} \"b\" & \"c\"]")).Conflicts.ToString());

    [Fact]
    public void Commands_are_evaluated()
    {
        var file = new PackageFile(Document.Parse("""build: [["make" "-j" jobs "%{os}%" list {yes} "x" {no}] ["never"] {nothing}]"""));
        Assert.Equal([["make", "-j", "", "linux", "a", "b"], null], file.Build.Select(command => command.Evaluate(Environment)?.ToArray()));
    }
}
