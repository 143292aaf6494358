using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests.Walk;

/// <summary>
/// Does what a page says, as a reader would who has cloned the repository and packed it: in a folder <c>hillingar</c> that holds the samples and
/// <c>artifacts/feed</c>, with a home, package folder and NuGet settings of its own. Nothing of the page is replaced. What is elsewhere than the
/// page says are addresses: opam's repository is that of the samples, by a Directory.Build.props above, and nobody asks for advisories.
/// </summary>
sealed class PageWalk : IDisposable
{
    const string Released = "0.1.0";

    readonly Sdk _sdk;
    readonly TestFolder _folder = new();
    readonly Process _shell;
    readonly StringBuilder _output = new();
    readonly Lock _gate = new();
    int _blocks;

    PageWalk(Sdk sdk)
    {
        _sdk = sdk;
        foreach (var sample in (string[])["dns", "opam-repository"])
            SampleProject.Copy(Path.Combine(TestData.Root, "samples", sample), Path.Combine(Clone, "samples", sample));
        foreach (var package in Directory.GetFiles(sdk.Feed, $"Hillingar.*.{sdk.Version}.nupkg"))
            Release(package);
        const string noAdvisories = "<PropertyGroup><HillingarAudit Condition=\"'$(HillingarAudit)' == ''\">false</HillingarAudit></PropertyGroup>";
        _folder.Write("Directory.Build.props", $"<Project>{noAdvisories}<ItemGroup Condition=\"'$(UsingHillingarSdk)' == 'true'\"><OpamRepository Include=\"{Clone}/samples/opam-repository\" /></ItemGroup></Project>");
        _folder.Write("hillingar/Directory.Build.props", $"<Project>{noAdvisories}</Project>");
        // What a project refers to it has to say itself.
        _folder.Write("NuGet.config", "<configuration><packageSources><clear /></packageSources></configuration>");
        File.Copy(Path.Combine(TestData.Root, "samples", "NuGet.config"), Path.Combine(Clone, "samples", "NuGet.config"));
        // It is told a file at a time.
        _shell = sdk.Start("bash", ["-c", "exec 2>&1; while read -r block; do . \"$block\" </dev/null; done"], Clone, configure: start =>
        {
            start.RedirectStandardInput = true;
            foreach (var (name, folder) in new[] { ("DOTNET_CLI_HOME", "home"), ("HOME", "home"), ("NUGET_PACKAGES", "packages") })
                start.Environment[name] = Directory.CreateDirectory(_folder[folder]).FullName;
        });
        _shell.OutputDataReceived += (_, e) => Add(e.Data);
        _shell.ErrorDataReceived += (_, e) => Add(e.Data);
        _shell.BeginOutputReadLine();
        _shell.BeginErrorReadLine();
    }

    /// <summary>The folder that stands for the clone, in which the walk begins.</summary>
    public string Clone => _folder["hillingar"];

    /// <summary>Does what the blocks of a page say, one after the other, in one shell.</summary>
    /// <param name="sdk">The packed SDK.</param>
    /// <param name="page">The page, relative to the repository's root.</param>
    /// <param name="given">Commands that make what the page takes for granted.</param>
    /// <returns>How many blocks were run, written or compared.</returns>
    public static async Task<int> Do(Sdk sdk, string page, string given = "")
    {
        using var walk = new PageWalk(sdk);
        if (given.Length > 0)
            await walk.Run(new PageBlock(page, 0, "sh", given + "\n", BlockMark.Run, ""));
        var (last, count) = ("", 0);
        foreach (var block in PageBlock.Of(page).Where(block => block.Mark is not (BlockMark.None or BlockMark.NotRun)))
        {
            count++;
            switch (block.Mark)
            {
                case BlockMark.Output:
                    Assert.True(block.Shows(last, anywhere: false), $"{block} shows\n{block.Text}\nand what came is\n{last}");
                    break;
                case BlockMark.Write:
                    File.WriteAllText(walk.PathOf(block.Argument), block.Text);
                    break;
                case BlockMark.PartOf:
                    Assert.True(block.Shows(File.ReadAllText(walk.PathOf(block.Argument)), anywhere: true), $"{block} is no part of {block.Argument}");
                    break;
                case BlockMark.Into:
                    walk.PutInto(block);
                    break;
                default:
                    last = await walk.Run(block);
                    break;
            }
        }

        return count;
    }

