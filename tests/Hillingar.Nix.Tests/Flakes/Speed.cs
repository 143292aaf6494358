using System.Diagnostics;
using System.Globalization;
using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Realising;
using Hillingar.Opam.Files;
namespace Hillingar.Tests;

/// <summary>What Nix costs, beside its peers in one run; figures only, so they run when they are asked for: <c>-explicit only -class "*Speed"</c>.</summary>
public sealed class Speed(SharedNix shared, Hillingar.Sdk.Tests.Sdk sdk, ITestOutputHelper output)
{
    const int Rounds = 15;

    [Theory(Explicit = true)]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task Evaluation_beside_a_flake_of_as_many_plain_fetches(string name)
    {
        var store = shared.Store(name);
        var sample = await shared.Sample(name);
        const int Sources = 150;
        var locked = sample.Lock with
        {
            Duniverse = [.. Enumerable.Range(0, Sources).Select(number => new LockedSource($"https://example.org/source-{number}.tar.gz", $"source-{number}", [new Checksum(ChecksumKind.Sha256, number.ToString("x64", CultureInfo.InvariantCulture))]))],
            Pins = [],
        };
        var plan = new FlakePlan { Name = "speed", Lock = locked, Descriptions = _ => null, Files = [("dune", "dune")], Targets = [new PlannedTarget("unix", "x.exe", "default", "release", "x")] };
        var (ours, plain) = (sample[$"speed-ours-{name}"], sample[$"speed-plain-{name}"]);
        NixFlake.Write(ours, plan with { Lock = locked with { Packages = [.. locked.Packages.Where(item => item.Package.Name.Text is "ocaml")] } }, sample.Nixpkgs);
        await File.WriteAllTextAsync(Path.Combine(ours, "dune"), "", TestContext.Current.CancellationToken);
        sample.Write($"speed-plain-{name}/flake.nix", $$$"""
            {
              inputs.nixpkgs.url = "{{{sample.Nixpkgs}}}";
              outputs = { self, nixpkgs }: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
                packages.x86_64-linux.unix = pkgs.runCommand "plain" { } (builtins.concatStringsSep "\n" (builtins.genList (n: "echo ${pkgs.fetchurl {
                  url = "https://example.org/source-${toString n}.tar.gz";
                  sha256 = builtins.hashString "sha256" (toString n);
                }} >> $out") {{{Sources}}}));
              };
            }
            """);
        // Another file each time: Nix remembers what it evaluated.
        var (first, second) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
            foreach (var (folder, times) in new[] { (ours, first), (plain, second) })
            {
                await File.WriteAllTextAsync(Path.Combine(folder, "round"), $"{round}", TestContext.Current.CancellationToken);
                var clock = Stopwatch.StartNew();
                await store.Run(null, "eval", "--raw", "--no-write-lock-file", $"path:{folder}#packages.x86_64-linux.unix.drvPath");
                times.Add(clock.Elapsed.TotalMilliseconds);
            }
        output.WriteLine($"{name}: evaluation of {Sources} sources: ours {Median(first):0} ms, plain fetches {Median(second):0} ms, ratio {Median(first) / Median(second):0.00}");
    }

    [Fact(Explicit = true)]
    public async Task A_build_with_nothing_to_do_beside_nix_build_and_a_plain_project()
    {
        var store = shared.Store("modern");
        using var project = await NixProject.Make(shared, sdk);
        (await project.Dotnet("build")).Succeeded();
        var plain = Directory.CreateDirectory(Path.Combine(project.Parent, "plain")).FullName;
        await File.WriteAllTextAsync(Path.Combine(plain, "plain.csproj"), "<Project Sdk=\"Microsoft.Build.NoTargets/3.7.0\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(plain, "NuGet.config"), "<configuration><packageSources /></configuration>", TestContext.Current.CancellationToken);
        (await sdk.Dotnet(plain, ["build"])).Succeeded();
        var flake = $"path:{project["obj/hillingar/nix"]}#packages.x86_64-linux.unix";
        var (ours, nix, targets) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await Time(async () => (await project.Dotnet("build")).Succeeded()));
            nix.Add(await Time(() => store.Run(null, "build", "--json", "--no-link", flake)));
            targets.Add(await Time(async () => (await sdk.Dotnet(plain, ["build"])).Succeeded()));
        }
        output.WriteLine($"nothing to do: dotnet build {Median(ours):0} ms; nix build {Median(nix):0} ms + NoTargets {Median(targets):0} ms; ratio {Median(ours) / (Median(nix) + Median(targets)):0.00}");
    }

    static async Task<double> Time(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalMilliseconds;
    }

    static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
