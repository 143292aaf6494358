using System.Xml.Linq;

namespace Hillingar.BuildProgram;

static class Tests
{
    /// <summary>Runs the test programs one after another and adds up what they counted.</summary>
    public static async Task<int> Run(bool full, string[] only)
    {
        await Needs.Install();
        await Compile.All();
        var results = Directory.CreateDirectory(Path.Combine(Tool.Artifacts, "test-results")).FullName;
        var environment = new Dictionary<string, string> { ["HILLINGAR_TEST_TIER"] = full ? "full" : "short" };
        foreach (var (name, value) in (await Needs.Sources()).Concat(await Peers.Install()))
            environment[name] = value;
        int passed = 0, failed = 0, skipped = 0, broken = 0;
        foreach (var project in Directory.GetDirectories(Path.Combine(Tool.Root, "tests"), "*.Tests").Order())
        {
            var name = Path.GetFileName(project);
            if (only.Length > 0 && !only.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
                continue;
            if (name is "Hillingar.Sdk.Tests" or AzureExtension.TestProject && !environment.ContainsKey("HILLINGAR_TEST_FEED"))
                foreach (var (variable, value) in await Pack.ForTests())
                    environment[variable] = value;
            if (name == AzureExtension.TestProject)
                environment["HILLINGAR_TEST_VSIX"] = await AzureExtension.Pack();
            var report = Path.Combine(results, name + ".xml");
            File.Delete(report);
            Console.WriteLine($"== {name}");
            var exit = await Tool.Try("dotnet", [Path.Combine(project, "bin", "Debug", "net10.0", name + ".dll"), "-xml", report, "-noColor"], environment);
            if (!File.Exists(report))
            {
                Console.WriteLine($"error: {name} ended with {exit} and reported nothing.");
                broken++;
                continue;
            }

            foreach (var assembly in XDocument.Load(report).Root!.Elements("assembly"))
            {
                passed += (int)assembly.Attribute("passed")!;
                failed += (int)assembly.Attribute("failed")! + (int)assembly.Attribute("errors")!;
                skipped += (int)assembly.Attribute("skipped")!;
                foreach (var test in assembly.Descendants("test").Where(test => (string?)test.Attribute("result") == "Skip"))
                    Console.WriteLine($"skipped: {(string?)test.Attribute("name")}: {test.Element("reason")?.Value}");
            }

            // A test program that died after its report, or that ran nothing, is no success.
            if (exit != 0 && failed == 0)
                broken++;
        }

        if (only.Length == 0 || only.Any(part => "Pester".Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            var pester = await Pester.Run(environment);
            (passed, failed, skipped) = (passed + pester.Passed, failed + pester.Failed, skipped + pester.Skipped);
        }

        failed += broken;
        Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
        return failed == 0 && passed + skipped > 0 ? 0 : 1;
    }
}
