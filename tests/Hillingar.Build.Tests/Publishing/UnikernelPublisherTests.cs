using System.Text.Json;
using Hillingar.Build.Files;
using Hillingar.Build.Images;
using Hillingar.Build.Processes;
using Hillingar.Build.Publishing;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class UnikernelPublisherTests(SmallUnikernel built) : IClassFixture<SmallUnikernel>, IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Destination => _folder["out"];

    Task<PublishedUnikernel> Publish(Func<UnikernelPublication, UnikernelPublication>? change = null) =>
        UnikernelPublisher.Publish((change ?? (same => same))(built.Publication(Destination)), Cancellation);

    async Task<string> Refused(Func<UnikernelPublication, UnikernelPublication> change) =>
        (await Assert.ThrowsAsync<HillingarException>(() => Publish(change))).Diagnostic.Code;

    JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Destination, name))).RootElement;

    Task<ProcessResult> Run(string program, params string[] arguments) => ProcessRunner.Run(new Command(program, arguments, Destination), Cancellation);

    Dictionary<string, byte[]> Bytes() => Directory.EnumerateFiles(Destination, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(Destination, file), File.ReadAllBytes);

    [Fact]
    public async Task It_holds_what_a_stranger_needs_and_sha256sum_finds_it_whole()
    {
        var published = await Publish();
        Assert.Equal(
            ["LICENSES/README.md", "LICENSES/greet/LICENSE.md", "LICENSES/tiny/COPYING", "SHA256SUMS", "hello.opam.locked", "manifest.json", "run.sh", "sbom.cdx.json", "unix/hello"],
            published.Files);
        Assert.Equal(published.Files.Order(), Bytes().Keys.Order());
        var check = await Run(ProcessRunner.Find("sha256sum")!, "-c", "SHA256SUMS");
        Assert.True(check.ExitCode == 0, check.Output);
        Assert.Equal(published.Files.Count - 1, check.Output.Split(": OK").Length - 1);
        Assert.Equal(await File.ReadAllBytesAsync(built.LockPath, Cancellation), Bytes()["hello.opam.locked"]);
    }

    [Fact]
    public async Task The_run_script_starts_the_program_with_the_projects_arguments_and_the_callers()
    {
        await Publish(it => it with { Arguments = ["it's", "a $(reboot) `b`"], Devices = [new(DeviceKind.Network, "service", "tap0")] });
        var ran = await Run(Path.Combine(Destination, "run.sh"), "two words", "*");
        Assert.Equal("hello, it's65536\nhello, a $(reboot) `b`65536\nhello, two words65536\nhello, *65536\n", ran.Output);
    }

    [Fact]
    public async Task The_same_inputs_give_the_same_bytes_and_a_time_only_where_one_is_given()
    {
        await Publish();
        var first = Bytes();
        await Publish();
        Assert.Equal(first, Bytes());
        Directory.Delete(Destination, recursive: true);
        await Publish();
        Assert.Equal(first, Bytes());
        Assert.False(Json("sbom.cdx.json").GetProperty("metadata").TryGetProperty("timestamp", out _));

        await Publish(it => it with { Epoch = 1700000000 });
        Assert.Equal("2023-11-14T22:13:20Z", Json("sbom.cdx.json").GetProperty("metadata").GetProperty("timestamp").GetString());
        Assert.Equal("2023-11-14T22:13:20Z", Json("manifest.json").GetProperty("created").GetString());
        Assert.NotEqual(first["sbom.cdx.json"], Bytes()["sbom.cdx.json"]);
    }

    [Fact]
    public async Task Files_of_others_stay_and_of_its_own_only_what_is_no_longer_published_goes()
    {
        await Publish(it => it with { Images = [.. it.Images, new("spt", Solo5Image.Write(_folder, "spt/hello.spt", 2))] });
        _folder.Write("out/notes.txt", "mine");
        _folder.Write("out/unix/notes.txt", "mine");
        _folder.Write("out/LICENSES/greet/LICENSE.md", "edited");
        Assert.True(File.Exists(_folder["out/spt/hello.spt"]));
        await Publish();
        Assert.False(Directory.Exists(_folder["out/spt"]));
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["out/notes.txt"], Cancellation));
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["out/unix/notes.txt"], Cancellation));
        Assert.Equal("Greet as you like.\n", await File.ReadAllTextAsync(_folder["out/LICENSES/greet/LICENSE.md"], Cancellation));
        Assert.Equal(0, (await Run(ProcessRunner.Find("sha256sum")!, "-c", "--quiet", "SHA256SUMS")).ExitCode);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), entry => entry.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_of_checksums_from_elsewhere_deletes_nothing_of_others()
    {
        var victim = _folder.Write("victim", "x");
        var other = _folder.Write("out/sub/other", "x");
        _folder.Write("out/SHA256SUMS", $"{Hashes.OfText("x")}  ../victim\n{Hashes.OfText("x")}  sub/other\n{Hashes.OfText("x")}  {victim}\n");
        await Publish();
        Assert.True(File.Exists(victim) && File.Exists(other));
    }

    [Fact]
    public async Task The_bill_of_materials_names_packages_sources_licences_and_what_needs_what()
    {
        await Publish();
        var bill = Json("sbom.cdx.json");
        Assert.Equal(("CycloneDX", "1.6", 1), (bill.GetProperty("bomFormat").GetString(), bill.GetProperty("specVersion").GetString(), bill.GetProperty("version").GetInt32()));
        Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", bill.GetProperty("serialNumber").GetString());
        var root = bill.GetProperty("metadata").GetProperty("component");
        Assert.Equal(("hello", "1.2.0"), (root.GetProperty("name").GetString(), root.GetProperty("version").GetString()));
        Assert.Equal(Hashes.OfFile(built.Image, [ChecksumKind.Sha256])[0].Hex, root.GetProperty("components")[0].GetProperty("hashes")[0].GetProperty("content").GetString());

        var components = bill.GetProperty("components").EnumerateArray().ToDictionary(item => item.GetProperty("name").GetString()!);
        Assert.Equal(["dune", "greet", "ocaml", "tiny"], components.Keys);
        Assert.Equal("pkg:opam/tiny@1.0%2Bdune", components["tiny"].GetProperty("purl").GetString());
        Assert.Equal("MIT OR isc WITH OCaml-LGPL-linking-exception", components["greet"].GetProperty("licenses")[0].GetProperty("expression").GetString());
        Assert.Equal("ISC", components["tiny"].GetProperty("licenses")[0].GetProperty("expression").GetString());
        Assert.False(components["ocaml"].TryGetProperty("licenses", out _));
        Assert.Equal(["SHA-512", "SHA-256", "MD5"], components["greet"].GetProperty("hashes").EnumerateArray().Select(hash => hash.GetProperty("alg").GetString()));
        Assert.EndsWith("greet-1.0.tar.gz", components["greet"].GetProperty("externalReferences")[0].GetProperty("url").GetString(), StringComparison.Ordinal);

        var depends = bill.GetProperty("dependencies").EnumerateArray().ToDictionary(item => item.GetProperty("ref").GetString()!, item => item.GetProperty("dependsOn").EnumerateArray().Select(name => name.GetString()!).ToArray());
        Assert.Equal(["pkg:opam/greet@1.0", "pkg:opam/ocaml@4.13.1"], depends["unikernel:hello"]);
        // The tests' dune is not one of its dependencies; what counts in a monorepo only is.
        Assert.Equal(["pkg:opam/ocaml@4.13.1", "pkg:opam/tiny@1.0%2Bdune"], depends["pkg:opam/greet@1.0"]);
        Assert.Equal(["pkg:opam/ocaml@4.13.1"], depends["pkg:opam/tiny@1.0%2Bdune"]);
        var references = components.Values.Select(item => item.GetProperty("bom-ref").GetString()!).Append("unikernel:hello").ToHashSet();
        Assert.All(depends, pair => Assert.Superset(pair.Value.Append(pair.Key).ToHashSet(), references));
    }

    [Theory]
    [InlineData("MIT", "expression MIT")]
    [InlineData("LGPL-2.1-only with OCaml-LGPL-linking-exception", "expression LGPL-2.1-only WITH OCaml-LGPL-linking-exception")]
    [InlineData("(MIT and Apache-2.0+) or ISC", "expression (MIT AND Apache-2.0+) OR ISC")]
    [InlineData("MIT|ISC OR BSD-3-Clause", "expression MIT AND (ISC OR BSD-3-Clause)")]
    [InlineData("see the file \"LICENSE\"", "name see the file \"LICENSE\"")]
    [InlineData("MIT OR", "name MIT OR")]
    [InlineData("GNU Lesser", "name GNU Lesser")]
    public void A_licence_is_an_expression_where_it_is_one_and_else_a_name(string stated, string expected)
    {
        var licence = BillOfMaterials.Licences(stated.Split('|'))!.Single()!.AsObject();
        var found = licence.ContainsKey("expression") ? $"expression {licence["expression"]}" : $"name {licence["license"]!["name"]}";
        Assert.Equal(expected, found);
    }

    [Fact]
    public async Task A_repository_that_is_at_hand_comes_before_what_the_sources_say()
    {
        _folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/greet/greet.1.0/opam", "opam-version: \"2.0\"\nlicense: \"Zlib\"\n");
        await Publish(it => it with { Repositories = [new FolderRepository(_folder["repository"])] });
        Assert.Contains("| greet.1.0 | Zlib | greet/LICENSE.md |", await File.ReadAllTextAsync(_folder["out/LICENSES/README.md"], Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_manifest_tells_images_lock_source_and_tools()
    {
        var image = Solo5Image.Write(_folder, "spt/hello.spt", 2);
        await Publish(it => it with { Images = [.. it.Images, new("spt", image)] });
        var manifest = Json("manifest.json");
        Assert.Equal(["unix/hello", "spt/hello.spt"], manifest.GetProperty("images").EnumerateArray().Select(item => item.GetProperty("file").GetString()));
        var spt = manifest.GetProperty("images")[1];
        Assert.Equal(("spt", 2), (spt.GetProperty("solo5").GetProperty("target").GetString(), spt.GetProperty("solo5").GetProperty("version").GetInt32()));
        Assert.Equal(["service", "storage", "backup"], spt.GetProperty("devices").EnumerateArray().Select(device => device.GetProperty("name").GetString()));
        Assert.Equal(Hashes.OfFile(built.LockPath, [ChecksumKind.Sha256])[0].Hex, manifest.GetProperty("lock").GetProperty("sha256").GetString());
        Assert.Equal("4.13.1", manifest.GetProperty("tools").GetProperty("ocaml").GetString());
        Assert.False(manifest.TryGetProperty("source", out _));
        Assert.DoesNotContain(_folder.Path, File.ReadAllText(_folder["out/manifest.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commit_is_told_and_whether_files_differ_from_it()
    {
        var project = Path.GetDirectoryName(built.LockPath)!;
        using var git = new TestFolder();
        foreach (var file in Directory.EnumerateFiles(project))
            File.Copy(file, git[Path.GetFileName(file)]);
        var commit = await Git("init", "-q", ".") + await Git("add", ".") + await Git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "first") + await Git("rev-parse", "HEAD");
        await Publish(it => it with { Folder = git.Path });
        Assert.Equal((commit.Trim(), false), Source());
        File.AppendAllText(git["hello.ml"], "(* *)");
        await Publish(it => it with { Folder = git.Path });
        Assert.Equal((commit.Trim(), true), Source());

        (string?, bool) Source() => Json("manifest.json").GetProperty("source") is var source ? (source.GetProperty("commit").GetString(), source.GetProperty("modified").GetBoolean()) : default;
        async Task<string> Git(params string[] arguments) => (await ProcessRunner.Run(new Command(ProcessRunner.Find("git")!, arguments, git.Path), Cancellation)).Output;
    }

    // The tender and qemu are stand-ins that print the words they were given, one a line.
    [Theory]
    [InlineData("spt", 2, "solo5-spt", "--mem=64\n--net:service=tap 7\n--block:storage=/disk,1\n--net:backup=$(id)\n--\nIMAGE\n--fixed=1\na b\n")]
    [InlineData("hvt", 1, "solo5-hvt", "--mem=64\n--net:service=tap 7\n--block:storage=/disk,1\n--net:backup=$(id)\n--\nIMAGE\n--fixed=1\na b\n")]
    [InlineData("virtio", 3, "qemu-system-x86_64", "-nodefaults\n-no-user-config\n-display\nnone\n-serial\nstdio\n-no-reboot\n-device\nisa-debug-exit\n-machine\naccel=tcg\n-cpu\nmax\n-m\n64\n-netdev\ntap,id=n0,ifname=tap 7,script=no,downscript=no\n-device\nvirtio-net,netdev=n0\n-drive\nid=b1,file=/disk,,1,if=none,format=raw\n-device\nvirtio-blk,drive=b1\n-netdev\ntap,id=n2,ifname=$(id),script=no,downscript=no\n-device\nvirtio-net,netdev=n2\n-kernel\nIMAGE\n-append\n--fixed=1 a b\n")]
    public async Task The_run_script_gives_a_tender_the_devices(string target, int abi, string tender, string expected)
    {
        _folder.Program($"bin/{tender}", "printf '%s\\n' \"$@\"\n");
        await Publish(it => it with
        {
            Images = [new(target, Solo5Image.Write(_folder, $"{target}/hello.{target}", abi))],
            Devices = [new(DeviceKind.Network, "service", "tap 7"), new(DeviceKind.Block, "storage", "/not this"), new(DeviceKind.Network, "backup", "$(id)")],
            Memory = 64,
            Arguments = ["--fixed=1"],
        });
        var environment = new Dictionary<string, string?> { ["PATH"] = $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}", ["UNIKERNEL_BLOCK_STORAGE"] = "/disk,1", ["UNIKERNEL_ACCEL"] = "tcg" };
        var ran = await ProcessRunner.Run(new Command(_folder["out/run.sh"], ["a b"], "/", environment), Cancellation);
        Assert.Equal("", ran.Error);
        Assert.Equal(expected, ran.Output.Replace(_folder[$"out/{target}/hello.{target}"], "IMAGE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_run_script_says_what_it_lacks()
    {
        await Publish(it => it with { Images = [new("spt", Solo5Image.Write(_folder, "spt/hello.spt", 2)), .. it.Images, new("xen", Solo5Image.Write(_folder, "xen/hello.xen", 6))] });
        var script = _folder["out/run.sh"];
        var lacking = await Run(script);
        Assert.Equal((64, "run.sh: say which tap interface is the network service: UNIKERNEL_NET_SERVICE\n"), (lacking.ExitCode, lacking.Error));
        Task<ProcessResult> As(string target) => ProcessRunner.Run(new Command(script, ["you"], Environment: new Dictionary<string, string?> { ["UNIKERNEL_TARGET"] = target }), Cancellation);
        Assert.Equal("hello, you65536\n", (await As("unix")).Output);
        Assert.Contains("started by its hypervisor", (await As("xen")).Error, StringComparison.Ordinal);
        Assert.Equal((64, "run.sh: there is no target 'hvt' here\n"), ((await As("hvt")).ExitCode, (await As("hvt")).Error));
    }

    [Fact]
    public async Task What_contradicts_itself_or_the_lock_is_refused_and_nothing_is_written()
    {
        Assert.Equal("HIL5040", await Refused(it => it with { Images = [] }));
        Assert.Equal("HIL5040", await Refused(it => it with { Images = [.. it.Images, .. it.Images] }));
        Assert.Equal("HIL5040", await Refused(it => it with { Images = [new("../unix", it.Images[0].Path)] }));
        Assert.Equal("HIL5040", await Refused(it => it with { Images = [new("unix", _folder.Write("a\nb", "x"))] }));
        Assert.Equal("HIL5040", await Refused(it => it with { Images = [new("hvt", Solo5Image.Write(_folder, "hello.hvt", 1))], Devices = [new(DeviceKind.Network, "servise", "tap0")] }));
        Assert.Equal("HIL5040", await Refused(it => it with { Memory = 0 }));
        Assert.Equal("HIL5041", await Refused(it => it with { Duniverse = _folder["nowhere"] }));
        Assert.Equal("HIL5030", await Refused(it => it with { Images = [new("unix", _folder.Write("text", "no image"))] }));
        Assert.False(Directory.Exists(Destination));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), entry => entry.EndsWith(".tmp", StringComparison.Ordinal));
    }
}
