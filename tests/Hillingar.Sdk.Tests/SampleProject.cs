using System.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>A copy of <c>samples/dns</c> and its opam repository in a folder of the test's own, bound to the SDK that was packed.</summary>
sealed class SampleProject : IDisposable
{
    readonly Sdk _sdk;
    readonly TestFolder _folder;

    SampleProject(Sdk sdk, TestFolder folder) => (_sdk, _folder) = (sdk, folder);

    public SampleProject(Sdk sdk)
        : this(sdk, new TestFolder())
    {
        foreach (var sample in new[] { "dns", "opam-repository" })
            Copy(Path.Combine(TestData.Root, "samples", sample), _folder[sample]);
        _folder.Write("NuGet.config", sdk.NuGetConfig);
        Edit("dns.csproj", text => text.Replace("Hillingar.Sdk/0.1.0", "Hillingar.Sdk/" + sdk.Version, StringComparison.Ordinal));
    }

    /// <summary>A copy of the sample as restore and build left it, with all times: nothing is built anew before something changes.</summary>
    public static async Task<SampleProject> Built(Sdk sdk)
    {
        var built = await sdk.Once("built-sample", async target =>
        {
            using var sample = new SampleProject(sdk);
            (await sample.Dotnet("restore")).Succeeded();
            (await sample.Dotnet("build", "--no-restore")).Succeeded();
            await Copy(sample.Parent, target);
        });
        var folder = new TestFolder();
        await Copy(built, folder.Path);
        return new SampleProject(sdk, folder);

        static async Task Copy(string from, string to)
        {
            using var copy = Process.Start("cp", ["-a", from + "/.", to]);
            await copy.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, copy.ExitCode);
        }
    }

    /// <summary>A path below the project's folder.</summary>
    public string this[string name] => Path.Combine(_folder["dns"], name);

    /// <summary>The folder above the project, which holds the repository.</summary>
    public string Parent => _folder.Path;

    public string Image => this["bin/Debug/unix/dns"];

    public string Lock => this["dns.opam.locked"];

    public Task<Ran> Dotnet(params IEnumerable<string> arguments) => _sdk.Dotnet(_folder["dns"], arguments);

    public Task<Ran> DotnetWithCache(string cache, params IEnumerable<string> arguments) => _sdk.Dotnet(_folder["dns"], arguments, cache: cache);

    public Process Start(IEnumerable<string> arguments, string? cache = null) => _sdk.Start("dotnet", arguments, _folder["dns"], cache);

    /// <summary>Changes a file; disposing of the result puts it back.</summary>
    public IDisposable Edit(string file, Func<string, string> change)
    {
        var before = File.ReadAllText(this[file]);
        var after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(this[file], after);
        return new Undo(this[file], before);
    }

    public void Dispose() => _folder.Dispose();

    sealed class Undo(string path, string text) : IDisposable
    {
        public void Dispose() => File.WriteAllText(path, text);
    }

    /// <summary>Copies a sample as git has it.</summary>
    internal static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(from, file);
            if (relative.Split(Path.DirectorySeparatorChar)[0] is "bin" or "obj" or "_build" || relative.EndsWith(".locked", StringComparison.Ordinal))
                continue;
            var target = Path.Combine(to, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
