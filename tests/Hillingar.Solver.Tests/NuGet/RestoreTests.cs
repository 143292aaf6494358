using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Hillingar.Solver;
using Hillingar.Solver.NuGet;
using NuGet.Versioning;

namespace Hillingar.Tests;

public class RestoreTests
{
    const int Graphs = 40, Least = 20;

    /// <summary>The codes of graphs in which the nearest package wins, whatever others ask for.</summary>
    static readonly string[] NearestWins = ["NU1605", "NU1107", "NU1608"];

    [Fact]
    public async Task The_versions_are_those_of_a_real_restore()
    {
        using var folder = new TestFolder();
        var graphs = Enumerable.Range(0, Graphs).Select(seed => Graph.Generate(seed)).ToList();
        for (var seed = 0; seed < Graphs; seed++)
            graphs[seed].Write(folder, seed);
        folder.Write("Directory.Build.props", "<Project />");
        folder.Write("Directory.Packages.props", "<Project />");
        folder.Write("all.proj", """
            <Project>
              <ItemGroup><Graph Include="*/graph.csproj" /></ItemGroup>
              <Target Name="Restore"><MSBuild Projects="@(Graph)" Targets="Restore" BuildInParallel="true" ContinueOnError="true" /></Target>
            </Project>
            """);
        await Restore(folder);

        var (compared, unmet) = (0, 0);
        for (var seed = 0; seed < Graphs; seed++)
        {
            var assets = folder[$"{seed}/obj/project.assets.json"];
            Assert.True(File.Exists(assets), $"Graph {seed} was not restored.");
            using var document = JsonDocument.Parse(File.ReadAllText(assets));
            if (document.RootElement.TryGetProperty("logs", out var logs) && logs.EnumerateArray().Any(log => NearestWins.Contains(log.GetProperty("code").GetString())))
                continue;
            var expected = document.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject().Select(package => package.Name).Order(StringComparer.Ordinal).ToList();
            // The nearest can also win without a word, where an eclipsed node stands between: then the restored set is not what it asks for.
            if (!graphs[seed].IsMet(expected))
            {
                unmet++;
                continue;
            }
            var outcome = new NuGetUniverse(Feed.Read(folder[$"{seed}/feed"])).Solve(graphs[seed].References, TestContext.Current.CancellationToken);
            var found = outcome is Solution solution ? NuGetUniverse.Packages(solution).Select(pair => $"{pair.Key}/{pair.Value}").Order(StringComparer.Ordinal) : null;
            Assert.Equal($"{seed}: {string.Join(' ', expected)}", $"{seed}: {(found is null ? "none" : string.Join(' ', found))}");
            compared++;
        }
        Assert.True(compared >= Least && unmet * 5 < compared, $"{compared} graphs could be compared, {unmet} were restored with an unmet dependency.");
    }

    static async Task Restore(TestFolder folder)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", "all.proj", "-t:Restore", "-nologo", "-v:q", "-nodeReuse:false"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NUGET_PACKAGES"] = folder["packages"];
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(await output);
    }

    /// <summary>Packages that depend only on later ones, and a project.</summary>
    sealed record Graph(List<FeedPackage> Packages, List<KeyValuePair<string, VersionRange>> References)
    {
        public static Graph Generate(int seed)
        {
            var random = new Random(seed);
            var count = random.Next(4, 10);
            string Id(int index) => $"G{seed}.P{index}";
            var versions = Enumerable.Range(0, count).Select(_ => Enumerable.Range(1, random.Next(1, 5)).Select(major => $"{major}.{random.Next(3)}.0").ToArray()).ToArray();
            VersionRange Range(int target)
            {
                var some = versions[target][random.Next(versions[target].Length)];
                return VersionRange.Parse(random.Next(10) switch { 0 => $"[{some}]", 1 => $"[{some},9)", 2 when some != versions[target][^1] => $"({some},)", _ => some });
            }

            List<KeyValuePair<string, VersionRange>> Needs(int first, int most) =>
            [
                .. from target in Enumerable.Range(first, count - first).OrderBy(_ => random.Next()).Take(random.Next(0, most + 1)).Order().ToList()
                   select KeyValuePair.Create(Id(target), Range(target)),
            ];

            var packages = new List<FeedPackage>();
            for (var index = 0; index < count; index++)
                foreach (var version in versions[index])
                    packages.Add(new(Id(index), NuGetVersion.Parse(version), Needs(index + 1, 2)));
            return new(packages, [KeyValuePair.Create(Id(0), VersionRange.Parse(versions[0][0])), .. Needs(1, 2)]);
        }

        /// <summary>Whether a set of <c>id/version</c> has what its members ask for.</summary>
        public bool IsMet(IEnumerable<string> restored)
        {
            var versions = restored.Select(package => package.Split('/')).ToDictionary(parts => parts[0], parts => NuGetVersion.Parse(parts[1]));
            return Packages.Where(package => versions.TryGetValue(package.Id, out var version) && version == package.Version)
                .All(package => package.Dependencies.All(dependency => dependency.Value.Satisfies(versions[dependency.Key])));
        }

        public void Write(TestFolder folder, int seed)
        {
            foreach (var package in Packages)
            {
                var path = folder.Write($"{seed}/feed/{package.Id}.{package.Version}.nupkg", "");
                using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
                using (var writer = new StreamWriter(archive.CreateEntry($"{package.Id}.nuspec").Open()))
                    writer.Write($"""
                        <package><metadata><id>{package.Id}</id><version>{package.Version}</version><authors>x</authors><description>x</description>
                        <dependencies>{string.Concat(package.Dependencies.Select(dependency => $"""<dependency id="{dependency.Key}" version="{dependency.Value.ToNormalizedString()}" />"""))}</dependencies>
                        </metadata></package>
                        """);
            }
            folder.Write($"{seed}/nuget.config", """<configuration><packageSources><clear /><add key="feed" value="feed" /></packageSources></configuration>""");
            folder.Write($"{seed}/graph.csproj", $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>net10.0</TargetFramework><DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences><NuGetAudit>false</NuGetAudit></PropertyGroup>
                  <ItemGroup>{string.Concat(References.Select(reference => $"""<PackageReference Include="{reference.Key}" Version="{reference.Value.ToNormalizedString()}" />"""))}</ItemGroup>
                </Project>
                """);
        }
    }
}
