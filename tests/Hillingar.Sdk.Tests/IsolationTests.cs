using System.Text;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>What rules of a project, which may as well be those of a vendored package, see and change when <c>dotnet build</c> runs them.</summary>
public sealed class IsolationTests(Sdk sdk)
{
    [Fact]
    public async Task A_rule_writes_nothing_outside_and_gets_no_secret_unless_the_project_names_it()
    {
        using var project = await TemplateProject.Make(sdk);
        var outside = Path.Combine(project.Solution, "outside");
        project.Write("dune", $"(rule (targets made.txt) (action (with-stdout-to made.txt (run sh -c \"env; pwd; touch {outside}; true\"))))\n(rule (with-stdout-to made.ml (progn (echo \"let text = {{|\") (cat made.txt) (echo \"|}}\"))))\n(executable (name main))\n");
        project.Write("main.ml", "let () = print_string Made.text\n");
        sdk.Variables["HILLINGAR_TEST_PASSWORD"] = "topsecret";
        sdk.Variables["HILLINGAR_TEST_FLAG"] = "flag one";
        (await project.Dotnet("build", "-p:HillingarBuildSandbox=required", "-p:HillingarBuildEnvironment=HILLINGAR_TEST_FLAG%3BHILLINGAR_TEST_NONE")).Succeeded();
        var said = await Said();
        Assert.False(File.Exists(outside));
        Assert.DoesNotContain("topsecret", said, StringComparison.Ordinal);
        Assert.Contains("HILLINGAR_TEST_FLAG=flag one\n", said, StringComparison.Ordinal);
        Assert.Contains("HOME=/home/build\n", said, StringComparison.Ordinal);
        Assert.Contains("\n/build/_build/default/src\n", said, StringComparison.Ordinal);

        // Another value builds anew; without a sandbox the list is the same.
        sdk.Variables["HILLINGAR_TEST_FLAG"] = "flag two";
        project.Write("dune", (await File.ReadAllTextAsync(project["dune"], TestContext.Current.CancellationToken)).Replace("(targets made.txt)", "(targets made.txt) (deps (env_var HILLINGAR_TEST_FLAG))", StringComparison.Ordinal));
        (await project.Dotnet("build", "-p:HillingarBuildSandbox=off", "-p:HillingarBuildEnvironment=HILLINGAR_TEST_FLAG")).Succeeded();
        said = await Said();
        Assert.DoesNotContain("topsecret", said, StringComparison.Ordinal);
        Assert.Contains("HILLINGAR_TEST_FLAG=flag two\n", said, StringComparison.Ordinal);
        sdk.Variables["HILLINGAR_TEST_FLAG"] = "flag three";
        (await project.Dotnet("build", "-p:HillingarBuildSandbox=off", "-p:HillingarBuildEnvironment=HILLINGAR_TEST_FLAG")).Succeeded();
        Assert.Contains("HILLINGAR_TEST_FLAG=flag three\n", await Said(), StringComparison.Ordinal);

        async Task<string> Said()
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(project["bin/Debug/unix/hello"]) { RedirectStandardOutput = true })!;
            return await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_value_that_a_property_cannot_have_is_told_with_those_that_it_can()
    {
        using var project = await TemplateProject.Make(sdk);
        Assert.Contains("It can be auto, required, off.", (await project.Dotnet("build", "-p:HillingarBuildSandbox=yes")).FailedWith("HIL6004").Output, StringComparison.Ordinal);
        Assert.Contains("HillingarBuildEnvironment has 'A=B'", (await project.Dotnet("build", "-p:HillingarBuildEnvironment=A=B")).FailedWith("HIL6004").Output, StringComparison.Ordinal);
    }

    // A log that MSBuild writes is read by the agent line by line, whatever the line is about.
    [Fact]
    public async Task What_a_rule_prints_commands_no_build_agent_and_tells_no_password()
    {
        using var project = await TemplateProject.Make(sdk);
        sdk.Variables["TF_BUILD"] = "True";
        sdk.Variables["GITHUB_ACTIONS"] = "true";
        var said = string.Concat(HostileText.Vectors.Select(vector => vector.Said + "\n"));
        var literal = string.Concat(Encoding.UTF8.GetBytes(said).Select(b => $"\\{b:000}"));
        project.Write("say.ml", $$"""
            let () =
              print_string "{{literal}}";
              if Array.length Sys.argv > 1 then exit 1;
              print_string "File \"main.ml\", line 1, characters 0-1:\nWarning 26: ##vso[task.x]y\n::set-output name=x::y\n";
              prerr_string "let text = \"\""

            """);
        Dune("");
        project.Write("main.ml", "let () = print_string Made.text\n");
        Harmless((await project.Dotnet("build", "-tl:off", "-v:detailed")).Succeeded(), "warning HIL5011: Warning 26: # #vso[task.x]y");
        Dune(" fail");
        Harmless((await project.Dotnet("build", "-tl:off", "-v:detailed")).FailedWith("HIL5010"), "# #vso[task.setvariable variable=PATH]/evil");
        Harmless((await project.Dotnet("build", "-tl:on")).FailedWith("HIL5010"), "HIL5010");

        void Dune(string arguments) => project.Write("dune",
            $"(executable (name say) (modules say))\n(rule (with-stderr-to made.ml (run ./say.exe{arguments})))\n(executable (name main) (modules main made))\n");

        static void Harmless(Ran ran, string told)
        {
            Assert.Contains(told, ran.Output, StringComparison.Ordinal);
            Assert.False(HostileText.Commands(ran.Output), ran.Output);
            Assert.DoesNotContain("tok3n", ran.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("\u202e", ran.Output, StringComparison.Ordinal);
        }
    }
}
