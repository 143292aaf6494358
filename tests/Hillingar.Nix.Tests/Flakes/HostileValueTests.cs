using System.Text.Json.Nodes;
using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Realising;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

/// <summary>Values from strangers, in every field of a lock that holds texts, reach Nix and the builds' shell as they are, and nothing in them is run.</summary>
public sealed class HostileValueTests(SharedNix shared)
{
    const string Compiler = "ocaml.4.13.1";

    static readonly int s_count = TestData.Full ? 10_000 : 200;

    static readonly string[] s_pieces =
    [
        "\"", "\\\"", "${", "$${", "''", "''${", "''\\n", "\\", "\\n", "\\u0041", "\\x41", "\n", "\r", "\t", "\u0001", "\u001b[31m", "\u007f", "\u2028", "\u202e", "é", "☃", "𝄞", "\ufeff",
        "`id`", "$(touch pwned)", "$HOME", "${HOME}", "$", ";", "&&", "|", ">", "<", "*", "?", "~", "!", "#", "%", "{", "}", "[", "]", "(", ")", " ", "  ", "'", "'\\''", "--", "-", "@", "/../", "EOF", "a", "0",
        "builtins.abort", "</nix>", "<<", "//", "/*", "*/", "=", ",", ":", "\u00a0",
    ];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task A_text_is_the_same_text_in_Nix(string nix)
    {
        using var store = new NixStore(Nix.Require(nix));
        using var folder = new TestFolder();
        var random = new Random(1);
        var texts = Enumerable.Range(0, s_count).Select(_ => Text(random)).ToList();
        foreach (var (index, batch) in texts.Chunk(1000).Index())
        {
            var file = folder.Write($"{index}.nix", $"[\n{string.Concat(batch.Select(text => $"  {NixFlake.Quote(text)}\n"))}]\n");
            Assert.Equal(batch, (await store.Json(null, "eval", "--json", "-f", file)).EnumerateArray().Select(text => text.GetString()));
        }
    }

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task A_lock_of_such_values_evaluates_to_the_same_values(string nix)
    {
        using var store = new NixStore(Nix.Require(nix));
        using var folder = new TestFolder();
        var random = new Random(2);
        foreach (var (number, batch) in Enumerable.Range(0, s_count).Chunk(500).Index())
        {
            // Each lock has a package of its own for the switch.
            var arguments = batch.ToDictionary(index => index, _ => Enumerable.Range(0, 3).Select(_ => ForOpam(random)).ToArray());
            var repository = await Repository(folder[$"repository-{number}"], arguments.Select(pair => (Name(pair.Key), Opam(pair.Value))));
            var plans = folder[$"plans-{number}"];
            Directory.CreateDirectory(plans);
            foreach (var index in batch)
            {
                var plan = Plan(random, Name(index), repository);
                await File.WriteAllTextAsync(Path.Combine(plans, $"{index}.json"), plan.ToString(), Cancellation);
                // What was put in is in it.
                var written = JsonNode.Parse(plan.ToString())!;
                Assert.Equal(plan.Name, (string?)written["name"]);
                Assert.Equal(plan.Files.Select(file => (file.Path, file.File)).OrderBy(file => file.Path, StringComparer.Ordinal), written["files"]!.AsObject().Select(pair => (pair.Key, (string)pair.Value!)).OrderBy(file => file.Key, StringComparer.Ordinal));
                Assert.Equal(["sh", "-c", "", .. arguments[index]], written["switch"]![Name(index)]!["build"]![0]!.AsArray().Select(word => (string?)word));
            }

            var evaluated = await store.Json(null, "eval", "--impure", "--json", "--expr",
                $"builtins.mapAttrs (name: type: builtins.fromJSON (builtins.readFile ({plans} + \"/${{name}}\"))) (builtins.readDir {plans})");
            Assert.Equal(batch.Length, evaluated.EnumerateObject().Count());
            foreach (var member in evaluated.EnumerateObject())
                Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(plans, member.Name), Cancellation)), JsonNode.Parse(member.Value.GetRawText())), $"{member.Name} became {member.Value}");
        }
    }

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task A_packages_commands_get_their_arguments_and_environment_as_they_are(string nix)
    {
        var store = shared.Store(nix);
        var sample = await shared.Sample(nix);
        var random = new Random(3);
        var arguments = Enumerable.Range(0, s_count / 5).Select(_ => ForOpam(random)).ToArray();
        var variable = ForOpam(random);
        var repository = await Repository(sample[$"hostile-repository-{nix}"],
            [("recorder", $"""
                opam-version: "2.0"
                build-env: [[ RECORDED = {Printed(variable)} ]]
                build: [["sh" "-c" "printf '%%s\\000' \"$RECORDED\" \"$@\" > record; ls -A > files" "sh" {string.Join(' ', arguments.Select(Printed))}]]
                install: [["cp" "record" "files" lib]]
                """)]);
        var folder = sample[$"hostile-flake-{nix}"];
        NixFlake.Write(folder, Plan(null, "recorder", repository), sample.Nixpkgs);
        var built = await store.Build(null, "--option", "allow-import-from-derivation", "false", $"path:{folder}#host-recorder");
        var record = await File.ReadAllTextAsync(Path.Combine(built, "lib", "record"), Cancellation);
        Assert.Equal([variable, .. arguments], record.Split('\0')[..^1]);
        // Nothing else was made where the commands ran.
        Assert.Equal("files\nrecord\n", await File.ReadAllTextAsync(Path.Combine(built, "lib", "files"), Cancellation));
    }

    [Fact]
    public void What_Nix_cannot_hold_is_refused() =>
        Assert.Equal("HIL5080", Assert.Throws<HillingarException>(() => NixFlake.Quote("a\0b")).Diagnostic.Code);

    static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));

    // In opam's strings % begins an expansion.
    static string ForOpam(Random random) => Text(random).Replace("%", "", StringComparison.Ordinal);

    static string Name(int index) => $"h{index}";

    static string Printed(string text) => System.Text.Encoding.UTF8.GetString(Document.Create([Make.Field("x", text)]).Reprint()).Trim()["x:".Length..].Trim();

    static string Opam(string[] arguments) => $"""
        opam-version: "2.0"
        build: [["sh" "-c" "" {string.Join(' ', arguments.Select(Printed))}]]
        install: [["true"]]
        """;

    // A lock with such texts in every field of its plan that holds any; with no random numbers, one of a single package.
    static FlakePlan Plan(Random? random, string package, Repository repository)
    {
        string Any() => random is null ? "plain" : Text(random);
        LockedSource Archive(int number) => new($"https://example.org/{Any()}/archive.tar.gz", $"folder{number}", [new Checksum(ChecksumKind.Sha256, new string((char)('0' + number), 64))]);
        var locked = new LockFile
        {
            Folder = "/nonexistent",
            Packages = [new(Package(Compiler), false)],
            Duniverse = random is null ? [] : [Archive(1), Archive(2), new($"git+https://example.org/{Any()}.git#{new string('a', 40)}", "folder3", [])],
            HostSwitch = [Package($"{package}.1")],
            Platforms = ["x86_64-linux"],
        };
        locked = locked with { NarHashes = [.. locked.Duniverse.Skip(2).Select(source => (source.Url, Any()))], Mirrors = random is null ? [] : [$"https://mirror.example.org/{Any()}"] };
        return new FlakePlan
        {
            Name = Any(),
            Lock = locked,
            Descriptions = repository.Find,
            Folder = Any(),
            Files = random is null ? [] : [.. Enumerable.Range(0, 3).Select(number => ($"{number}{Any()}", Any()))],
            Targets = random is null ? [] : [new PlannedTarget("unix", Any(), Any(), Any(), Any())],
        };
    }

    static OpamPackage Package(string text) => OpamPackage.TryParse(text, out var package) ? package : throw new ArgumentException(text);

    static async Task<Repository> Repository(string folder, IEnumerable<(string Name, string Opam)> packages)
    {
        foreach (var (name, opam) in packages)
        {
            var path = Path.Combine(folder, "packages", name, $"{name}.1", "opam");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, opam, Cancellation);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "repo"), "opam-version: \"2.0\"\n", Cancellation);
        return await new RepositoryCache(folder + "-cache").OpenAsync(folder, Cancellation);
    }
}
