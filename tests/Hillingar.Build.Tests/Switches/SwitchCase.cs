using Hillingar.Build.Files;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>A repository of small packages in a folder, and switches built of it.</summary>
sealed class SwitchCase(TestFolder folder)
{
    readonly List<OpamPackage> _packages = [];

    public ReporterFake Reporter { get; } = new();

    public Stores Stores { get; } = new(folder["store"]);

    public SwitchOptions Options { get; set; } = new() { Sandbox = SandboxMode.Required, Jobs = 2, Offline = true };

    public IEnumerable<string> Names => _packages.Select(package => package.ToString());

    /// <summary>Adds a package, in place of one of the same name and version; with files of an archive, it has that for its sources.</summary>
    public SwitchCase Add(string package, string fields, params (string Name, string Text)[] archive)
    {
        var url = "";
        if (archive.Length > 0)
        {
            var path = Tarball.Write(folder, Tarball.Gzip(Tarball.Tar(archive.Select(file => Tarball.File($"{package}/{file.Name}", file.Text, file.Name.EndsWith(".sh", StringComparison.Ordinal) ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100)))), $"upstream/{package}.tar.gz");
            url = $"url {{ src: \"file://{path}\" checksum: \"{Hashes.OfFile(path, [ChecksumKind.Sha256])[0]}\" }}\n";
        }

        folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        folder.Write($"repository/packages/{package.Split('.')[0]}/{package}/opam", $"opam-version: \"2.0\"\nsynopsis: \"x\"\n{fields}\n{url}");
        if (!_packages.Contains(OpamPackage.Parse(package)))
            _packages.Add(OpamPackage.Parse(package));
        return this;
    }

    /// <summary>A file beside a package's description, with its checksum for <c>extra-files</c>.</summary>
    public string File(string package, string name, string text)
    {
        var path = folder.Write($"repository/packages/{package.Split('.')[0]}/{package}/files/{name}", text);
        return $"[\"{name}\" \"{Hashes.OfFile(path, [ChecksumKind.Sha256])[0]}\"]";
    }

    /// <summary>Puts the archives where opam looks first.</summary>
    public void FillCache(string cache)
    {
        foreach (var archive in Directory.EnumerateFiles(folder["upstream"]))
        {
            var place = Path.Combine(cache, Hashes.OfFile(archive, [ChecksumKind.Sha256])[0].CachePath);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            System.IO.File.Copy(archive, place);
        }
    }

    /// <summary>Builds a switch of all packages.</summary>
    public Task<HostSwitch> Build() => Build([]);

    /// <summary>Builds a switch of all packages that is for some of them.</summary>
    public Task<HostSwitch> Build(IReadOnlyList<string> presented)
    {
        var repository = new FolderRepository(folder["repository"], folder[$"index-{Guid.NewGuid():N}"]);
        return new SwitchBuilder(Stores, Reporter).Build(new SwitchRequest([.. _packages.Select(package => repository.Find(package)!)]) { Presented = [.. presented.Select(name => new PackageName(name))] }, Options, TestContext.Current.CancellationToken);
    }

    public async Task<Diagnostic> Refused() => (await Assert.ThrowsAsync<HillingarException>(Build)).Diagnostic;

    /// <summary>What was built, in any order.</summary>
    public IEnumerable<string> Built => Reporter.Told.Where(line => line.StartsWith("Building ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]);

    /// <summary>The files below a folder, with their modes and contents.</summary>
    public static Dictionary<string, string> Contents(string root) => Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetRelativePath(root, path), path => $"{(OperatingSystem.IsWindows() ? 0 : System.IO.File.GetUnixFileMode(path))}\n{System.IO.File.ReadAllText(path)}");
}
