using System.Reflection;
using System.Xml.Linq;
using Hillingar.BuildProgram;
using Hillingar.Tests;

namespace Hillingar.PowerShell.Tests;

public sealed class ModuleTests
{
    public static TheoryData<string> Names => [.. Module.Cmdlets.Select(cmdlet => cmdlet.Name)];

    // Verbs of cmdlets that only look: nothing to ask about before.
    static readonly string[] s_looking = ["Get", "Find", "Test", "Compare", "Show", "Resolve", "Wait"];

    static CmdletShape Cmdlet(string name) => Module.Cmdlets.Single(cmdlet => cmdlet.Name == name);

    [Fact]
    public void The_manifest_exports_just_the_cmdlets_that_there_are()
    {
        Assert.Equal(Module.Cmdlets.Select(cmdlet => cmdlet.Name), Module.Listed("CmdletsToExport"));
        Assert.Empty(Module.Listed("FunctionsToExport"));
        Assert.Empty(Module.Listed("AliasesToExport"));
    }

    [Fact]
    public void The_manifest_has_what_the_gallery_asks_for()
    {
        Assert.Equal(XDocument.Load(Path.Combine(TestData.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value, Module.Value("ModuleVersion"));
        Assert.Equal("7.6", Module.Value("PowerShellVersion"));
        Assert.Equal(["Core"], Module.Listed("CompatiblePSEditions"));
        Assert.True(Guid.TryParse(Module.Value("GUID"), out _));
        foreach (var key in new[] { "Author", "Description", "Copyright", "ReleaseNotes" })
            Assert.True(Module.Value(key).Length > 10, key);
        Assert.True(Uri.TryCreate(Module.Value("LicenseUri"), UriKind.Absolute, out var licence) && licence.Scheme is "https");
        // PNG's first bytes; the gallery shows an icon from an address, which a published module has to name (IconUri).
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path.Combine(TestData.Root, "assets", "icon.png"))[..4]);
        Assert.Contains("PSEdition_Core", Module.Listed("Tags"));
        Assert.All(Module.Listed("Tags"), tag => Assert.DoesNotContain(' ', tag));
        foreach (var file in Module.Listed("FormatsToProcess").Append(Module.Value("RootModule")))
            Assert.True(File.Exists(Path.Combine(Module.Folder, file)), file);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_verb_is_an_approved_one_and_the_class_is_named_after_the_cmdlet(string name)
    {
        var cmdlet = Cmdlet(name);
        // The groups of verbs are classes of constants in the assembly that cmdlets are compiled against.
        var approved = typeof(System.Management.Automation.VerbsCommon).Assembly.GetTypes().Where(type => type.Name.StartsWith("Verbs", StringComparison.Ordinal))
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Contains(cmdlet.Verb, approved);
        Assert.Equal($"{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Class);
        Assert.True(cmdlet.Noun.StartsWith("Hillingar", StringComparison.Ordinal) || cmdlet.Noun.StartsWith("Opam", StringComparison.Ordinal) || cmdlet.Noun.StartsWith("Unikernel", StringComparison.Ordinal), cmdlet.Noun);
        // A plural noun: none of ours ends in s in its singular.
        Assert.False(cmdlet.Noun.EndsWith('s'), cmdlet.Noun);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_writes_asks_before_and_what_looks_does_not(string name) =>
        Assert.Equal(!s_looking.Contains(Cmdlet(name).Verb) || Cmdlet(name).Parameters.Any(parameter => parameter.Name == "Repair"), Cmdlet(name).SupportsShouldProcess);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_cmdlet_says_what_comes_out_and_every_object_of_ours_has_a_view(string name)
    {
        var views = XDocument.Load(Path.Combine(Module.Folder, "Hillingar.PowerShell.format.ps1xml")).Descendants("View")
            .GroupBy(view => view.Descendants("TypeName").Single().Value).ToDictionary(group => group.Key, group => group.ToList());
        Assert.NotEmpty(Cmdlet(name).OutputTypes);
        foreach (var type in Cmdlet(name).OutputTypes.Where(type => type.StartsWith("Hillingar.", StringComparison.Ordinal)))
        {
            Assert.True(views.ContainsKey(type), type);
            Assert.NotNull(views[type].Find(view => view.Element("TableControl") is not null));
            Assert.NotNull(views[type].Find(view => view.Element("ListControl") is not null));
        }
    }

    [Fact]
    public void Views_show_properties_that_there_are()
    {
        var folder = Path.GetDirectoryName(Module.Assembly)!;
        using var context = new MetadataLoadContext(new PathAssemblyResolver(Directory.EnumerateFiles(folder, "*.dll").Concat(Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll")).DistinctBy(Path.GetFileName)));
        var build = context.LoadFromAssemblyPath(Path.Combine(folder, "Hillingar.Build.dll"));
        foreach (var view in XDocument.Load(Path.Combine(Module.Folder, "Hillingar.PowerShell.format.ps1xml")).Descendants("View").Where(view => view.Descendants("TypeName").Single().Value != "Hillingar.ErrorRecord"))
        {
            var type = build.GetType(view.Descendants("TypeName").Single().Value, throwOnError: true)!;
            foreach (var property in view.Descendants("PropertyName").Select(element => element.Value)
                .Concat(view.Descendants("ScriptBlock").SelectMany(script => System.Text.RegularExpressions.Regex.Matches(script.Value, @"\$_\.(\w+)").Select(match => match.Groups[1].Value))))
                Assert.True(type.GetProperty(property) is not null, $"{type.Name}.{property}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Packages_versions_targets_and_locks_complete(string name)
    {
        foreach (var parameter in Cmdlet(name).Parameters)
        {
            var expected = (parameter.Name, Cmdlet(name).Noun) switch
            {
                ("Target", _) => "TargetCompleter",
                ("Lock", _) => "LockCompleter",
                ("Reference" or "Difference", "HillingarLock") => "RevisionCompleter",
                ("Name", "OpamDependent") or ("Package", _) => "LockedPackageCompleter",
                ("Name", "OpamDependency") when Cmdlet(name).Verb == "Remove" => "LockedPackageCompleter",
                ("Name", "OpamPackage" or "OpamDependency") => "PackageCompleter",
                ("Version", "OpamPackage" or "OpamDependency") when Cmdlet(name).Verb != "Publish" => "VersionCompleter",
                _ => parameter.Completer?.Split('.')[^1],
            };
            Assert.Equal(expected, parameter.Completer?.Split('.')[^1]);
        }
    }

    [Fact]
    public void Cmdlets_take_what_comes_through_the_pipeline()
    {
        Assert.All(Module.Cmdlets.Where(cmdlet => cmdlet.Verb != "Register" && cmdlet.Parameters.Any(parameter => parameter.Name is "Project" or "Name")),
            cmdlet => Assert.Contains(cmdlet.Parameters, parameter => parameter.Uses.Any(use => use.ByValue)));
        foreach (var parameter in Module.Cmdlets.SelectMany(cmdlet => cmdlet.Parameters).Where(parameter => parameter.Name == "Lock" && parameter.Uses.All(use => !use.Mandatory)))
            Assert.Contains(parameter.Uses, use => use.ByPropertyName);
    }

    [Fact]
    public void Parameters_that_mean_the_same_are_named_the_same()
    {
        foreach (var cmdlet in Module.Cmdlets)
            foreach (var parameter in cmdlet.Parameters)
                Assert.DoesNotContain(parameter.Name, new[] { "File", "LockFile", "Lockfile", "Targets", "Repositories", "Names", "Packages" });
    }

    [Fact]
    public void The_module_shares_nothing_with_the_shell_but_the_shell()
    {
        var loaded = Directory.EnumerateFiles(Path.GetDirectoryName(Module.Assembly)!, "Hillingar.*.dll").Select(Path.GetFileName);
        Assert.Contains("Hillingar.Build.dll", loaded);
        using var context = new MetadataLoadContext(new PathAssemblyResolver(Directory.EnumerateFiles(Path.GetDirectoryName(Module.Assembly)!, "*.dll").Concat(Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll")).DistinctBy(Path.GetFileName)));
        Assert.Equal("System.Runtime.Loader.AssemblyLoadContext", context.LoadFromAssemblyPath(Module.Assembly).GetType("Hillingar.PowerShell.Hosting.OwnContext")?.BaseType?.FullName);
    }
}
