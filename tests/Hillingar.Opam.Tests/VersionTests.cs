using Hillingar.Opam.Language;

namespace Hillingar.Tests;

public class VersionTests
{
    [Theory]
    [InlineData("0.9~rc1", "0.9")]
    [InlineData("0.9", "0.9.1")]
    [InlineData("5", "v0.17")]
    [InlineData("1.9", "1.10")]
    [InlineData("1.0", "1.0.0")]
    [InlineData("1.0~", "1.0")]
    [InlineData("1~~", "1~")]
    [InlineData("1", "1-1")]
    [InlineData("1.0-1", "1.0.1")]
    [InlineData("2a", "2+b")]
    [InlineData("a", "a1")]
    public void Versions_are_in_order(string smaller, string larger)
    {
        Assert.True(new OpamVersion(smaller) < new OpamVersion(larger));
        Assert.True(new OpamVersion(larger) > new OpamVersion(smaller));
    }

    [Theory]
    [InlineData("1.0", "1.00")]
    [InlineData("a", "a0")]
    [InlineData("5.5.0+introcaml", "5.5.0+introcaml0")]
    public void Versions_may_differ_and_compare_as_equal(string one, string other)
    {
        Assert.Equal(0, new OpamVersion(one).CompareTo(new OpamVersion(other)));
        Assert.NotEqual(new OpamVersion(one), new OpamVersion(other));
    }

    [Theory]
    [InlineData("Camlp5", "camlp4")]
    [InlineData("AB", "ab")]
    [InlineData("a", "ab")]
    public void Names_are_in_opams_order(string smaller, string larger) => Assert.True(new PackageName(smaller) < new PackageName(larger));

    [Fact]
    public void The_order_is_opams_over_the_repository_and_over_generated_versions()
    {
        // A chain of neighbours orders all pairs, ours included: CompareTo is checked on every pair of it.
        using var folder = new TestFolder();
        folder.Write("repo", "opam-version: \"2.0\"\n");
        var generated = Generate(new Random(20_260_822), 540);
        foreach (var version in generated)
            folder.Write($"packages/generated/generated.{version}/opam", "opam-version: \"2.0\"\n");
        var names = Directory.GetDirectories(Path.Combine(Corpus.Folder(Corpus.Repository), "packages"));
        foreach (var name in TestData.Full ? names : names.Where((_, i) => i % 10 == 0))
            foreach (var version in Directory.GetDirectories(name))
                folder.Write($"packages/{Path.GetFileName(name)}/{Path.GetFileName(version)}/opam", "opam-version: \"2.0\"\n");
        using var opam = new RealOpam(folder.Path);
        var listed = opam.Run("list", "-A", "-V", "--no-switch", "-s", "--columns=package").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#').Select(line => OpamPackage.Parse(line.Trim())).ToLookup(package => package.Name, package => package.Version);
        var pairs = 0;
        foreach (var versions in listed)
        {
            var order = versions.ToArray();
            for (var i = 0; i < order.Length; i++)
                for (var j = i + 1; j < order.Length; j++, pairs++)
                    Assert.True(order[i] < order[j] && order[j] > order[i], $"{versions.Key}: opam has {order[i]} before {order[j]}");
        }
        // opam keeps one of several versions that compare as equal; each that it left out must be equal to one that it kept.
        var kept = listed[new("generated")].ToArray();
        foreach (var version in generated)
            Assert.Contains(kept, other => other.CompareTo(new(version)) == 0);
        Assert.True(kept.Length * (kept.Length - 1) / 2 >= 100_000, $"{kept.Length} generated versions make too few pairs");
        TestContext.Current.SendDiagnosticMessage($"{pairs} pairs of {listed.Count} names are in opam's order");
    }

    // Short words over few letters, so that versions are near each other: runs of digits with zeros, letters, '~', '-', other signs.
    static SortedSet<string> Generate(Random random, int count)
    {
        string[] parts = ["0", "1", "2", "9", "10", "00", "01", "a", "b", "rc", "~", ".", "+", "-", "_", "v", "Z", ".1", "~~", "-0"];
        var versions = new SortedSet<string>(StringComparer.Ordinal);
        while (versions.Count < count)
            if (string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)])) is var version && OpamVersion.IsValid(version))
                versions.Add(version);
        return versions;
    }
}
