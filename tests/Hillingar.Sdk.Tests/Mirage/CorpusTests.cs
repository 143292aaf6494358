using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>The verb <c>unikernels</c> of <c>bench/Conformance</c> over a list of public unikernels, which here are small ones with the stand-in for mirage.</summary>
public sealed class CorpusTests(Sdk sdk) : IDisposable
{
    const string Config = "let main = main ~packages:[\n  package \"stringext\"\n] \"Unikernel\" job\nlet () = register \"greeter\" [ main ]\n";
    const string Unikernel = "let name () = String.concat \"-\" (Stringext.split ~on:' ' \"big world\")\n";

    readonly TestFolder _folder = new();
    // Its repository has the stand-in.
    readonly MirageProject _project = new(sdk, "unix");

    public void Dispose()
    {
        _project.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_unikernel_is_built_and_booted_or_it_is_told_whose_fault_it_is()
    {
        _project.Package("lost.1.0", "depends: \"dune\"\nbuild: [\"dune\" \"build\"]\nurl { src: \"https://lost.invalid/lost-1.0.tar.gz\" checksum: \"sha256=" + new string('0', 64) + "\" }");
        string[] lines =
        [
            "# What people have written.",
            "",
            $"good/one\t{await Repository("good/one", "", Config, Unikernel)}\t.\tunix;spt\tgreeting=Ahoy\tsays Ahoy, big-world",
            $"deep/one\t{await Repository("deep/one", "samples/first", Config, Unikernel)}\tsamples/first\tunix\t\texits",
            $"bad/code\t{await Repository("bad/code", "", Config, "let name () = 1 + \"\"\n")}\t.\tunix\t\texits",
            $"bad/config\t{await Repository("bad/config", "", Config + "syntax error\n", Unikernel)}\t.\tunix\t\t-",
            $"bad/mirage\t{await Repository("bad/mirage", "", Config + "let _ = with_open_text \"nothing\"\n", Unikernel)}\t.\tunix\t\t-",
            $"no/version\t{await Repository("no/version", "", Config.Replace("stringext", "nowhere", StringComparison.Ordinal), Unikernel)}\t.\tunix\t\t-",
            $"no/sources\t{await Repository("no/sources", "", Config.Replace("stringext", "lost", StringComparison.Ordinal), Unikernel)}\t.\tunix\t\t-",
            $"silent/one\t{await Repository("silent/one", "", Config, Unikernel)}\t.\tunix\t\tsays nothing of the kind",
            $"no/commit\t{new string('0', 40)}\t.\tunix\t\t-",
        ];
        var ran = await Run(lines);
        Assert.Equal(1, ran.ExitCode);
        var output = ran.Output.Split('\n');
        foreach (var start in new[] { "good/one", "deep/one samples/first" })
            Assert.Matches(@"unix: built in \d+\.\d s, booted, sha256 [0-9a-f]{64}$", Line(output, start, "unix"));
        Assert.Matches(@"spt: built in \d+\.\d s, ", Line(output, "good/one", "spt"));
        Assert.Contains("NOT BUILT; the unikernel's fault, at build: ", Line(output, "bad/code", "unix"), StringComparison.Ordinal);
        Assert.Contains("unikernel.ml(1,", Line(output, "bad/code", "unix"), StringComparison.Ordinal);
        Assert.Matches("the unikernel's fault, at lock: .*config.ml.*HIL5070", Line(output, "bad/config", "unix"));
        Assert.Matches("mirage's fault, at lock: .*HIL5070", Line(output, "bad/mirage", "unix"));
        Assert.Matches("the unikernel's fault, at lock: .*HIL2001", Line(output, "no/version", "unix"));
        Assert.Matches("for lack of sources, at vendor: .*HIL4005", Line(output, "no/sources", "unix"));
        Assert.Matches("built in .* NOT BOOTED, .*; our fault, at boot: .*HIL5058", Line(output, "silent/one", "unix"));
        Assert.Matches("for lack of sources, at clone: .*HIL4020", Line(output, "no/commit", "unix"));
        // The tender of the stand-in's toolchain is none: what it made for spt is a program.
        Assert.Contains("built 4 of 10, booted 2 of 5", ran.Output, StringComparison.Ordinal);

        var results = File.ReadAllLines(_folder["results.tsv"]).Select(line => line.Split('\t')).ToList();
        Assert.Equal(10, results.Count);
        Assert.Contains(results, cells => cells is ["no/sources", _, _, "unix", "", "-", _, "", "vendor", "HIL4005", "sources", _]);
    }

    [Fact]
    public async Task A_line_that_is_none_is_told_at_its_place()
    {
        Assert.Contains("corpus.tsv(1): error HIL1003", (await Run("good/one\tmain\t.\tunix")).Output, StringComparison.Ordinal);
        Assert.Contains("corpus.tsv(2): error HIL1003", (await Run("#", $"good/one\t{new string('a', 40)}\t../else\tunix")).Output, StringComparison.Ordinal);
    }

    static string Line(IEnumerable<string> output, string start, string target) => Assert.Single(output, line => line.StartsWith(start + " ", StringComparison.Ordinal) && line.Contains($" {target}: ", StringComparison.Ordinal)).TrimEnd();

    async Task<string> Repository(string name, string folder, string config, string unikernel)
    {
        _folder.Write(Path.Combine("clones", name, folder, "config.ml"), config);
        _folder.Write(Path.Combine("clones", name, folder, "unikernel.ml"), unikernel);
        var where = _folder[Path.Combine("clones", name)];
        foreach (var words in (string[][])[["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "all"]])
            (await Start("git", words, where)).Succeeded();
        return (await Start("git", ["rev-parse", "HEAD"], where)).Output.Trim();
    }

    Task<Ran> Run(params string[] lines) => Start("dotnet",
    [
        Path.Combine(AppContext.BaseDirectory, "Conformance.dll"), "unikernels", _folder.Write("corpus.tsv", string.Join('\n', lines) + "\n"), "--feed", sdk.Feed, "--work", _folder["work"], "--clones", Directory.CreateDirectory(_folder["clones"]).FullName,
        "--overlay", _project.Overlays, "--repository", Path.Combine(TestData.Root, "samples", "opam-repository"), "--property", "HillingarHostSwitch=machine", "--jobs", "2", "--results", _folder["results.tsv"],
    ], _folder.Path);

    async Task<Ran> Start(string program, string[] arguments, string folder)
    {
        using var process = sdk.Start(program, arguments, folder);
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(process.ExitCode, string.Concat(texts));
    }
}
