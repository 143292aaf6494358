using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>A copy of <c>samples/dns</c> and its opam repository in a folder of the test's own, bound to the SDK that was packed.</summary>
sealed class SampleProject : IDisposable
{
    readonly Sdk _sdk;
    readonly TestFolder _folder = new();

    public SampleProject(Sdk sdk)
    {
        _sdk = sdk;
        foreach (var sample in new[] { "dns", "opam-repository" })
            Copy(Path.Combine(TestData.Root, "samples", sample), _folder[sample]);
        _folder.Write("NuGet.config", sdk.NuGetConfig);
        Edit("dns.csproj", text => text.Replace("Hillingar.Sdk/0.1.0", "Hillingar.Sdk/" + sdk.Version, StringComparison.Ordinal));
    }

    /// <summary>A path below the project's folder.</summary>
    public string this[string name] => Path.Combine(_folder["dns"], name);

    /// <summary>The folder above the project, which holds the repository.</summary>
    public string Parent => _folder.Path;

    public string Image => this["bin/Debug/unix/dns"];

    public string Lock => this["dns.opam.locked"];

    public Task<Ran> Dotnet(params IEnumerable<string> arguments) => _sdk.Dotnet(_folder["dns"], arguments);

    public Task<Ran> DotnetWithCache(string cache, params IEnumerable<string> arguments) => _sdk.Dotnet(_folder["dns"], arguments, cache: cache);

    public System.Diagnostics.Process Start(IEnumerable<string> arguments, string? cache = null) => _sdk.Start("dotnet", arguments, _folder["dns"], cache);

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

    static void Copy(string from, string to)
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