    public void Dispose()
    {
        if (!_shell.HasExited)
            _shell.Kill(entireProcessTree: true);
        _shell.WaitForExit();
        _shell.Dispose();
        // What the page left in the background.
        foreach (var process in Process.GetProcesses().Where(process => Image(process).StartsWith(_folder.Path, StringComparison.Ordinal)))
            process.Kill(entireProcessTree: true);
        _folder.Dispose();

        static string Image(Process process)
        {
            try
            {
                return new FileInfo($"/proc/{process.Id}/exe").LinkTarget ?? "";
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is somebody else's.
                return "";
            }
        }
    }

    string PathOf(string path) => Path.Combine(Clone, path) is var here && (File.Exists(here) || !File.Exists(Path.Combine(TestData.Root, path))) ? here : Path.Combine(TestData.Root, path);

    void PutInto(PageBlock block)
    {
        var project = XDocument.Load(PathOf(block.Argument), LoadOptions.PreserveWhitespace);
        project.Root!.Add(XElement.Parse(block.Text));
        File.WriteAllText(PathOf(block.Argument), project.ToString());
    }

    async Task<string> Run(PageBlock block)
    {
        lock (_gate)
            _output.Clear();
        var (all, number) = (block.Text.TrimEnd('\n'), ++_blocks);
        var at = all.LastIndexOf('\n') + 1;
        var (first, last, done) = (all[..at], all[at..], $"-- block {number} has ended with ");
        // The first command that fails ends the shell; but what is to fail. What stays would be in another terminal: here it goes on in the background.
        var script = _folder.Write($"blocks/{number}", block.Mark switch
        {
            BlockMark.RunUntil => $"set -e\n{first}set +e\n{{ {last}\necho \"{done}$?\"\n}} &\n",
            BlockMark.Fails => $"set -e\n{first}set +e\n{last}\necho \"{done}$?\"\n",
            _ => $"set -e\n{all}\nset +e\necho \"{done}0\"\n",
        });
        await _shell.StandardInput.WriteLineAsync(script);
        await _shell.StandardInput.FlushAsync();
        var end = block.Mark == BlockMark.RunUntil ? block.Argument : done;
        // It only ends what never would.
        for (var left = TimeSpan.FromMinutes(20); left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(50))
        {
            var ended = _shell.HasExited;
            if (ended)
                await _shell.WaitForExitAsync();
            var text = Output();
            if (text.Contains(end, StringComparison.Ordinal))
            {
                if (block.Mark == BlockMark.RunUntil)
                    return text;
                var output = text[..text.IndexOf(end, StringComparison.Ordinal)];
                if (block.Mark == BlockMark.Fails)
                    Assert.True(!text.Contains(done + "0", StringComparison.Ordinal) && output.Contains(block.Argument, StringComparison.Ordinal), $"{block} does not fail with {block.Argument}:\n{block.Text}\n{text}");
                return output;
            }

            Assert.False(ended || text.Contains(done, StringComparison.Ordinal), $"{block} fails:\n{block.Text}\n{text}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"{block} did not come to '{end}':\n{Output()}");
    }

    string Output()
    {
        lock (_gate)
            return _output.ToString();
    }

    void Add(string? line)
    {
        if (line is not null)
            lock (_gate)
                _output.Append(line).Append('\n');
    }

    // What was packed for the tests, under the version that the pages name.
    void Release(string package)
    {
        var feed = Directory.CreateDirectory(Path.Combine(Clone, "artifacts", "feed")).FullName;
        var target = Path.Combine(feed, Path.GetFileName(package).Replace(_sdk.Version, Released, StringComparison.Ordinal));
        File.Copy(package, target);
        using var zip = ZipFile.Open(target, ZipArchiveMode.Update);
        foreach (var entry in zip.Entries.Where(entry => Path.GetExtension(entry.FullName) is ".nuspec" or ".csproj").ToList())
        {
            string text;
            using (var reader = new StreamReader(entry.Open()))
                text = reader.ReadToEnd();
            var name = entry.FullName;
            entry.Delete();
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text.Replace(_sdk.Version, Released, StringComparison.Ordinal));
        }
    }
}
