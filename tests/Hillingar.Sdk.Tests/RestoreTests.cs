using System.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>What restore does with the sample, by real dotnet commands from the packed SDK.</summary>
public sealed class RestoreTests(Sdk sdk) : IDisposable
{
    SampleProject _sample = new(sdk);

    public void Dispose() => _sample.Dispose();

    // For a test that is about what changes after a build, not about how that comes to be.
    async Task StartBuilt()
    {
        _sample.Dispose();
        _sample = await SampleProject.Built(sdk);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_conflict_is_told_and_leaves_lock_and_duniverse_as_they_were()
    {
        await StartBuilt();
        (await _sample.Dotnet("restore")).Succeeded();
        var before = await File.ReadAllTextAsync(_sample.Lock, Cancellation);
        _sample.Edit("dns.csproj", text => text.Replace("[5.6,6.0)", "[7.0,8.0)", StringComparison.Ordinal));
        var restore = (await _sample.Dotnet("restore")).FailedWith("HIL2");
        Assert.Contains("lwt", restore.Output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_sample.Lock, Cancellation));
        Assert.True(Directory.Exists(_sample["obj/hillingar/duniverse/lwt"]));
    }

    [Fact]
    public async Task Locked_mode_restores_a_current_lock_and_refuses_another_saying_what_changed()
    {
        (await _sample.Dotnet("restore", "--locked-mode")).FailedWith("HIL3002");
        Assert.False(File.Exists(_sample.Lock));
        (await _sample.Dotnet("restore")).Succeeded();
        Directory.Delete(_sample["obj"], recursive: true);
        (await _sample.Dotnet("restore", "--locked-mode")).Succeeded();
        _sample.Edit("dns.csproj", text => text.Replace("[5.6,6.0)", "[5.5,6.0)", StringComparison.Ordinal));
        Assert.Contains("5.5", (await _sample.Dotnet("restore", "--locked-mode")).FailedWith("HIL3002").Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dependencies_of_opam_files_beside_the_project_count_as_well()
    {
        await StartBuilt();
        File.Delete(_sample.Lock);
        _sample.Edit("dns.csproj", text => string.Join('\n', text.Split('\n').Where(line => !line.Contains("stringext", StringComparison.Ordinal))));
        File.WriteAllText(_sample["more.opam"], "opam-version: \"2.0\"\ndepends: [\n  \"stringext\" {>= \"1.6\"}\n]\n");
        (await _sample.Dotnet("build")).Succeeded();
        Assert.Contains("\"stringext\" {= \"1.6.0\" & ?vendor}", await File.ReadAllTextAsync(_sample.Lock, Cancellation), StringComparison.Ordinal);

        File.WriteAllText(_sample["more.opam"], "opam-version: \"2.0\"\ndepends: [\n  \"stringext\" {>= }\n]\n");
        var error = (await _sample.Dotnet("restore")).FailedWith("HIL1");
        Assert.Contains("more.opam(3,", error.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<MirageTargets>unix", "<MirageTargets>genode", "dns.csproj(4,6): error HIL6011")]
    [InlineData("<MirageTargets>unix", "<MirageTargets>spt", "dns.csproj(4,6): error HIL6012")]
    [InlineData("[5.6,6.0)", "newest", "dns.csproj(8,6): error HIL6010")]
    [InlineData("Include=\"lwt\"", "Include=\"l w t\"", "dns.csproj(8,6): error HIL6013")]
    [InlineData("../opam-repository", "../no-such-folder", "error HIL1")]
    public async Task What_a_project_gets_wrong_is_told_where_it_stands(string from, string to, string code)
    {
        _sample.Edit("dns.csproj", text => text.Replace(from, to, StringComparison.Ordinal));
        (await _sample.Dotnet("restore")).FailedWith(code);
        Assert.False(File.Exists(_sample.Lock));
    }

    [Fact]
    public async Task A_damaged_archive_in_the_store_is_refused_by_name()
    {
        // A store of its own: the one that other tests share stays good.
        using var store = new TestFolder();
        var sources = new Build.Storage.Stores(store.Path).Sources;
        var imported = Directory.EnumerateFiles(TestData.Sources, "*.tar.*").ToDictionary(archive => Path.GetFileName(archive), archive => sources.Import(archive)[0]);
        var lwt = store["sources/" + imported["lwt_5.6.1.orig.tar.gz"].CachePath];
        var bytes = await File.ReadAllBytesAsync(lwt, Cancellation);
        bytes[bytes.Length / 2] ^= 0x10;
        await File.WriteAllBytesAsync(lwt, bytes, Cancellation);

        var restore = await _sample.DotnetWithCache(store.Path, "restore");
        Assert.Contains(lwt, restore.FailedWith("HIL4003").Output, StringComparison.Ordinal);
        // What was solved is not solved again.
        Assert.Contains("\"lwt\" {=", await File.ReadAllTextAsync(_sample.Lock, Cancellation), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_sample["obj/hillingar/duniverse/lwt"]));
    }

    [Fact]
    public async Task A_restore_that_was_killed_is_made_up_for_by_the_next()
    {
        await StartBuilt();
        (await _sample.Dotnet("restore")).Succeeded();
        var wanted = Listing();
        Forget();
        var watch = Stopwatch.StartNew();
        (await _sample.Dotnet("restore")).Succeeded();
        var whole = (int)watch.ElapsedMilliseconds;
        var random = new Random(5);
        for (var kill = 0; kill < (TestData.Full ? 40 : 4); kill++)
        {
            Forget();
            using (var process = _sample.Start(["restore", "-nodeReuse:false"]))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, Math.Max(201, whole))), Cancellation);
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(Cancellation);
            }

            (await _sample.Dotnet("restore")).Succeeded();
            Assert.Equal(wanted, Listing());
        }

