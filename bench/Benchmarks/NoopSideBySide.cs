namespace Hillingar.Benchmarks;

/// <summary>
/// Commands with nothing to do, on unikernel projects and on plain ones, by turns in one run: <c>Benchmarks noop PROJECT…</c>. A restore is
/// measured against a C# library's, a build against that of a <c>Microsoft.Build.NoTargets</c> project. No MSBuild process outlives its
/// command. The first round, which restores and builds, does not count.
/// </summary>
static class NoopSideBySide
{
    const int Rounds = 9;
    const string Library = "C# library", NoTargets = "NoTargets";

    static readonly Dictionary<string, string> s_environment = new() { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" };

    static readonly (string Verb, string Peer)[] s_commands = [("restore", Library), ("build", NoTargets), ("build --no-restore", NoTargets)];

    public static async Task<int> Run(string[] projects)
    {
        if (projects.Length == 0)
            return 2;
        using var scratch = new TemporaryFolder();
        var library = Plain(Library, """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        var empty = Plain(NoTargets, """<Project Sdk="Microsoft.Build.NoTargets/3.7.0"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        var works = new SideBySide(Rounds);
        foreach (var (verb, peer) in s_commands)
        {
            Add(verb, peer, peer == Library ? library : empty);
            foreach (var project in projects)
                Add(verb, Path.GetFullPath(project), Path.GetFullPath(project));
        }

        await works.Run();
        works.Print(name => s_commands.Select(command => $"{command.Verb}: {command.Peer}").FirstOrDefault(peer => peer != name && peer.Split(": ")[0] == name.Split(": ")[0]));
        return 0;

        string Plain(string name, string text)
        {
            var path = Path.Combine(Directory.CreateDirectory(scratch[name]).FullName, name + ".csproj");
            File.WriteAllText(path, text);
            return path;
        }

        void Add(string verb, string name, string project) =>
            works.Add($"{verb}: {name}", () => SideBySide.Start("dotnet", [.. verb.Split(' '), project, "-nodeReuse:false", "--nologo"], Path.GetDirectoryName(project), s_environment));
    }
}
