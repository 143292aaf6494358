namespace Hillingar.Sdk.Tests;

/// <summary>The tests of a unikernel's OCaml sources, by a real <c>dotnet test</c>.</summary>
public sealed class DotnetTestTests(Sdk sdk) : IAsyncLifetime
{
    TemplateProject _unikernel = null!;

    public async ValueTask InitializeAsync()
    {
        _unikernel = await TemplateProject.Make(sdk);
        _unikernel.WriteTests("adds fails");
    }

    public ValueTask DisposeAsync()
    {
        _unikernel.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_test_of_dune_has_a_result_and_a_failure_is_an_error_at_its_line()
    {
        var passed = (await _unikernel.Dotnet("test")).Succeeded();
        Assert.Contains("Passed test/adds", passed.Output, StringComparison.Ordinal);
        Assert.Contains("Passed! - Failed: 0, Passed: 2, Skipped: 0, Total: 2 - hello", passed.Output, StringComparison.Ordinal);

        _unikernel.Write("test/fails.ml", "let () =\n  assert (1 + 1 = 3)\n");
        var failed = await _unikernel.Dotnet("test", "--no-build");
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains($"{_unikernel["test/fails.ml"]}(2,3): error HIL5016: The test test/fails failed.", failed.Output, StringComparison.Ordinal);
        Assert.Contains("Failed! - Failed: 1, Passed: 1, Skipped: 0, Total: 2 - hello", failed.Output, StringComparison.Ordinal);

        // What does not compile is told at its place, and its test did not run.
        _unikernel.Write("test/fails.ml", "let () = 1\n");
        failed = await _unikernel.Dotnet("test", "--no-build");
        Assert.Contains($"{_unikernel["test/fails.ml"]}(1,10): error HIL5010", failed.Output, StringComparison.Ordinal);
        Assert.Contains("The test test/fails failed. It did not run", failed.Output, StringComparison.Ordinal);

        // Without the property there are no tests, and dotnet test has nothing to say.
        _unikernel.Edit("hello.csproj", text => text.Replace("<HillingarTests>true</HillingarTests>", "", StringComparison.Ordinal));
        Assert.DoesNotContain("HIL50", (await _unikernel.Dotnet("test", "--no-build", "--no-restore")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_solution_is_tested_beside_a_test_project_of_CSharp()
    {
        // It has no tests: what counts is that the .NET SDK's own target ran for it.
        _unikernel.Write("../unit/unit.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <Target Name="Tell" AfterTargets="VSTest"><Message Importance="high" Text="unit was tested" /></Target>
            </Project>
            """);
        (await _unikernel.InSolution("new", "sln", "-n", "all", "--format", "slnx")).Succeeded();
        (await _unikernel.InSolution("sln", "all.slnx", "add", "hello/hello.csproj", "unit/unit.csproj")).Succeeded();
        var ran = (await _unikernel.InSolution("test", "all.slnx")).Succeeded();
        Assert.Contains("unit was tested", ran.Output, StringComparison.Ordinal);
        Assert.Contains("Passed! - Failed: 0, Passed: 2, Skipped: 0, Total: 2 - hello", ran.Output, StringComparison.Ordinal);
    }
}
