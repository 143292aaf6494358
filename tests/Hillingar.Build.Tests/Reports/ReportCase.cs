using System.Xml.Linq;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>A project of the reports: what users of such tools complain of, over the real repository and the real overlays.</summary>
sealed class ReportCase : IDisposable
{
    readonly TestFolder _folder = new();

    /// <summary>An empty project over both repositories.</summary>
    /// <param name="properties">Properties of the project.</param>
    /// <param name="items">Its items; the repositories where none are given.</param>
    public ReportCase(string properties = "<HillingarHostSwitch>locked</HillingarHostSwitch>", string? items = null) =>
        Write("case.csproj", $"<Project><PropertyGroup><UnikernelName>case</UnikernelName>{properties}</PropertyGroup><ItemGroup>{items ?? Repositories}</ItemGroup></Project>");

    public const string Repositories = "<OpamRepository Include=\"OVERLAYS\" /><OpamRepository Include=\"REPO\" />";

    public ReporterFake Reporter { get; } = new();

    public string Folder => _folder["project"];

    // The indexes of the large repositories are made once.
    static readonly Lazy<string> s_cache = new(() => Scratch.Create("reports"));

    public static Stores Stores => new(s_cache.Value);

    /// <summary>A project of the test data.</summary>
    public static ReportCase Of(string name)
    {
        var source = TestData.Require($"reports/{name}");
        var report = new ReportCase();
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            if (Path.GetFileName(file) != "README.md")
                report.Write(Path.GetRelativePath(source, file), File.ReadAllText(file));
        return report;
    }

    public ReportCase Write(string file, string text)
    {
        _folder.Write($"project/{file}", text
            .Replace("OVERLAYS", text.Contains("OVERLAYS", StringComparison.Ordinal) ? Corpus.Folder(Corpus.Overlays) : "", StringComparison.Ordinal)
            .Replace("REPO\"", text.Contains("REPO\"", StringComparison.Ordinal) ? Corpus.Folder(Corpus.Repository) + "\"" : "\"", StringComparison.Ordinal));
        return this;
    }

    public ReportCase Opam(string fields, string name = "case") => Write($"{name}.opam", $"opam-version: \"2.0\"\n{fields}\n");

    public string Read(string file) => File.ReadAllText(_folder[$"project/{file}"]);

    /// <summary>What the project file asks for, as the SDK would read it.</summary>
    public Request Request
    {
        get
        {
            var project = XDocument.Load(_folder["project/case.csproj"]);
            string Property(string name) => project.Descendants(name).LastOrDefault()?.Value ?? "";
            List<XElement> Items(string name) => [.. project.Descendants(name)];
            return new Request("case", _folder["project/case.csproj"], ["unix"],
                [.. Items("OpamRepository").Select(item => item.Attribute("Include")!.Value)],
                [.. Items("OpamDependency").Select(item => new Dependency(item.Attribute("Include")!.Value, item.Attribute("Version")?.Value ?? ""))],
                [.. Directory.EnumerateFiles(Folder, "*.opam").Order(StringComparer.Ordinal)])
            {
                Platforms = Property("HillingarBuildPlatforms").Split(';', StringSplitOptions.RemoveEmptyEntries),
                Overlays = [.. Items("OpamOverlay").Select(item => item.Attribute("Include")!.Value)],
            }.WithTools(Property("HillingarHostSwitch") is { Length: > 0 } tools ? tools : "machine");
        }
    }

    public RestoreOptions Options(bool locked = false, bool force = false) => new(_folder["project/case.opam.locked"], _folder["project/obj"], locked, force, Offline: true);

    /// <summary>Locks it, without its sources.</summary>
    public async Task<LockFile> Lock(RestoreOptions? options = null) =>
        (await new Restorer(Stores, Reporter).Lock(Request, options ?? Options(), TestContext.Current.CancellationToken)).Lock;

    /// <summary>Locks it with properties that the project file would have.</summary>
    public async Task<LockFile> Lock(Func<Request, Request> properties) =>
        (await new Restorer(Stores, Reporter).Lock(properties(Request), Options(), TestContext.Current.CancellationToken)).Lock;

    /// <summary>Locks it and vendors its sources.</summary>
    public Task<LockFile> Restore(RestoreOptions? options = null) =>
        new Restorer(Stores, Reporter).Restore(Request, options ?? Options(), _folder["project/obj/stamp"], TestContext.Current.CancellationToken);

    public async Task<Diagnostic> Refused(RestoreOptions? options = null) =>
        (await Assert.ThrowsAnyAsync<HillingarException>(() => Lock(options))).Diagnostic;

    /// <summary>The conflict in lines; never more than a screen.</summary>
    public async Task<string[]> Conflict()
    {
        var refused = await Refused();
        Assert.Equal("HIL2001", refused.Code);
        var lines = refused.Message.Split('\n');
        Assert.InRange(lines.Length, 1, 24);
        return lines;
    }

    public void Dispose() => _folder.Dispose();
}
