using Hillingar.Build.Nix;
using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Tests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Tests;

/// <summary>Builds with Nix as the SDK and the cmdlets run them.</summary>
public sealed class BackendTests(SharedNix shared)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    readonly ReporterFake _reporter = new();

    async Task<IReadOnlyList<Diagnostic>> Build(Sample sample, string folder, NixOptions options, bool again = false, IReporter? reporter = null)
    {
        var (request, locked, workspace, sources, targets) = sample.Subject(folder);
        var build = new DuneBuild(workspace, sources, "dns.exe", "default", "release", Path.Combine(folder, "bin", "dns"));
        var plan = new BuildPlan(request, "unix", build, "", "") { Targets = targets, Again = again, Offline = true };
        return await new NixBackend(sample.Stores, reporter ?? _reporter, options).Build(plan, locked, Cancellation);
    }

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task An_image_is_built_kept_from_the_garbage_collector_and_copied_out(string name)
    {
        var store = shared.Store(name);
        var sample = await shared.Sample(name);
        var folder = sample[$"backend-{name}"];
        sample.CopyProject(folder);
        Assert.Empty(await Build(sample, folder, sample.Options(store)));
        Assert.Equal("192.0.2.53", await DnsServer.Answers(Path.Combine(folder, "bin", "dns"), "ns1.example.org"));
        var root = new FileInfo(Path.Combine(sample.Workspace.Root, "nix", "roots", "unix"));
        Assert.StartsWith(store.Store, root.LinkTarget, StringComparison.Ordinal);
        Assert.Contains(root.FullName, await Roots(sample.Options(store)), StringComparison.Ordinal);

        // Once more, and built anew to compare.
        Assert.Empty(await Build(sample, folder, sample.Options(store)));
        Assert.Empty(await Build(sample, folder, sample.Options(store), again: true));
    }

    // As Nix tells them; it looks through all processes of the machine for more, and fails where one ends at that moment: then as it wrote them down.
    static async Task<string> Roots(NixOptions options)
    {
        var told = await ProcessRunner.Ask(options.Command("nix-store", "--gc", "--print-roots"), Cancellation);
        return told.ExitCode == 0 && told.Output.Length > 0 ? told.Output
            : string.Join('\n', Directory.EnumerateFileSystemEntries(Path.Combine(options.Environment["NIX_STATE_DIR"]!, "gcroots", "auto")).Select(link => new FileInfo(link).LinkTarget));
    }

    [Fact]
    public async Task Errors_in_the_projects_sources_name_its_own_files()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var folder = sample["backend-errors"];
        sample.CopyProject(folder);
        var source = Path.Combine(folder, "dns.ml");
        await File.WriteAllTextAsync(source, "let () = no_such_function ()\n" + await File.ReadAllTextAsync(source, Cancellation), Cancellation);
        var error = Assert.Single(await Build(sample, folder, sample.Options(store)));
        Assert.Equal(("HIL5010", new Place(source, 1, 10)), (error.Code, error.Place));
        Assert.False(File.Exists(Path.Combine(folder, "bin", "dns")));
    }

    [Fact]
    public async Task Without_Nix_it_is_said_how_to_get_it()
    {
        var sample = await shared.Sample("modern");
        var error = await Assert.ThrowsAsync<HillingarException>(() => Build(sample, sample.Project, new NixOptions { Programs = sample["nowhere"] }));
        Assert.Equal("HIL5084", error.Diagnostic.Code);
    }

    [Fact]
    public async Task What_Nix_refuses_is_told_in_its_words()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var error = await Assert.ThrowsAsync<HillingarException>(() => Build(sample, sample.Project, sample.Options(store) with { Nixpkgs = "path:/nonexistent/nixpkgs" }));
        Assert.Equal("HIL5086", error.Diagnostic.Code);
        Assert.Contains("/nonexistent/nixpkgs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_that_nixpkgs_has_in_another_version_and_no_repository_describes_is_named()
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        var nixpkgs = await NixpkgsStandIn.Lay(sample["other-nixpkgs"]);
        var toolchain = sample["other-nixpkgs/toolchain.json"];
        await File.WriteAllTextAsync(toolchain, (await File.ReadAllTextAsync(toolchain, Cancellation)).Replace($"\"{sample.Lock.Version("ocaml")}\"", "\"9.9.9\"", StringComparison.Ordinal), Cancellation);
        var error = await Assert.ThrowsAsync<HillingarException>(() => Build(sample, sample.Project, sample.Options(store) with { Nixpkgs = nixpkgs }));
        Assert.Equal("HIL5086", error.Diagnostic.Code);
        Assert.Contains($"nixpkgs has no ocaml {sample.Lock.Version("ocaml")}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task Where_a_builder_dies_the_other_builds(string name)
    {
        var store = shared.Store(name);
        var sample = await shared.Sample(name);
        var folder = sample[$"backend-builders-{name}"];
        sample.CopyProject(folder);
        await File.AppendAllTextAsync(Path.Combine(folder, "dns.ml"), $"(* built by others, {name} *)\n", Cancellation);
        await using var builders = await Builders.Start(store, "first", "second");
        var watch = new Watch(builders);
        Assert.Empty(await Build(sample, folder, sample.Options(store) with { Builders = builders.Machines, Settings = ["max-jobs=0"] }, reporter: watch));
        Assert.Equal(["HIL5094"], watch.Codes);
        Assert.Equal(["first", "second"], watch.Hosts.Distinct().Order());
        Assert.Equal("192.0.2.53", await DnsServer.Answers(Path.Combine(folder, "bin", "dns"), "ns1.example.org"));
    }

    // Kills the first builder that begins to build the image.
    sealed class Watch(Builders builders) : IReporter
    {
        readonly Lock _gate = new();

        public List<string> Codes { get; } = [];

        public List<string> Hosts { get; } = [];

        public void Report(Diagnostic diagnostic) => Codes.Add(diagnostic.Code);

        public void Step(string message)
        {
            lock (_gate)
                if (message.StartsWith("Building dns on ssh-ng://", StringComparison.Ordinal))
                    Hosts.Add(message["Building dns on ssh-ng://".Length..].Split('?', ' ')[0]);
        }

        // By what it prints one sees that it builds.
        public void Detail(string message)
        {
            lock (_gate)
                if (message.StartsWith("dns> ", StringComparison.Ordinal) && Codes.Count == 0 && Hosts.Count == 1)
                    builders.Kill(Hosts[0]);
        }
    }
}
