using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Locks that something happened to.</summary>
public sealed class LockDamageTests : IDisposable
{
    static readonly string s_lock = new LockFile { Folder = "/", Packages = [new(OpamPackage.Parse("lwt.5.6.1"), true)], Duniverse = [], Targets = ["unix"], RootPackages = ["hello"] }.ToString();

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    Diagnostic Read(string text) => Assert.Throws<HillingarException>(() => LockFile.Read(_folder.Write("hello.opam.locked", text))).Diagnostic;

    [Theory]
    [InlineData("<<<<<<< HEAD\n{0}=======\n{0}>>>>>>> other\n", 1)]
    [InlineData("opam-version: \"2.0\"\n<<<<<<< HEAD\nsynopsis: \"a\"\n=======\nsynopsis: \"b\"\n>>>>>>> other\n", 2)]
    public void The_marks_of_a_merge_are_named_with_their_line(string text, int line)
    {
        var told = Read(text.Replace("{0}", s_lock, StringComparison.Ordinal));
        Assert.Equal(("HIL3001", line), (told.Code, told.Place!.Value.Line));
        Assert.Contains("merge", told.Message, StringComparison.Ordinal);
        Assert.Contains("--force-evaluate", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_is_cut_off_is_told_so_wherever_it_was_cut()
    {
        var before = s_lock.IndexOf("x-opam-monorepo-version", StringComparison.Ordinal);
        Assert.InRange(before, 50, s_lock.Length);
        for (var length = 40; length < before; length += 7)
        {
            var told = Read(s_lock[..length]);
            Assert.Equal("HIL3001", told.Code);
            Assert.Contains("cut off", told.Message, StringComparison.Ordinal);
        }

        Assert.Contains("is empty", Read("\n").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_else_is_wrong_is_told_as_before()
    {
        Assert.DoesNotContain("cut off", Read(s_lock.Replace("\"lwt\" {= \"5.6.1\"", "\"lwt\" {> \"5.6.1\"", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
        Assert.Equal("HIL1001", Read("}\n" + s_lock).Code);
    }
}
