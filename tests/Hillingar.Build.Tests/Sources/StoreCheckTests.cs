using Hillingar.Build.Health;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class StoreCheckTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly SwitchCase _case;

    public StoreCheckTests() => _case = new(_folder) { Options = new() { Sandbox = SandboxMode.Auto, Jobs = 2, Offline = true } };

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    Stores Stores => _case.Stores;

    StoreCheck Check => new(Stores, _case.Reporter);

    async Task<StoreFault> Fault(StoreEntryKind kind)
    {
        var health = await Check.Examine(Cancellation);
        Assert.False(health.IsOk);
        var fault = Assert.Single(health.Faults);
        Assert.Equal(kind, fault.Kind);
        return fault;
    }

    async Task Repaired(StoreFault fault)
    {
        Assert.Equal([fault], await Check.Repair([fault], Cancellation));
        Assert.False(Path.Exists(fault.Path));
        Assert.True((await Check.Examine(Cancellation)).IsOk);
    }

    static async Task Pipe(string path) => Assert.Equal(0, (await ProcessRunner.Run(new Command("mkfifo", [path]), Cancellation)).ExitCode);

    Task<HostSwitch> Built() => _case.Add("a.1", "install: [\"sh\" \"-c\" \"mkdir -p %{bin}% && echo one > %{bin}%/tool && chmod 755 %{bin}%/tool && ln -s tool %{bin}%/link\"]").Add("none.1", "").Build();

    string Package(string name) => Directory.EnumerateDirectories(_folder["store/switch/packages"]).Single(folder => File.Exists(Path.Combine(folder, "tree", "bin", name)));

    [Fact]
    public async Task What_was_built_is_as_it_was_built_and_stays_so_while_it_is_used()
    {
        await Built();
        var health = await Check.Examine(Cancellation);
        Assert.Equal((true, 3), (health.IsOk, health.Checked));
        await Built();
        Assert.True((await Check.Examine(Cancellation)).IsOk);
        Assert.Contains(_case.Reporter.Progressed, progress => progress.Activity == "Store");
    }

    public static TheoryData<string> Changes => ["contents", "mode", "new file", "new link", "other link", "gone", "pipe", "hash gone", "hash garbled", "hash truncated", "hash huge"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_package_that_was_changed_is_found_removed_and_built_again(string change)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix file modes, links and pipes");
        await Built();
        var package = Package("tool");
        var (tool, link, hash) = (Path.Combine(package, "tree", "bin", "tool"), Path.Combine(package, "tree", "bin", "link"), Path.Combine(package, "hash"));
        switch (change)
        {
            case "contents":
                await File.WriteAllTextAsync(tool, "two\n", Cancellation);
                break;
            case "mode" when !OperatingSystem.IsWindows():
                File.SetUnixFileMode(tool, File.GetUnixFileMode(tool) | UnixFileMode.OtherWrite);
                break;
            case "new file":
                await File.WriteAllTextAsync(tool + "2", "two", Cancellation);
                break;
            case "new link":
                File.CreateSymbolicLink(tool + "2", "/etc/passwd");
                break;
            case "other link":
                File.Delete(link);
                File.CreateSymbolicLink(link, "/bin/sh");
                break;
            case "gone":
                File.Delete(tool);
                break;
            case "pipe":
                File.Delete(tool);
                await Pipe(tool);
                break;
            case "hash gone":
                File.Delete(hash);
                break;
            case "hash garbled":
                await File.WriteAllBytesAsync(hash, [0, 255, 254, 10], Cancellation);
                break;
            case "hash truncated":
                await File.WriteAllTextAsync(hash, (await File.ReadAllTextAsync(hash, Cancellation))[..20], Cancellation);
                break;
            default:
                await File.WriteAllTextAsync(hash, new string('x', 1 << 20), Cancellation);
                break;
        }

        var fault = await Fault(StoreEntryKind.Package);
        Assert.Equal(package, fault.Path);
        await Repaired(fault);
        await Built();
        Assert.Equal(2, _case.Built.Count(name => name == "a.1"));
        Assert.True((await Check.Examine(Cancellation)).IsOk);
    }

    [Fact]
    public async Task A_switch_that_was_changed_is_found_removed_and_assembled_again()
    {
        var built = await Built();
        await File.AppendAllTextAsync(Path.Combine(Directory.EnumerateDirectories(_folder["store/switch/switches"]).Single(), "prefix", "bin", "tool"), "more", Cancellation);
        await Repaired(await Fault(StoreEntryKind.Switch));
        await Built();
        Assert.True((await Check.Examine(Cancellation)).IsOk);
    }

    [Fact]
    public async Task A_damaged_config_of_a_built_package_is_an_error_that_names_it()
    {
        await Built();
        await File.WriteAllTextAsync(Path.Combine(Package("tool"), "a.config"), "opam-version: \"2.0\"\nvariables {", Cancellation);
        Assert.Equal("HIL1001", (await Assert.ThrowsAsync<HillingarException>(Built)).Diagnostic.Code);
        await Repaired(await Fault(StoreEntryKind.Package));
        await Built();
    }

    [Theory]
    [InlineData("contents", "do not have the checksum")]
    [InlineData("pipe", "a pipe")]
    [InlineData("outside", "no archive of the store")]
    [InlineData("name", "no checksum")]
    public async Task A_source_that_is_not_what_its_name_says_is_found_and_removed(string change, string problem)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links and pipes");
        var checksums = Stores.Sources.Import(_folder.Write("a.tar", "contents"));
        Assert.Equal(checksums.Count, (await Check.Examine(Cancellation)).Checked);
        var path = Path.Combine(Stores.Sources.Folder, checksums[^1].CachePath);
        switch (change)
        {
            case "contents":
                File.Delete(path);
                await File.WriteAllTextAsync(path, "others", Cancellation);
                break;
            case "pipe":
                File.Delete(path);
                await Pipe(path);
                break;
            case "outside":
                File.Delete(path);
                File.CreateSymbolicLink(path, _folder["a.tar"]);
                break;
            default:
                path = Path.Combine(Path.GetDirectoryName(path)!, "stranger");
                await File.WriteAllTextAsync(path, "contents", Cancellation);
                break;
        }

        var fault = await Fault(StoreEntryKind.Source);
        Assert.Equal(path, fault.Path);
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        await Repaired(fault);
        Assert.NotNull(Stores.Sources.Find([checksums[0]]));
    }

    [Fact]
    public async Task An_archive_that_was_damaged_is_found_by_each_of_its_names()
    {
        var checksums = Stores.Sources.Import(_folder.Write("a.tar", "contents"));
        await File.AppendAllTextAsync(Path.Combine(Stores.Sources.Folder, checksums[0].CachePath), "more", Cancellation);
        var health = await Check.Examine(Cancellation);
        Assert.Equal(checksums.Count, health.Faults.Count);
        Assert.Equal(health.Faults, await Check.Repair(health.Faults, Cancellation));
        Assert.Equal(0, (await Check.Examine(Cancellation)).Checked);
        Assert.Null(Stores.Sources.Find(checksums));
    }

    [Fact]
    public async Task A_git_repository_of_which_an_object_is_damaged_is_found_and_fetched_again()
    {
        var commit = await GitRepository.Make(_folder, "upstream", "a.ml", "let a = 1\n");
        var url = $"git+file://{_folder["upstream"]}#{commit}";
        await GitSource.Unpack(url, _folder["out"], Stores.Sources.Folder, offline: false, Cancellation);
        Assert.Equal((true, 1), await Check.Examine(Cancellation) is var health ? (health.IsOk, health.Checked) : default);
        var file = Directory.EnumerateFiles(Path.Combine(Stores.Sources.GitFolder), "*", SearchOption.AllDirectories).Where(path => path.Contains("objects", StringComparison.Ordinal)).MaxBy(path => new FileInfo(path).Length)!;
        File.SetAttributes(file, FileAttributes.Normal);
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[^5] ^= 0xff;
        File.Delete(file);
        await File.WriteAllBytesAsync(file, bytes, Cancellation);
        await Repaired(await Fault(StoreEntryKind.Repository));
        await GitSource.Unpack(url, _folder["again"], Stores.Sources.Folder, offline: false, Cancellation);
        Assert.True((await Check.Examine(Cancellation)).IsOk);
    }

    [Fact]
    public async Task What_was_put_right_meanwhile_stays_and_what_lies_elsewhere_is_not_touched()
    {
        var checksums = Stores.Sources.Import(_folder.Write("a.tar", "contents"));
        var path = Path.Combine(Stores.Sources.Folder, checksums[0].CachePath);
        await Check.Repair([new(StoreEntryKind.Source, path, "was damaged")], Cancellation);
        Assert.True(File.Exists(path));
        await Assert.ThrowsAsync<ArgumentException>(() => Check.Repair([new(StoreEntryKind.Source, _folder["a.tar"], "x")], Cancellation));
        Assert.True(File.Exists(_folder["a.tar"]));
    }

    [Fact]
    public async Task A_check_can_be_stopped()
    {
        Stores.Sources.Import(_folder.Write("a.tar", "contents"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Check.Examine(new CancellationToken(canceled: true)));
    }
}
