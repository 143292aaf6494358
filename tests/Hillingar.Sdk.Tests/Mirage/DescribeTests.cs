using static Hillingar.Sdk.Tests.MirageProject;

namespace Hillingar.Sdk.Tests;

/// <summary>What mirage knows of a unikernel, shown.</summary>
public sealed class DescribeTests(Sdk sdk)
{
    [Fact]
    public async Task Keys_devices_packages_and_arguments_are_told_for_each_target()
    {
        using var project = new MirageProject(sdk, "unix;spt", """<MirageKey Include="greeting" Value="Good day" MirageTarget="spt" />""");
        project.Write("config.ml", """
            let main = main ~packages:[
              package "stringext"
            ] ~runtime_args:[ runtime_arg ~pos:__POS__ "Unikernel.hello" ] "Unikernel" (network @-> job)
            let () = register "greeter" [ main $ netif "service" ]
            """);
        project.Write("unikernel.ml", """
            let info ~doc names = (doc, names)
            let hello =
              info ~doc:"Whom [it] greets." [ "hello"; "g" ]
            let name () = String.concat "-" (Stringext.split ~on:' ' "big world")
            """ + "\n");
        (await project.Dotnet("msbuild", "-t:HillingarDescribe")).FailedWith("HIL6001");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/unix/hello"]));

        var told = (await project.Dotnet("msbuild", "-t:HillingarDescribe", "-nologo")).Succeeded().Output;
        foreach (var line in new[] { "Target: unix", "Target: spt", "greeting=Hello (default)", "greeting=Good day", "target=spt", "service (network)", "\"stringext\" {?monorepo}", "--hello, -g" })
            Assert.Contains(line, told, StringComparison.Ordinal);
        var unix = (await project.Dotnet("msbuild", "-t:HillingarDescribe", "-p:MirageTarget=unix", "-getItem:MirageDescription")).Succeeded().Output;
        Assert.Contains("\"Identity\": \"Unikernel.hello\"", unix, StringComparison.Ordinal);
        // A program has this machine's own network.
        Assert.DoesNotContain("\"MirageTarget\": \"spt\"", unix, StringComparison.Ordinal);
        Assert.DoesNotContain("\"service\"", unix, StringComparison.Ordinal);

        // What changed is configured again.
        project.Edit("config.ml", "netif \"service\"", "netif \"other\"");
        (await project.Dotnet("restore")).Succeeded();
        Assert.Contains("other (network)", (await project.Dotnet("msbuild", "-t:HillingarDescribe", "-p:MirageTarget=spt")).Succeeded().Output, StringComparison.Ordinal);

        project.Edit("hello.csproj", "<MirageTargets>", "<MirageConfigure>none</MirageConfigure><MirageTargets>");
        (await project.Dotnet("msbuild", "-t:HillingarDescribe")).FailedWith("HIL5077");
    }
}
