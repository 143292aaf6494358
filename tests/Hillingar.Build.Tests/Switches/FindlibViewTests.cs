using Hillingar.Build.Processes;
using Hillingar.Build.Switches;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What findlib is shown of the machine where a switch brings a cross toolchain.</summary>
public sealed class FindlibViewTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_tool_that_only_a_toolchain_names_has_its_usual_name_for_this_machine()
    {
        // Debian's names no tools, findlib's own names some.
        var machine = _folder.Write("etc/findlib.conf", "destdir=\"/usr/local/lib/ocaml\"\npath=\"/usr/lib/ocaml\"\nocamlopt=\"ocamlopt.opt\"\n");
        var cross = _folder.Program("cross/ocamlc", "echo the cross compiler\n");
        _folder.Write("switch/lib/findlib.conf.d/solo5.conf", $"""
            path(solo5) = "/usr/lib/ocaml"
            stdlib(solo5) = "/usr/lib/ocaml"
            ocamlc(solo5) = "{cross}"
            ocamlopt(solo5) = "{cross}"
            ocamlmklib(solo5) = "{cross}"
            """);
        var view = FindlibView.OfMachine(machine, _folder["switch"], _folder["views"])!;

        Assert.Equal(["destdir", "ocamlc", "ocamlmklib", "ocamlopt", "path"],
            File.ReadAllLines(view).Where(line => line.Length > 0).Select(line => line.Split('=')[0].Trim()).Order(StringComparer.Ordinal));
        // dune reads these files itself; findlib, who made their language, runs what they name.
        Assert.Equal("the cross compiler", await Run(view, "-toolchain", "solo5", "ocamlc", "-version"));
        Assert.Matches(@"^[45]\.\d+\.\d+", await Run(view, "ocamlc", "-version"));
    }

    static async Task<string> Run(string view, params string[] words)
    {
        var result = await ProcessRunner.Run(new Command("ocamlfind", words, null, new Dictionary<string, string?> { ["OCAMLFIND_CONF"] = view }), TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.Trim();
    }
}
