using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>What beginners get wrong: each is told once, at its place, with what to do.</summary>
public sealed class MistakeTests(Sdk sdk)
{
    /// <summary>The mistakes: a line of properties, one of items, a change of a file, and what is told; nothing where it is none.</summary>
    public static TheoryData<string, string, string, string, string> Mistakes
    {
        get
        {
            var data = new TheoryData<string, string, string, string, string>();
            foreach (var row in File.ReadLines(Path.Combine(TestData.Root, "tests", "Hillingar.Sdk.Tests", "Mistakes", "mistakes.tsv")).Skip(1).Select(line => line.Split('\t')))
                data.Add(row[0], row[1], row[2], row[3], row[4]);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_one_message_at_its_place_that_says_what_to_do(string mistake, string property, string item, string change, string told)
    {
        Assert.NotEmpty(mistake);
        using var project = await MistakeProject.Make(sdk, property, item);
        project.Change(change);
        var built = await project.Build();
        if (told.Length == 0)
        {
            built.Ran.Succeeded();
            Assert.Equal((0, 0, 0), (built.Lines.Count, built.Errors, built.Warnings));
            return;
        }

        var (severity, code, place, words) = told.Split(' ', 4) is [var first, var second, var third, var rest] ? (first, second, third, rest) : throw new ArgumentException(told);
        Assert.True(built.Lines.Count == 1, built.Ran.Output);
        Assert.Equal((severity, code, place), (built.Lines[0].Severity, built.Lines[0].Code, built.Lines[0].Place));
        Assert.All(words.Split('|'), word => Assert.Contains(word, built.Lines[0].Text, StringComparison.Ordinal));
        Assert.Equal(severity == "warning", built.Ran.ExitCode == 0);
        // What MSBuild itself says of a project that it cannot load, it counts as it likes.
        if (code.StartsWith("HIL", StringComparison.Ordinal))
            Assert.Equal(severity == "warning" ? (0, 1) : (1, 0), (built.Errors, built.Warnings));
    }

    [Fact]
    public async Task A_warning_is_told_again_by_a_restore_that_has_nothing_to_do_at_the_same_place()
    {
        using var project = await MistakeProject.Make(sdk, "<MirageTragets>unix</MirageTragets>", "<OpamDependency Include=\"lwt\" Verson=\"5.6\" />");
        for (var times = 0; times < 2; times++)
        {
            var ran = Told.Of((await project.Dotnet("restore")).Succeeded());
            Assert.Equal([("HIL6020", "Hello.csproj(3,6)"), ("HIL6020", "Hello.csproj(9,6)")], ran.Lines.Select(line => (line.Code, line.Place)));
            Assert.Contains("MirageTargets?", ran.Lines[0].Text, StringComparison.Ordinal);
            Assert.Contains("Version?", ran.Lines[1].Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Warnings_of_OCaml_are_errors_where_the_project_treats_warnings_so_and_stay_errors_until_they_are_mended()
    {
        using var project = await MistakeProject.Make(sdk, "<TreatWarningsAsErrors>true</TreatWarningsAsErrors>");
        File.WriteAllText(project["main.ml"], "let f x = let y = 1 in x\nlet () = ignore (f 1)\n");
        for (var times = 0; times < 2; times++)
        {
            var built = await project.Build();
            Assert.Equal(("error", "HIL5011", "main.ml(1,15)"), Assert.Single(built.Lines) is var line ? (line.Severity, line.Code, line.Place) : default);
            Assert.Equal((1, 0), (built.Errors, built.Warnings));
        }

        Assert.Contains("warning HIL5011", (await project.Dotnet("build", "-p:WarningsNotAsErrors=HIL5011")).Succeeded().Output, StringComparison.Ordinal);
        File.WriteAllText(project["main.ml"], "let () = print_endline \"hi\"\n");
        (await project.Dotnet("build")).Succeeded();
    }

    [Fact]
    public async Task A_lock_left_over_after_a_rename_is_a_warning_that_says_what_to_rename_it_to()
    {
        using var project = await MistakeProject.Make(sdk, "<UnikernelName>other</UnikernelName>");
        var told = Told.Of((await project.Dotnet("restore")).Succeeded());
        Assert.Equal(("HIL6024", "Hello.opam.locked"), Assert.Single(told.Lines) is var line ? (line.Code, line.Place) : default);
        Assert.Contains("rename it to other.opam.locked", told.Lines[0].Text, StringComparison.Ordinal);
        File.Move(project["Hello.opam.locked"], project["other.opam.locked"], overwrite: true);
        Assert.Empty(Told.Of((await project.Dotnet("restore")).Succeeded()).Lines);
    }

    [Fact]
    public async Task Where_no_system_packages_are_needed_the_list_says_none()
    {
        using var project = await MistakeProject.Make(sdk);
        Assert.Contains("none: ", (await project.Dotnet("msbuild", "-t:HillingarListSystemPackages")).Succeeded().Output, StringComparison.Ordinal);
    }
}
