using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Hillingar.Sdk.Tests;

/// <summary>The zones as the unikernel gets them, which is in a form that ocaml-dns reads, against BIND's reading of the project's own files.</summary>
public sealed partial class PlainZoneTests(Sdk sdk)
{
    [Fact]
    public async Task The_plain_form_of_a_zone_says_what_the_zone_says()
    {
        using var project = new SampleProject(sdk);
        (await project.Dotnet("build", "-p:DuneTarget=gen/embed.exe")).Succeeded();
        var folder = Directory.CreateDirectory(Path.Combine(project.Parent, "zones")).FullName;
        foreach (var zone in Directory.EnumerateFiles(project[""], "*.zone"))
            File.Copy(zone, Path.Combine(folder, Path.GetFileName(zone)));
        var module = await Run(project.Image, [folder, "--plain"]);
        var zones = Zone().Matches(module).ToDictionary(match => match.Groups["name"].Value, match => Unescaped(match.Groups["text"].Value));
        Assert.Equal(Directory.GetFiles(folder).Select(path => Path.GetFileNameWithoutExtension(path) + ".").Order(), zones.Keys.Order());
        foreach (var (name, text) in zones)
        {
            // One record a line, in no form that servers differ in.
            Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(@"^\S+ [0-9]+ IN [A-Z0-9]+ \S", line));
            var plain = Path.Combine(project.Parent, "plain");
            await File.WriteAllTextAsync(plain, text, TestContext.Current.CancellationToken);
            Assert.Equal(await Records(name, Path.Combine(folder, name + "zone")), await Records(name, plain));
        }
    }

    static async Task<IEnumerable<string>> Records(string origin, string file) =>
        (await Run("named-compilezone", ["-q", "-i", "none", "-k", "ignore", "-s", "full", "-o", "-", origin, file])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    static async Task<string> Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    // OCaml's %S: \n, \", \\ and \DDD.
    static string Unescaped(string text) => Escape().Replace(text, match => match.Value[1..] switch
    {
        "n" => "\n",
        { Length: 3 } code => ((char)int.Parse(code, System.Globalization.CultureInfo.InvariantCulture)).ToString(),
        var other => other,
    });

    [GeneratedRegex("""\("(?<name>[^"]+)", "(?<text>([^"\\]|\\.)*)"\)""", RegexOptions.Singleline)]
    private static partial Regex Zone();

    [GeneratedRegex(@"\\(\d{3}|.)")]
    private static partial Regex Escape();
}