        void Forget()
        {
            File.Delete(_sample.Lock);
            foreach (var stamp in Directory.EnumerateFiles(_sample["obj/hillingar/duniverse/.hillingar"], "*.stamp").Take(3))
                File.Delete(stamp);
        }

        List<string> Listing() =>
        [
            File.ReadAllText(_sample.Lock),
            .. Directory.EnumerateFiles(_sample["obj/hillingar/duniverse"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(file => $"{file} {new FileInfo(file).Length}"),
        ];
    }

    [Fact]
    public async Task An_archive_can_be_published_into_a_repository_and_depended_on()
    {
        await StartBuilt();
        var source = Directory.CreateDirectory(Path.Combine(_sample.Parent, "greeting-1.2")).FullName;
        File.WriteAllText(Path.Combine(source, "greeting.opam"), "opam-version: \"2.0\"\nsynopsis: \"A private library\"\ndepends: [\"dune\" {>= \"2.0\"}]\nbuild: [\"dune\" \"build\" \"-p\" name]\n");
        File.WriteAllText(Path.Combine(source, "dune-project"), "(lang dune 2.0)\n(name greeting)\n");
        File.WriteAllText(Path.Combine(source, "dune"), "(library (name greeting) (public_name greeting))\n");
        File.WriteAllText(Path.Combine(source, "greeting.ml"), "let text = \"hello from a private library\"\n");
        var archive = Path.Combine(_sample.Parent, "greeting-1.2.tar.gz");
        using (var tar = Process.Start("tar", ["-czf", archive, "-C", _sample.Parent, "greeting-1.2"]))
            await tar.WaitForExitAsync(Cancellation);
        var repository = Path.Combine(_sample.Parent, "private-repository");

        (await _sample.Dotnet("msbuild", "-t:HillingarPublishPackage", $"-p:HillingarArchive={archive}", $"-p:HillingarRepository={repository}")).Succeeded();
        Assert.Contains("sha512=", await File.ReadAllTextAsync(Path.Combine(repository, "packages/greeting/greeting.1.2/opam"), Cancellation), StringComparison.Ordinal);

        _sample.Edit("dns.csproj", text => text.Replace("<OpamRepository", "<OpamRepository Include=\"../private-repository\" /><OpamDependency Include=\"greeting\" Version=\"[1.2]\" /><OpamRepository", StringComparison.Ordinal));
        _sample.Edit("dune", text => text.Replace("lwt.unix", "lwt.unix greeting", StringComparison.Ordinal));
        _sample.Edit("dns.ml", text => "let () = if Array.mem \"--greet\" Sys.argv then (print_endline Greeting.text; exit 0)\n" + text);
        (await _sample.Dotnet("build")).Succeeded();
        using var greet = Process.Start(new ProcessStartInfo(_sample.Image, "--greet") { RedirectStandardOutput = true })!;
        Assert.Equal("hello from a private library\n", await greet.StandardOutput.ReadToEndAsync(Cancellation));
    }
}
