using System.Diagnostics;
using Hillingar.Tests;
using Hillingar.Tests.Dns;

namespace Hillingar.Sdk.Tests;

/// <summary>The sample, built by the tools that its lock names and the store builds, in a sandbox.</summary>
public sealed class SwitchTests(Sdk sdk)
{
    // The compiler of Debian 12 as a package: its programs by links.
    const string Linked = """
        opam-version: "2.0"
        flags: compiler
        install: ["sh" "-c" "mkdir -p %{bin}% && for tool in ocaml ocamlc ocamlopt ocamldep ocamlc.opt ocamlopt.opt ocamldep.opt ocamllex ocamlyacc ocamlmklib ocamlobjinfo; do ln -s /usr/bin/$tool %{bin}%/; done"]
        """;

    [Fact]
    public Task The_sample_is_built_with_the_dune_of_a_switch_of_the_store() => Build(Linked, TimeSpan.FromMinutes(60));

    [Fact]
    public async Task The_sample_is_built_with_a_compiler_that_the_store_compiled()
    {
        Assert.SkipUnless(TestData.Full, "takes minutes; it is run with --full");
        Assert.SkipUnless(File.Exists(Path.Combine(TestData.Sources, "ocaml_4.13.1.orig.tar.gz")), "needs ocaml_4.13.1.orig.tar.gz, of Debian 12");
        await Build("""
            opam-version: "2.0"
            flags: compiler
            setenv: CAML_LD_LIBRARY_PATH = "%{lib}%/stublibs"
            build: [["./configure" "--prefix=%{prefix}%"] [make "-j%{jobs}%"]]
            install: [make "install"]
            url { src: "https://example.org/ocaml_4.13.1.orig.tar.gz" checksum: "sha256=66a5353c5e7b33a8981446e857657aad45a3b82080ea5c67d4baa434eacfcf5f" }
            """, TimeSpan.FromMinutes(120));
    }

    async Task Build(string compiler, TimeSpan limit)
    {
        using var project = new SampleProject(sdk);
        // A library of the compiler's for dune, of findlib's for others; the sample has no others.
        Write(project, "base-bytes.base", "opam-version: \"2.0\"\ndepends: [\"ocaml\"]\n");
        Write(project, "ocaml-base-compiler.4.13.1", compiler);
        Write(project, "ocaml.4.13.1", """
            opam-version: "2.0"
            depends: ["ocaml-base-compiler" {= "4.13.1"}]
            build: ["sh" "-c" "printf 'opam-version: \"2.0\"\nvariables { native: true native-tools: true native-dynlink: true preinstalled: false }\n' > ocaml.config"]
            """);
        project.Edit("dns.csproj", text => text
            .Replace("</PropertyGroup>", "<HillingarHostSwitch>locked</HillingarHostSwitch><HillingarSandbox>required</HillingarSandbox><HillingarAudit>false</HillingarAudit></PropertyGroup>", StringComparison.Ordinal)
            .Replace("<OpamRepository", "<OpamRepository Include=\"../compiler\" /><OpamDependency Include=\"ocaml\" Version=\"[4.13.1]\" /><OpamRepository", StringComparison.Ordinal));
        (await sdk.Dotnet(project[""], ["build"], limit)).Succeeded();
        Assert.Contains("\"ocaml-base-compiler\" {= \"4.13.1\"}", await File.ReadAllTextAsync(project.Lock, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await using var server = await DnsProcess.Sample(project.Image, TestContext.Current.CancellationToken);
        using var dig = Process.Start(new ProcessStartInfo("dig", ["+short", $"@{server.Address.Address}", "-p", $"{server.Address.Port}", "ns1.example.org", "A"]) { RedirectStandardOutput = true })!;
        Assert.Equal("192.0.2.53", (await dig.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim());
    }

    static void Write(SampleProject project, string package, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(project.Parent, "compiler", "packages", package.Split('.')[0], package)).FullName;
        File.WriteAllText(Path.Combine(folder, "opam"), text);
        File.WriteAllText(Path.Combine(project.Parent, "compiler", "repo"), "opam-version: \"2.0\"\n");
    }
}
