using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hillingar.Tests;
using YamlDotNet.RepresentationModel;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>The pipelines that people copy: they parse, and what they say to a task or an action is what that takes.</summary>
public sealed partial class SampleTests
{
    // The inputs as https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/ lists them; those with a star are required.
    static readonly Dictionary<string, string[]> s_tasks = new()
    {
        ["Cache@2"] = ["key*", "path*", "cacheHitVar", "restoreKeys"],
        ["UseDotNet@2"] = ["packageType", "useGlobalJson", "workingDirectory", "version", "vsVersion", "includePreviewVersions", "installationPath", "performMultiLevelLookup", "requestTimeout"],
        ["PublishTestResults@2"] = ["testResultsFormat*", "testResultsFiles*", "searchFolder", "mergeTestResults", "failTaskOnFailedTests", "failTaskOnFailureToPublishResults", "failTaskOnMissingResultsFile", "testRunTitle", "buildPlatform", "buildConfiguration", "publishRunAttachments"],
        ["NuGetAuthenticate@1"] = ["nuGetServiceConnections", "forceReinstallCredentialProvider"],
        ["UniversalPackages@0"] =
        [
            "command*", "downloadDirectory", "feedsToUse", "externalFeedCredentials", "vstsFeed", "vstsFeedPackage", "vstsPackageVersion", "feedDownloadExternal", "packageDownloadExternal", "versionDownloadExternal",
            "publishDirectory", "feedsToUsePublish", "publishFeedCredentials", "vstsFeedPublish", "publishPackageMetadata", "vstsFeedPackagePublish", "feedPublishExternal", "packagePublishExternal", "versionOption",
            "versionPublish", "packagePublishDescription", "verbosity", "publishedPackageVar",
        ],
    };

