using Hillingar.Build.Realising;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class WorkspaceTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    Workspace Mirror(params string[] files)
    {
        var workspace = new Workspace(_folder["obj"]);
        workspace.Mirror([.. files.Select(file => (file, _folder[file]))], TestContext.Current.CancellationToken);
        return workspace;
    }

    [Fact]
    public void The_mirror_follows_the_project()
    {
        _folder.Write("a.ml", "1");
        _folder.Write("lib/b.ml", "1");
        var workspace = Mirror("a.ml", "lib/b.ml");
        var untouched = File.GetLastWriteTimeUtc(Path.Combine(workspace.SourceFolder, "a.ml"));
        _folder.Write("lib/b.ml", "22");
        Mirror("a.ml", "lib/b.ml");
        Assert.Equal("22", File.ReadAllText(Path.Combine(workspace.SourceFolder, "lib/b.ml")));
        Assert.Equal(untouched, File.GetLastWriteTimeUtc(Path.Combine(workspace.SourceFolder, "a.ml")));
        Mirror("a.ml");
        Assert.False(File.Exists(Path.Combine(workspace.SourceFolder, "lib/b.ml")));
    }

    [Fact]
    public void A_path_outside_or_twice_is_refused()
    {
        _folder.Write("a.ml", "1");
        var workspace = new Workspace(_folder["obj"]);
        foreach (var files in new (string, string)[][] { [("../../a.ml", _folder["a.ml"])], [("a.ml", _folder["a.ml"]), ("./a.ml", _folder["a.ml"])] })
            Assert.Equal("HIL5020", Assert.Throws<HillingarException>(() => workspace.Mirror(files, TestContext.Current.CancellationToken)).Diagnostic.Code);
    }

    [Fact]
    public async Task A_pipe_or_a_device_among_the_sources_is_told_and_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes");
        using var made = System.Diagnostics.Process.Start("mkfifo", _folder["pipe"]);
        await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_folder["endless"], "/dev/zero");
        foreach (var name in new[] { "pipe", "endless" })
        {
            var error = await Assert.ThrowsAsync<HillingarException>(() => Task.Run(() => Mirror(name)).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
            Assert.Equal(("HIL5020", _folder[name]), (error.Diagnostic.Code, error.Diagnostic.Place!.Value.File));
        }

        _folder.Write("a.ml", "1");
        Mirror("a.ml");
    }

    [Fact]
    public void Paths_that_dune_prints_become_the_users()
    {
        var workspace = new Workspace("/w");
        (string, string)[] files = [("lib/b.ml", "/project/lib/b.ml")];
        Assert.Equal("/project/lib/b.ml", workspace.Resolve("src/lib/b.ml", files));
        Assert.Equal("/project/lib/b.ml", workspace.Resolve("lib/b.ml", files));
        Assert.Equal("/project/lib/b.ml", workspace.Resolve("_build/default/src/lib/b.ml", files));
        Assert.Equal(Path.Combine("/w", "duniverse/lwt/x.ml"), workspace.Resolve("duniverse/lwt/x.ml", files));
    }
}
