using Hillingar.Build.Processes;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The real <c>opam</c>, with a root of its own in a test's folder and without the network.</summary>
sealed class OpamRoot(TestFolder folder)
{
    /// <summary>Its root.</summary>
    public string Path => folder["root"];

    public async Task<ProcessResult> Run(params IEnumerable<string> arguments) => await ProcessRunner.Run(new Command("opam", [.. arguments], folder.Path, new Dictionary<string, string?>
    {
        ["OPAMROOT"] = Path,
        ["OPAMROOTISOK"] = "1",
        ["OPAMYES"] = "1",
        ["OPAMCOLOR"] = "never",
        ["OPAMVAR_vendor"] = "true",
        ["http_proxy"] = "http://127.0.0.1:9",
        ["https_proxy"] = "http://127.0.0.1:9",
        ["no_proxy"] = "127.0.0.1",
        // The repositories of tests are local, and git takes submodules from such only when told to.
        ["GIT_CONFIG_COUNT"] = "1",
        ["GIT_CONFIG_KEY_0"] = "protocol.file.allow",
        ["GIT_CONFIG_VALUE_0"] = "always",
    }), TestContext.Current.CancellationToken);

    /// <summary>What it said, where it succeeded.</summary>
    public async Task<string> Accepted(params string[] arguments)
    {
        var result = await Run(arguments);
        Assert.True(result.ExitCode == 0, $"opam {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output + result.Error;
    }

    /// <summary>Makes the root over the repository in the test's folder, with an empty switch.</summary>
    public async Task Make()
    {
        await Accepted("init", "--bare", "--no-setup", "--disable-sandboxing", "--kind=local", "main", folder["repository"]);
        await Accepted("switch", "create", "test", "--empty");
    }
}
