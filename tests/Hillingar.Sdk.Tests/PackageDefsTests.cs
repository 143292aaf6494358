using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>A project that moves to opam-nix's file of packages, and from it, by real dotnet commands.</summary>
public sealed class PackageDefsTests(Sdk sdk)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lock_is_written_for_opam_nix_and_what_was_written_is_locked_again()
    {
        using var folder = new TestFolder();
        folder.Write("NuGet.config", sdk.NuGetConfig);
        foreach (var version in new[] { "4.14.1", "5.4.1" })
        {
            folder.Write($"repository/packages/ocaml-base-compiler/ocaml-base-compiler.{version}/opam", "opam-version: \"2.0\"\nflags: compiler\n");
            folder.Write($"repository/packages/ocaml/ocaml.{version}/opam", $"opam-version: \"2.0\"\ndepends: [\"ocaml-base-compiler\" {{= \"{version}\"}}]\n");
        }
        folder.Write("repository/packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n");
        void Project(string repository, string constraint) => folder.Write("app/app.csproj", $"""
            <Project Sdk="Hillingar.Sdk/{sdk.Version}">
              <PropertyGroup><HillingarHostSwitch>locked</HillingarHostSwitch><HillingarAudit>false</HillingarAudit><HillingarOffline>true</HillingarOffline></PropertyGroup>
              <ItemGroup>
                <OpamRepository Include="{repository}" />
                <OpamDependency Include="ocaml-base-compiler" Version="{constraint}" />
                <OpamDependency Include="dune" />
              </ItemGroup>
            </Project>
            """);
        // What is selected, not what was asked for.
        async Task<string> Locked() => string.Join('\n', (await File.ReadAllLinesAsync(folder["app/app.opam.locked"], Cancellation)).Where(line => line.Contains("{= ", StringComparison.Ordinal) && !line.Contains(" depends ", StringComparison.Ordinal) && !line.StartsWith("  [\"app\" ", StringComparison.Ordinal)));

        Project("../repository", "[4.14.1]");
        (await sdk.Dotnet(folder["app"], ["msbuild", "-t:HillingarWritePackageDefs"])).FailedWith("HIL6001");
        (await sdk.Dotnet(folder["app"], ["restore"])).Succeeded();
        var first = await Locked();
        (await sdk.Dotnet(folder["app"], ["msbuild", "-t:HillingarWritePackageDefs"])).Succeeded();

        File.Delete(folder["app/app.opam.locked"]);
        Project("package-defs.json", "*");
        (await sdk.Dotnet(folder["app"], ["restore"])).Succeeded();
        Assert.Equal(first, await Locked());
        Assert.Contains("4.14.1", first, StringComparison.Ordinal);
        (await sdk.Dotnet(folder["app"], ["msbuild", "-t:HillingarWritePackageDefs", "-p:HillingarPackageDefs=again.json"])).Succeeded();
        Assert.Equal(await File.ReadAllTextAsync(folder["app/package-defs.json"], Cancellation), await File.ReadAllTextAsync(folder["app/again.json"], Cancellation));

        File.WriteAllText(folder["app/package-defs.json"], "{\n  \"dune\": }\n");
        Assert.Contains("package-defs.json(2,", (await sdk.Dotnet(folder["app"], ["restore", "--force-evaluate"])).FailedWith("HIL5090").Output, StringComparison.Ordinal);
    }
}
