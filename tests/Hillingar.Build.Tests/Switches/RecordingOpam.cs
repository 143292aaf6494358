using System.Text;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The real <c>opam</c> that, in place of each command of <c>build</c> and <c>install</c>, writes down what it would run.</summary>
sealed class RecordingOpam(TestFolder folder)
{
    const string Recorder = """
        #!/bin/sh
        kind=$1; shift
        log="$(dirname "$0")/log/$OPAM_PACKAGE_NAME"
        mkdir -p "$log"
        printf '%s\0' "$@" > "$log/$(printf %03d "$(ls "$log" | wc -l)").$kind"
        env -0 > "$log/../$OPAM_PACKAGE_NAME.env"
        """;

    readonly OpamRoot _opam = new(folder);

    /// <summary>The prefix of its switch.</summary>
    public string Prefix => folder["root/test"];

    /// <summary>Adds a package to its repository.</summary>
    public void Add(string package, string text, params (string Name, string Text)[] files)
    {
        var place = $"repository/packages/{package.Split('.')[0]}/{package}";
        folder.Write($"{place}/opam", text);
        foreach (var (name, content) in files)
            folder.Write($"{place}/files/{name}", content);
    }

    /// <summary>Makes its root, and installs packages one after the other.</summary>
    public async Task Install(IEnumerable<string> first, IEnumerable<string> packages)
    {
        var recorder = folder.Write("recorder", Recorder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(recorder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        await _opam.Make();
        File.AppendAllText(folder["root/config"], $"""

            wrap-build-commands: ["{recorder}" "build"]
            wrap-install-commands: ["{recorder}" "install"]
            """);
        foreach (var set in new[] { first, packages }.Select(set => set.ToList()).Where(set => set.Count > 0))
            await _opam.Accepted(["install", "--jobs=1", "--no-depexts", .. set]);
    }

    /// <summary>A variable of its: of all switches, or of this one.</summary>
    public async Task<string> Variable(string name)
    {
        var result = await _opam.Run("var", name is "user" or "group" ? "--switch=test" : "--global", name);
        return result.ExitCode == 0 ? result.Output.Trim() : throw new InvalidOperationException(result.Error);
    }

    /// <summary>The commands that it would run for a package, those of <c>build</c> or of <c>install</c>.</summary>
    public IEnumerable<IReadOnlyList<string>> Commands(string package, string kind) => !Directory.Exists(folder[$"log/{package}"]) ? []
        : Directory.EnumerateFiles(folder[$"log/{package}"], $"*.{kind}").Order(StringComparer.Ordinal)
            .Select(file => (IReadOnlyList<string>)Encoding.UTF8.GetString(File.ReadAllBytes(file)).Split('\0')[..^1]);

    /// <summary>The environment that they would have.</summary>
    public IReadOnlyDictionary<string, string> Environment(string package) => File.ReadAllText(folder[$"log/{package}.env"]).Split('\0', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
