using System.Text.Json;

namespace Hillingar.Sdk.Tests;

/// <summary>Several mirage targets in one project: an inner build each, over dune contexts that stand in for the cross compilers.</summary>
public sealed class TargetTests(Sdk sdk)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("-m:8")]
    [InlineData("-graph")]
    public async Task Every_target_is_built_into_a_folder_of_its_own_and_a_second_build_does_nothing(string option)
    {
        using var project = await TemplateProject.Make(sdk);
        project.StandInFor("unix", "hvt", "spt");
        string[] build = option.Length > 0 ? ["build", option] : ["build"];
        (await project.Dotnet(build)).Succeeded();
        var images = new[] { "unix/hello", "hvt/hello.hvt", "spt/hello.spt" }.Select(image => project[$"bin/Debug/{image}"]).ToList();
        Assert.All(images, image => Assert.True(File.Exists(image), image));
        Assert.True(Directory.Exists(project["obj/hillingar/_build/spt"]));
        var times = images.Select(File.GetLastWriteTimeUtc).ToList();

        (await project.Dotnet(build)).Succeeded();
        Assert.Equal(times, images.Select(File.GetLastWriteTimeUtc));

        project.Edit("main.ml", text => text.Replace("Hello", "Good day", StringComparison.Ordinal));
        (await project.Dotnet([.. build, "--no-restore"])).Succeeded();
        Assert.All(images.Zip(times), pair => Assert.NotEqual(pair.Second, File.GetLastWriteTimeUtc(pair.First)));
    }

    [Fact]
    public async Task What_only_one_targets_build_depends_on_is_seen_although_the_project_asks_for_all()
    {
        using var project = await TemplateProject.Make(sdk);
        project.StandInFor("unix", "spt");
        project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<PropertyGroup><DuneProfile Condition=\"'$(MirageTarget)' == 'spt' And '$(Careful)' == 'true'\">dev</DuneProfile></PropertyGroup><ItemGroup>", StringComparison.Ordinal));
        (await project.Dotnet("build")).Succeeded();
        Assert.False(await Builds());
        Assert.True(await Builds("-p:Careful=true"));
        Assert.True(await Builds());
        Assert.False(await Builds());
        (await project.Dotnet("build", "--no-restore", "-p:MirageTarget=spt", "-p:DuneProfile=dev")).Succeeded();
        Assert.True(await Builds());
        Assert.False(await Builds());
        project.Write("../Directory.Build.targets", "<Project><PropertyGroup><DuneProfile>dev</DuneProfile></PropertyGroup></Project>");
        Assert.True(await Builds());
        File.Delete(project["../Directory.Build.targets"]);
        Assert.True(await Builds());
        File.Delete(project["bin/Debug/spt/hello.spt"]);
        Assert.True(await Builds());
        Assert.True(File.Exists(project["bin/Debug/spt/hello.spt"]));

        async Task<bool> Builds(params string[] options)
        {
            (await project.Dotnet(["build", "--no-restore", $"-bl:{project["../build.binlog"]}", .. options])).Succeeded();
            return new Binlog(project["../build.binlog"]).Tasks("BuildUnikernel") > 0;
        }
    }

    [Fact]
    public async Task One_target_is_picked_by_a_property_and_clean_removes_just_what_was_built()
    {
        using var project = await TemplateProject.Make(sdk);
        project.StandInFor("unix", "hvt");
        (await project.Dotnet("build", "-p:MirageTarget=hvt")).Succeeded();
        Assert.True(File.Exists(project["bin/Debug/hvt/hello.hvt"]));
        Assert.False(Directory.Exists(project["bin/Debug/unix"]));
        (await project.Dotnet("build")).Succeeded();

        (await project.Dotnet("clean", "-p:MirageTarget=hvt")).Succeeded();
        Assert.False(File.Exists(project["bin/Debug/hvt/hello.hvt"]));
        Assert.True(File.Exists(project["bin/Debug/unix/hello"]));
        var kept = project.Write("bin/Debug/unix/mine.txt", "");
        (await project.Dotnet("clean")).Succeeded();
        Assert.False(File.Exists(project["bin/Debug/unix/hello"]));
        Assert.False(Directory.Exists(project["obj/hillingar/_build"]));
        Assert.All([kept, project["hello.opam.locked"], project["main.ml"], project["obj/hillingar/duniverse/dune"]], file => Assert.True(File.Exists(file), file));

        (await project.Dotnet("build", "-t:Rebuild", "--no-restore")).Succeeded();
        Assert.True(File.Exists(project["bin/Debug/hvt/hello.hvt"]));
    }

    [Fact]
    public async Task Images_are_items_with_target_size_and_hash()
    {
        using var project = await TemplateProject.Make(sdk);
        project.StandInFor("unix", "spt");
        (await project.Dotnet("restore")).Succeeded();
        var ran = (await project.Dotnet("build", "--no-restore", "-t:Build", "-getItem:UnikernelImage")).Succeeded();
        using var json = JsonDocument.Parse(ran.Output);
        var items = json.RootElement.GetProperty("Items").GetProperty("UnikernelImage").EnumerateArray().ToList();
        Assert.Equal(["unix", "spt"], items.Select(item => item.GetProperty("MirageTarget").GetString()));
        foreach (var item in items)
        {
            var bytes = await File.ReadAllBytesAsync(item.GetProperty("FullPath").GetString()!, Cancellation);
            Assert.Equal(bytes.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), item.GetProperty("Size").GetString());
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), item.GetProperty("Sha256").GetString());
        }
    }

    [Fact]
    public async Task A_target_that_cannot_be_built_is_refused_before_anything_is_done()
    {
        using var project = await TemplateProject.Make(sdk);
        project.Edit("hello.csproj", text => text.Replace("unix", "spt", StringComparison.Ordinal));
        (await project.Dotnet("build")).FailedWith("HIL6012");
        Assert.False(File.Exists(project["hello.opam.locked"]));
        project.Edit("hello.csproj", text => text.Replace("spt", "unix", StringComparison.Ordinal));
        (await project.Dotnet("build", "-p:MirageTarget=spt")).FailedWith("HIL6005");
        project.Write("config.ml", "");
        (await project.Dotnet("build", "-p:MirageConfigure=sometimes")).FailedWith("HIL6004");
        project.Write("dune", "(executable (name main) (modules main))");
        (await project.Dotnet("build", "-p:MirageConfigure=none")).Succeeded();
    }
}
