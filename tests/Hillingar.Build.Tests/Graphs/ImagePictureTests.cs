using Hillingar.Build.Graphs;
using Hillingar.Build.Images;

namespace Hillingar.Build.Tests;

public sealed class ImagePictureTests
{
    static ImageFile Image(params IReadOnlyList<LibrarySize> libraries) => new("/out/x\"y", new UnikernelImage
    {
        Sha256 = "", FileSize = 1, Bits = 64, Machine = "x86_64", OsAbi = "System V", Libraries = libraries,
        Segments = [new ImageSegment(0, 0, libraries.Sum(library => library.Size), "r-x")],
    });

    static long Shown(string mermaid) => mermaid.Split('\n').Skip(1).Where(line => line.Contains(" : ", StringComparison.Ordinal)).Sum(line => long.Parse(line.Split(" : ")[1]));

    [Fact]
    public void The_parts_sum_up_to_what_is_loaded_however_many_there_are()
    {
        Assert.Equal(300, Shown(ImagePicture.Mermaid(Image(new LibrarySize("lwt", 200), new LibrarySize("(C)", 100), new LibrarySize("none", 0)))));
        var many = Image([.. Enumerable.Range(1, 60).Reverse().Select(n => new LibrarySize($"l{n}", n))]);
        Assert.Equal(many.LoadedSize, Shown(ImagePicture.Mermaid(many)));
        Assert.Contains("\"46 others\"", ImagePicture.Mermaid(many), StringComparison.Ordinal);
    }

    [Fact]
    public void Bars_are_shares_and_names_cannot_break_out()
    {
        var dot = ImagePicture.Dot(Image(new LibrarySize("a\"<b>&", 75), new LibrarySize("c", 25)));
        Assert.Contains(">a&#39;&lt;b&gt;&amp;</TD>", dot, StringComparison.Ordinal);
        Assert.Contains("WIDTH=\"320\"", dot, StringComparison.Ordinal);
        Assert.Contains("WIDTH=\"106\"", dot, StringComparison.Ordinal);
        Assert.Contains("75.0 %", dot, StringComparison.Ordinal);
        Assert.Equal(0, dot.Replace("\\\"", "").Count(c => c == '"') % 2);
        Assert.DoesNotContain("x\"y", ImagePicture.Mermaid(Image(new LibrarySize("a", 1))), StringComparison.Ordinal);
    }
}
