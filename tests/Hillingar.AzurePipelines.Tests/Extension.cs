using System.IO.Compression;
using Hillingar.Tests;

[assembly: AssemblyFixture(typeof(Hillingar.AzurePipelines.Tests.Extension))]

namespace Hillingar.AzurePipelines.Tests;

/// <summary>The extension as an organization gets it: the packed .vsix, unpacked.</summary>
public sealed class Extension : IDisposable
{
    readonly TestFolder _folder = new();

    public Extension() => ZipFile.ExtractToDirectory(Package, _folder.Path);

    /// <summary>What the build program packed.</summary>
    public static string Package { get; } = Environment.GetEnvironmentVariable("HILLINGAR_TEST_VSIX") is { Length: > 0 } named
        ? named
        : Path.Combine(TestData.Root, "artifacts", "azure-pipelines", "Hillingar.AzurePipelines.vsix");

    /// <summary>A file of the package.</summary>
    public string this[string path] => _folder[path];

    /// <summary>The task's entry point, which an agent runs by node.</summary>
    public string EntryPoint => this["HillingarBuild/index.js"];

    public void Dispose() => _folder.Dispose();
}
