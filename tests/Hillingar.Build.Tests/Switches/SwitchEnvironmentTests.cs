using Hillingar.Build.Requests;
using Hillingar.Build.Switches;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class SwitchEnvironmentTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static string Apply(string before, string updates) => SwitchEnvironment.Apply(
        new Dictionary<string, string> { ["V"] = before },
        new PackageFile(Document.Parse($"build-env: [{updates}]")).BuildEnv)["V"];

    [Theory]
    [InlineData("[V = \"x\"]", "x", "x", "x")]
    [InlineData("[V += \"x\"]", "x", "x:a:b", "x:")]
    [InlineData("[V =+ \"x\"]", "x", "a:b:x", ":x")]
    [InlineData("[V := \"x\"]", "x:", "x:a:b", "x:")]
    [InlineData("[V =: \"x\"]", ":x", "a:b:x", ":x")]
    [InlineData("[V =+= \"x\"]", "x", "x:a:b", "x:")]
    [InlineData("[V += \"x\"] [V += \"y\"]", "y:x", "y:x:a:b", "y:x:")]
    [InlineData("[V = \"x\"] [V += \"y\"] [V =+ \"z\"]", "y:x:z", "y:x:z", "y:x:z")]
    public void Operators_change_an_empty_variable_a_list_and_a_lone_separator(string updates, string empty, string list, string separator)
    {
        Assert.Equal(empty, Apply("", updates));
        Assert.Equal(list, Apply("a:b", updates));
        Assert.Equal(separator, Apply(":", updates));
    }

    [Fact]
    public async Task Build_and_switch_environments_are_those_of_opam()
    {
        const string Set = "opam-version: \"2.0\"\nsetenv: [[ONE = \"%{_:name}%-%{version}%-%{_:lib}%\"] [TWO += \"b\"] [TWO =+ \"c\"] [THREE := \"%{undefined}%x\"] [FOUR = \"%{other:installed?yes:no}%\"]]";
        const string Use = "opam-version: \"2.0\"\ndepends: \"set\"\nbuild-env: [[FIVE = \"plain\"] [TWO += \"z\"]]\nbuild: [\"a\"]";
        var opam = new RecordingOpam(_folder);
        var repository = new MemoryRepository("test").Add("set.1.0", Set).Add("use.1.0", Use);
        opam.Add("set.1.0", Set);
        opam.Add("use.1.0", Use);
        await opam.Install(["set.1.0"], ["use.1.0"]);

        var layout = new SwitchLayout(opam.Prefix);
        var set = new SwitchPackage(repository.Find(OpamPackage.Parse("set.1.0"))!, layout);
        var variables = new SwitchVariables(SwitchVariables.Globals(HostPlatform.Current, 1, "/root", "test"), [set]);
        var use = PackageSteps.Of(new SwitchPackage(repository.Find(OpamPackage.Parse("use.1.0"))!, layout), variables);
        var environment = SwitchEnvironment.Apply(new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! }, SwitchEnvironment.OfBuild(use, variables));
        var theirs = opam.Environment("use");
        foreach (var name in new[] { "ONE", "TWO", "THREE", "FOUR", "FIVE", "PATH", "MANPATH", "OPAM_SWITCH_PREFIX", "OPAM_PACKAGE_NAME", "OPAM_PACKAGE_VERSION", "OPAMCLI", "CDPATH", "MAKEFLAGS" })
            Assert.Equal($"{name}={theirs.GetValueOrDefault(name)}", $"{name}={environment.GetValueOrDefault(name)}");
    }
}
