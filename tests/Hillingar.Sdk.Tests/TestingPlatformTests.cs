namespace Hillingar.Sdk.Tests;

/// <summary>The tests of a unikernel's OCaml sources, by a real <c>dotnet test</c> in its Microsoft.Testing.Platform mode.</summary>
public sealed class TestingPlatformTests(Sdk sdk) : IAsyncLifetime
{
    TemplateProject _unikernel = null!;

    public async ValueTask InitializeAsync()
    {
        _unikernel = await TemplateProject.Make(sdk);
        _unikernel.Write("../global.json", """{ "test": { "runner": "Microsoft.Testing.Platform" } }""");
        _unikernel.WriteTests("adds fails cases");
        // What alcotest prints; the library itself is none of the samples'.
        _unikernel.Write("test/cases.ml", "let () =\n  print_endline \"  [OK]          strings          0   trims blanks.\";\n  print_endline \"  [SKIP]        strings          1   knows Unicode.\"\n");
    }

    public ValueTask DisposeAsync()
    {
        _unikernel.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_test_of_dune_is_a_node_and_a_failure_names_its_line()
    {
        var passed = (await _unikernel.Dotnet("test", "--output", "Detailed", "--no-ansi")).Succeeded();
        Assert.Contains("passed test/adds", passed.Output, StringComparison.Ordinal);
        Assert.Contains("passed test/cases: strings trims blanks", passed.Output, StringComparison.Ordinal);
        Assert.Contains("skipped test/cases: strings knows Unicode", passed.Output, StringComparison.Ordinal);
        Assert.Matches(@"total: 4\s+failed: 0\s+succeeded: 3\s+skipped: 1", passed.Output);

        // What is asked for is what 'dotnet run' starts, too: it still starts the program.
        Assert.DoesNotContain("HIL", (await _unikernel.Dotnet("run", "--no-build")).Succeeded().Output, StringComparison.Ordinal);

        _unikernel.Write("test/fails.ml", "let () =\n  assert (1 + 1 = 3)\n");
        var failed = await _unikernel.Dotnet("test", "--no-build", "--no-restore", "--no-ansi");
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("HIL5016: The test test/fails failed.", failed.Output, StringComparison.Ordinal);
        Assert.Contains($"{_unikernel["test/fails.ml"]}:2", failed.Output, StringComparison.Ordinal);
        Assert.Matches(@"total: 4\s+failed: 1\s+succeeded: 2\s+skipped: 1", failed.Output);

        // What does not compile is told beside the tests that did not run.
        _unikernel.Write("test/fails.ml", "let () = 1\n");
        failed = await _unikernel.Dotnet("test", "--no-build", "--no-restore", "--no-ansi");
        Assert.Contains("HIL5010: ", failed.Output, StringComparison.Ordinal);
        Assert.Contains($"{_unikernel["test/fails.ml"]}:1", failed.Output, StringComparison.Ordinal);
        Assert.Contains("It did not run", failed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_solution_is_tested_beside_a_test_project_of_CSharp_and_with_several_targets()
    {
        _unikernel.StandInFor("unix", "spt");
        _unikernel.Write("../unit/unit.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><ImplicitUsings>enable</ImplicitUsings><IsTestingPlatformApplication>true</IsTestingPlatformApplication></PropertyGroup>
              <ItemGroup><Reference Include="{Path.Combine(AppContext.BaseDirectory, "Microsoft.Testing.Platform.dll")}" /></ItemGroup>
            </Project>
            """);
        _unikernel.Write("../unit/Program.cs", """
            using Microsoft.Testing.Platform.Builder;
            using Microsoft.Testing.Platform.Capabilities.TestFramework;
            using Microsoft.Testing.Platform.Extensions.Messages;
            using Microsoft.Testing.Platform.Extensions.TestFramework;
            using Microsoft.Testing.Platform.Requests;

            var builder = await TestApplication.CreateBuilderAsync(args);
            builder.RegisterTestFramework(_ => new TestFrameworkCapabilities(), (_, _) => new One());
            using var application = await builder.BuildAsync();
            return await application.RunAsync();

            sealed class One : ITestFramework, IDataProducer
            {
                public string Uid => "One";
                public string Version => "1";
                public string DisplayName => "One";
                public string Description => "One test";
                public Type[] DataTypesProduced => [typeof(TestNodeUpdateMessage)];
                public Task<bool> IsEnabledAsync() => Task.FromResult(true);
                public Task<CreateTestSessionResult> CreateTestSessionAsync(CreateTestSessionContext context) => Task.FromResult(new CreateTestSessionResult { IsSuccess = true });
                public Task<CloseTestSessionResult> CloseTestSessionAsync(CloseTestSessionContext context) => Task.FromResult(new CloseTestSessionResult { IsSuccess = true });
                public async Task ExecuteRequestAsync(ExecuteRequestContext context)
                {
                    await context.MessageBus.PublishAsync(this, new TestNodeUpdateMessage(context.Request.Session.SessionUid,
                        new TestNode { Uid = "one", DisplayName = "unit of C#", Properties = new PropertyBag(PassedTestNodeStateProperty.CachedInstance) }));
                    context.Complete();
                }
            }
            """);
        (await _unikernel.InSolution("new", "sln", "-n", "all", "--format", "slnx")).Succeeded();
        (await _unikernel.InSolution("sln", "all.slnx", "add", "hello/hello.csproj", "unit/unit.csproj")).Succeeded();
        var ran = (await _unikernel.InSolution("test", "--solution", "all.slnx", "--output", "Detailed", "--no-ansi")).Succeeded();
        Assert.Contains("passed unit of C#", ran.Output, StringComparison.Ordinal);
        Assert.Contains("passed test/adds", ran.Output, StringComparison.Ordinal);
        Assert.Matches(@"total: 5\s+failed: 0\s+succeeded: 4\s+skipped: 1", ran.Output);
    }
}
