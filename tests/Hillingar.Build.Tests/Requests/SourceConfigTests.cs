using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Tests;

public sealed class SourceConfigTests
{
    static SourceConfig Of(params string[] files) => SourceConfig.Of(files.Select((text, at) => new PackageFile(Document.Parse(text, $"f{at}.opam"))));

    [Fact]
    public void Files_are_merged()
    {
        var config = Of(
            "x-opam-monorepo-opam-provided: \"b\"\nx-opam-monorepo-global-opam-vars: [[\"os\" \"linux\"] [\"list\" [\"a\" \"b\"]]]",
            "x-opam-monorepo-opam-provided: [\"a\" \"b\"]\nx-opam-monorepo-global-opam-vars: [[\"os\" \"linux\"] [\"ready\" true]]");
        Assert.Equal(["a", "b"], config.OpamProvided);
        Assert.Equal([("list", VariableValue.List("a", "b")), ("os", "linux"), ("ready", true)], config.Variables);
        Assert.True(config.Apply(OpamEnvironment.Empty).Variables["ready"].IsBool);
    }

    [Theory]
    [InlineData("x-opam-monorepo-opam-provided: [1]")]
    [InlineData("x-opam-monorepo-opam-repositories: [[\"a\"]]")]
    [InlineData("x-opam-monorepo-global-opam-vars: [\"os\" \"linux\"]")]
    [InlineData("x-opam-monorepo-global-opam-vars: [[\"os\" 3]]")]
    [InlineData("x-opam-monorepo-global-opam-vars: [[\"os\" \"a\"] [\"os\" \"b\"]]")]
    [InlineData("x-mirage-extra-repo: [\"name\" \"url\"]")]
    [InlineData("x-mirage-opam-lock-location: 1")]
    public void What_has_not_its_shape_is_told_with_its_place(string text)
    {
        var error = Assert.Throws<HillingarException>(() => Of(text)).Diagnostic;
        Assert.Equal("HIL6018", error.Code);
        Assert.Equal(("f0.opam", 1), (error.Place!.Value.File, error.Place.Value.Line));
    }

    [Theory]
    [InlineData("../a.locked")]
    [InlineData("/etc/a.locked")]
    [InlineData(".")]
    public void The_lock_stays_in_the_project(string location)
    {
        var config = Of($"x-mirage-opam-lock-location: \"{location}\"");
        Assert.Equal("HIL6018", Assert.Throws<HillingarException>(() => config.LockPath("/project")).Diagnostic.Code);
        Assert.Equal(Path.GetFullPath("/project/mirage/a.locked"), Of("x-mirage-opam-lock-location: \"mirage/a.locked\"").LockPath("/project"));
    }
}