    static readonly JsonElement s_task = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Root, "Hillingar.AzurePipelines", "HillingarBuild", "task.json"))).RootElement;

    public static TheoryData<string> Pipelines => [.. Samples("azure-pipelines")];

    public static TheoryData<string> Workflows => [.. Samples("github-actions")];

    static IEnumerable<string> Samples(string folder) => Directory.EnumerateFiles(Path.Combine(TestData.Root, "samples", folder), "*.yml").Select(file => $"{folder}/{Path.GetFileName(file)}").Order();

    static string Text(string sample) => File.ReadAllText(Path.Combine(TestData.Root, "samples", sample));

    internal static YamlMappingNode Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    internal static IEnumerable<YamlMappingNode> Mappings(YamlNode node) => node.AllNodes.OfType<YamlMappingNode>();

    internal static Dictionary<string, YamlNode> Of(YamlNode node) => ((YamlMappingNode)node).Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => pair.Value);

    internal static string? Value(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? (value as YamlScalarNode)?.Value : null;

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void A_pipeline_gives_each_task_inputs_that_it_has(string sample)
    {
        var steps = Mappings(Parse(Text(sample))).Where(node => Value(node, "task") is not null).ToList();
        Assert.True(steps.Count > 0 || sample.EndsWith("deploy.yml", StringComparison.Ordinal), "deploying takes no task");
        foreach (var step in steps)
        {
            var inputs = step.Children.TryGetValue(new YamlScalarNode("inputs"), out var node) ? Of(node) : [];
            if (Value(step, "task") is "HillingarBuild@0")
            {
                var known = s_task.GetProperty("inputs").EnumerateArray().ToDictionary(input => input.GetProperty("name").GetString()!);
                Assert.All(inputs.Keys, name => Assert.Contains(name, known.Keys));
                Assert.All(known.Values.Where(input => input.TryGetProperty("required", out var required) && required.GetBoolean()), input => Assert.Contains(input.GetProperty("name").GetString()!, inputs.Keys));
                foreach (var (name, value) in inputs.Select(pair => (pair.Key, ((YamlScalarNode)pair.Value).Value!)))
                    if (known[name].TryGetProperty("options", out var options))
                        Assert.Contains(value, options.EnumerateObject().Select(option => option.Name));
                    else if (known[name].GetProperty("type").GetString() == "boolean")
                        Assert.True(value is "true" or "false", $"{name}: {value}");
            }
            else
                CheckInputs(step, inputs.Keys);
        }
    }

    /// <summary>The inputs of a task of Azure's own are documented ones, and those that it requires are there.</summary>
    internal static void CheckInputs(YamlMappingNode step, IReadOnlyCollection<string> inputs)
    {
        var documented = s_tasks[Value(step, "task")!];
        Assert.All(inputs, name => Assert.Contains(name, documented.Select(input => input.TrimEnd('*'))));
        Assert.All(documented.Where(input => input.EndsWith('*')), input => Assert.Contains(input.TrimEnd('*'), inputs));
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void A_pipeline_reads_output_variables_that_the_task_sets(string sample)
    {
        var set = s_task.GetProperty("outputVariables").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()!).ToList();
        var text = Text(sample);
        var named = Mappings(Parse(text)).Where(node => Value(node, "task") is "HillingarBuild@0").Select(step => Value(step, "name")).OfType<string>().Distinct().ToList();
        var read = Outputs().Matches(text).Where(match => named.Contains(match.Groups["step"].Value)).Select(match => match.Groups["name"].Value).ToList();
        Assert.All(read, name => Assert.Contains(name, set));
        Assert.True(named.Count == 0 || read.Count > 0, "the step has a name, and nobody reads what it sets");
    }

    [Theory]
    [InlineData("azure-pipelines/update-bot.yml", "job", "persistCredentials: true", "System.AccessToken", "checkout")]
    [InlineData("github-actions/update-bot.yml", "", "contents: write", "github.token", "uses")]
    public void The_bot_builds_without_credentials_and_what_has_them_runs_nothing_that_was_built(string sample, string named, string mayWrite, string token, string checkout)
    {
        var jobs = Of(Parse(Text(sample)))["jobs"];
        var (build, propose) = named.Length > 0
            ? ((YamlNode)Mappings(jobs).Single(job => Value(job, named) == "build"), (YamlNode)Mappings(jobs).Single(job => Value(job, named) == "propose"))
            : (Of(jobs)["build"], Of(jobs)["propose"]);
        foreach (var secret in new[] { mayWrite, token, "write", "secrets." })
            Assert.DoesNotContain(secret, Yaml(build), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(mayWrite, Yaml(propose), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(token, Yaml(propose), StringComparison.Ordinal);
        Assert.Single(Mappings(build), step => Value(step, checkout) is { } value && (value == "self" || value.StartsWith("actions/checkout@", StringComparison.Ordinal))
            && Yaml(step).Replace("-", "", StringComparison.Ordinal).Contains("persistcredentials: false", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("./update-bot.sh", Yaml(build), StringComparison.Ordinal);
        foreach (var runs in new[] { "update-bot.sh", "dotnet", "apt-get", "run.sh", "dependencies.build.outputs['bot.branch']" })
            Assert.DoesNotContain(runs, Yaml(propose), StringComparison.Ordinal);
        // Nothing that the first job says gets into a script of the second.
        foreach (var script in Mappings(propose).SelectMany(node => new[] { "script", "bash", "run" }.Select(key => Value(node, key))).OfType<string>())
            Assert.DoesNotMatch(@"\$\{\{|\$\([A-Za-z]+\.", script);

        static string Yaml(YamlNode node)
        {
            using var text = new StringWriter();
            new YamlStream(new YamlDocument(node)).Save(text, assignAnchors: false);
            return text.ToString();
        }
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    [MemberData(nameof(Workflows))]
    public Task Every_script_is_one_that_bash_reads(string sample) => CheckScripts(Parse(Text(sample)));

    /// <summary>The scripts of a pipeline or a workflow.</summary>
    internal static IEnumerable<string> Scripts(YamlMappingNode pipeline) => Mappings(pipeline).SelectMany(node => new[] { "script", "bash", "run" }.Select(key => Value(node, key))).OfType<string>();

    /// <summary>bash reads each script.</summary>
    internal static async Task CheckScripts(YamlMappingNode pipeline)
    {
        foreach (var script in Scripts(pipeline))
        {
            using var process = Process.Start(new ProcessStartInfo("bash", ["-n"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
            await process.StandardInput.WriteAsync(Expressions().Replace(script, "x"));
            process.StandardInput.Close();
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, $"{error}\n{script}");
        }
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    [MemberData(nameof(Workflows))]
    public void Every_target_and_property_that_a_script_names_is_the_SDK_s(string sample)
    {
        var sdk = string.Join('\n', Directory.EnumerateFiles(Path.Combine(TestData.Root, "Hillingar.Sdk", "Sdk")).Select(File.ReadAllText));
        foreach (Match match in Named().Matches(Text(sample)))
            Assert.Matches(match.Groups["target"].Success ? $"<Target Name=\"{match.Groups["target"].Value}\"" : $@"\$\({match.Groups["property"].Value}\)", sdk);
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_gives_the_action_inputs_that_it_has_and_reads_outputs_that_it_sets(string sample)
    {
        var action = Of(Parse(File.ReadAllText(Path.Combine(TestData.Root, "Hillingar.GitHubAction", "action.yml"))));
        var (inputs, outputs) = (Of(action["inputs"]), Of(action["outputs"]));
        var text = Text(sample);
        foreach (var step in Mappings(Parse(text)).Where(node => Value(node, "uses") == "./Hillingar.GitHubAction"))
        {
            Assert.All(Of(step.Children[new YamlScalarNode("with")]).Keys, name => Assert.Contains(name, inputs.Keys));
            Assert.All(StepOutputs().Matches(text).Where(match => match.Groups["step"].Value == Value(step, "id")), match => Assert.Contains(match.Groups["name"].Value, outputs.Keys));
        }
    }

    [Fact]
    public void The_action_hands_each_input_to_its_script_and_takes_each_output_from_it()
    {
        var folder = Path.Combine(TestData.Root, "Hillingar.GitHubAction");
        var (text, script) = (File.ReadAllText(Path.Combine(folder, "action.yml")), File.ReadAllText(Path.Combine(folder, "build.sh")));
        var action = Of(Parse(text));
        Assert.Equal(["author", "branding", "description", "inputs", "name", "outputs", "runs"], action.Keys.Order());
        Assert.Equal("composite", Value((YamlMappingNode)action["runs"], "using"));
        foreach (var (name, input) in Of(action["inputs"]))
        {
            var variable = name.ToUpperInvariant().Replace('-', '_');
            Assert.Contains($"{variable}: ${{{{ inputs.{name} }}}}", text, StringComparison.Ordinal);
            Assert.Matches($@"\$\{{?{variable}\b", script);
            Assert.True(Value((YamlMappingNode)input, "description")!.Length > 10 && (Value((YamlMappingNode)input, "required") == "true") == (Value((YamlMappingNode)input, "default") is null), name);
        }

        foreach (var (name, output) in Of(action["outputs"]))
        {
            Assert.Equal($"${{{{ steps.build.outputs.{name} }}}}", Value((YamlMappingNode)output, "value"));
            Assert.Contains($"echo \"{name}=", script, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"(?:\$\(|outputs\[')(?<step>\w+)\.(?<name>\w+)")]
    private static partial Regex Outputs();

    [GeneratedRegex(@"steps\.(?<step>\w+)\.outputs\.(?<name>[\w-]+)")]
    private static partial Regex StepOutputs();

    [GeneratedRegex(@"\$\{\{.*?\}\}|\$\([A-Za-z][\w.]*\)")]
    private static partial Regex Expressions();

    [GeneratedRegex(@"-t:(?<target>Hillingar\w+)|-p:(?<property>Hillingar\w+)=")]
    private static partial Regex Named();
}
