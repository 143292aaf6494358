using System.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>
/// A project with a <c>config.ml</c>. Its opam repository stands in for what no registry has: <c>mirage</c> is a script that writes the files
/// that mirage writes, and the toolchain <c>solo5</c> compiles for this machine. Everything else is real.
/// </summary>
sealed class MirageProject : IDisposable
{
    readonly Sdk _sdk;
    readonly TestFolder _folder = new();

    readonly string _name;

    public MirageProject(Sdk sdk, string targets, string items = "", string name = "hello", string properties = "")
    {
        (_sdk, _name) = (sdk, name);
        _folder.Write("NuGet.config", sdk.NuGetConfig);
        // Of the name of the repository that mirage lays over all others, which no test can reach.
        _folder.Write("opam-overlays/repo", "opam-version: \"2.0\"\n");
        foreach (var version in new[] { "4.9", "4.11" })
            Mirage(version);
        // mirage depends on it, and nothing of ours runs it.
        Package("opam-monorepo.0.4.3", """
            depends: ["opam-monorepo-part"]
            build: ["false"]
            """);
        Package("opam-monorepo-part.1", """build: ["false"]""");
        Package("solo5.0.12.1", """install: ["install" "-D" "elftool.sh" "%{bin}%/solo5-elftool"]""", ("elftool.sh", "#!/bin/sh\n[ \"$1\" = gen-manifest ] && echo 'int mft_note;' > \"$3\"\n"));
        // As the real one: a toolchain beside findlib's own configuration, and nothing in the environment.
        Package("ocaml-solo5.1.3.3", """
            depends: ["ocaml" "solo5"]
            install: ["install" "-D" "solo5.conf" "%{lib}%/findlib.conf.d/solo5.conf"]
            """,
            ("solo5.conf", "path(solo5)=\"/usr/lib/ocaml\"\ndestdir(solo5)=\"/usr/lib/ocaml\"\nstdlib(solo5)=\"/usr/lib/ocaml\"\nocamlc(solo5)=\"ocamlc\"\nocamlopt(solo5)=\"ocamlopt\"\nocamldep(solo5)=\"ocamldep\"\n"));
        foreach (var package in new[] { "ocaml-unikraft", "ocaml-unikraft-backend-qemu", "ocaml-unikraft-backend-firecracker" })
            Package($"{package}.1.0.0", "");
        Write($"{name}.csproj", $"""
            <Project Sdk="Hillingar.Sdk/{sdk.Version}">
              <PropertyGroup>
                <MirageTargets>{targets}</MirageTargets>
                <HillingarHostSwitch>machine</HillingarHostSwitch>
                <HillingarAudit>false</HillingarAudit>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <OpamRepository Include="../opam-overlays" />
                <OpamRepository Include="{Path.Combine(TestData.Root, "samples", "opam-repository")}" />
                {items}
              </ItemGroup>
            </Project>
            """);
        Write("config.ml", """
            let main = main ~packages:[
              package "stringext"
            ] "Unikernel" job
            let () = register "greeter" [ main ]
            """);
        Write("unikernel.ml", """let name () = String.concat "-" (Stringext.split ~on:' ' "big world")""" + "\n");
    }

    public string this[string name] => Path.Combine(_folder["project"], name);

    /// <summary>The repository that has the stand-in for mirage.</summary>
    public string Overlays => _folder["opam-overlays"];

    public string Lock => this[$"{_name}.opam.locked"];

    public string Write(string file, string text) => _folder.Write("project/" + file, text);

    public void Edit(string file, string before, string after)
    {
        var text = File.ReadAllText(this[file]);
        Assert.Contains(before, text, StringComparison.Ordinal);
        Write(file, text.Replace(before, after, StringComparison.Ordinal));
    }

    public Task<Ran> Dotnet(params IEnumerable<string> arguments) => _sdk.Dotnet(_folder["project"], arguments);

    public void Dispose() => _folder.Dispose();

    /// <summary>What an image of the test says: each of them is a program of this machine.</summary>
    public static async Task<string> Run(string image)
    {
        using var process = Process.Start(new ProcessStartInfo(image) { RedirectStandardOutput = true })!;
        return (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
    }

    /// <summary>Puts a mirage into a repository that the project names, or may name, by its path.</summary>
    public void Mirage(string version, string repository = "opam-overlays")
    {
        _folder.Write($"{repository}/repo", "opam-version: \"2.0\"\n");
        Package($"mirage.{version}.2", """
            depends: ["opam-monorepo" {>= "0.4.0"}]
            install: ["install" "-D" "mirage.sh" "%{bin}%/mirage"]
            """, repository,
            ("mirage.sh", File.ReadAllText(Path.Combine(TestData.Root, "tests", "Hillingar.Sdk.Tests", "Mirage", "mirage.sh")).Replace("version=4.11", $"version={version}", StringComparison.Ordinal)));
    }

    /// <summary>Puts a package into the repository that the project names, in place of one of the same version.</summary>
    public void Package(string package, string fields, params (string Name, string Text)[] files) => Package(package, fields, "opam-overlays", files);

    void Package(string package, string fields, string repository, params (string Name, string Text)[] files)
    {
        var folder = $"{repository}/packages/{package.Split('.')[0]}/{package}";
        var sums = files.Select(file => $"""["{file.Name}" "{Sum(_folder.Write($"{folder}/files/{file.Name}", file.Text))}"]""");
        _folder.Write($"{folder}/opam", $"opam-version: \"2.0\"\n{fields}\n{(files.Length == 0 ? "" : $"extra-files: [{string.Join(' ', sums)}]\n")}");
    }

    static string Sum(string file) => $"sha256={Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}";
}
