using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>What the machine or the network lacks is told as what it is.</summary>
public sealed class MachineFaultTests(Sdk sdk) : IAsyncLifetime
{
    readonly TestFolder _tools = new();
    TemplateProject _project = null!;

    public async ValueTask InitializeAsync() => _project = await TemplateProject.Make(sdk);

    public ValueTask DisposeAsync()
    {
        _project.Dispose();
        _tools.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_machine_without_a_C_compiler_is_told_so_before_anything_is_built()
    {
        var (code, output) = await BuildWithout(sdk, _tools, _project.Folder);
        Assert.NotEqual(0, code);
        Assert.Contains("error HIL5074: This machine lacks no-such-compiler, by which OCaml's compiler assembles and links. Install it:", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_project["obj/hillingar/unix/_build"]) && Directory.EnumerateFiles(_project["obj"], "*.o", SearchOption.AllDirectories).Any());
    }

    /// <summary>Builds a project on a machine that has OCaml and not the C compiler that it calls.</summary>
    internal static async Task<(int ExitCode, string Output)> BuildWithout(Sdk sdk, TestFolder tools, string folder)
    {
        // This machine's own compiler, which says that it calls a C compiler that is not there.
        tools.Program("ocamlopt", """
            if [ "$1" = -config ]; then /usr/bin/ocamlopt -config | sed -E 's/^(native_c_compiler|asm): [^ ]*/\1: no-such-compiler/'; else exec /usr/bin/ocamlopt "$@"; fi

            """);
        using var build = sdk.Start("dotnet", ["build", "-nodeReuse:false"], folder, configure: start => start.Environment["PATH"] = tools.Path + Path.PathSeparator + start.Environment["PATH"]);
        var error = build.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await error;
        await build.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (build.ExitCode, output);
    }

    [Fact]
    public async Task An_overlay_that_cannot_be_reached_is_told_as_what_it_is_for()
    {
        _project.Edit("hello.csproj", text => text.Replace("</ItemGroup>", "  <OpamOverlay Include=\"no-such-folder\" />\n    <OpamDependency Include=\"lwt\" Version=\"&gt;= 99\" />\n  </ItemGroup>", StringComparison.Ordinal));
        var ran = await _project.Dotnet("restore");
        ran.FailedWith("HIL2001");
        Assert.Contains("which may have the ports to dune that are missing, could not be reached: what it has is not among the fixes", ran.Output, StringComparison.Ordinal);
    }
}
