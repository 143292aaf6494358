using Hillingar.Tests;

namespace Hillingar.Sdk.Tests;

/// <summary>dotnet run with tenders that stand in for solo5's and qemu: each tells what it was called with. They open no interface, so the one that every machine has will do.</summary>
public sealed class RunTests(Sdk sdk) : IAsyncLifetime
{
    TemplateProject _project = null!;

    public async ValueTask InitializeAsync()
    {
        _project = await TemplateProject.Make(sdk);
        _project.StandInFor("unix", "hvt", "spt", "virtio", "xen");
        _project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><UnikernelNet Include=\"service\" Tap=\"lo\" /><UnikernelBlock Include=\"data\" File=\"a 'disk.img\" />", StringComparison.Ordinal));
        _project.Edit("main.ml", _ => "let () = Array.iter (Printf.printf \"<%s>\") (Array.sub Sys.argv 1 (Array.length Sys.argv - 1)); print_newline ()\n");
        _project.Write("a 'disk.img", "");
        var (entries, devices) = Solo5NotesInC.Of([("service", 2), ("data", 1)]);
        _project.Write("notes.c", $"enum {{ default_abi = 0, hvt_abi = 1, spt_abi = 2, virtio_abi = 3, xen_abi = 6 }};\n#define ENTRIES {entries}\n#define DEVICES {devices}\n{Solo5NotesInC.Text}");
        _project.Edit("dune", text => text.Replace("(name main)", "(name main) (foreign_stubs (language c) (names notes) (flags -DABI=%{context_name}_abi))", StringComparison.Ordinal));
        (await _project.Dotnet("build")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        _project.Dispose();
        return ValueTask.CompletedTask;
    }

    string Tender(string name, string ending = "")
    {
        var path = _project.Write("../tenders/" + name, "#!/bin/sh\nfor word in \"$@\"; do printf '<%s>' \"$word\"; done\necho\n" + ending);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    async Task<string> Run(string target, params string[] properties) =>
        (await _project.Dotnet(["run", "--no-build", $"-p:MirageTarget={target}", .. properties, "--", "--ipv4=10.0.0.2/24", "two words"])).Output.Replace(_project.Folder, "", StringComparison.Ordinal);

    [Fact]
    public async Task Arguments_reach_the_unikernel_through_its_tender_with_the_devices_of_the_project()
    {
        var solo5 = Tender("tender");
        Assert.Contains("<--ipv4=10.0.0.2/24><two words>", (await _project.Dotnet("run", "--no-build", "--", "--ipv4=10.0.0.2/24", "two words")).Succeeded().Output, StringComparison.Ordinal);
        foreach (var target in new[] { "spt", "hvt" })
            Assert.Contains($"<--mem=64><--net:service=lo><--block:data=/a 'disk.img><--></bin/Debug/{target}/hello.{target}><--ipv4=10.0.0.2/24><two words>",
                await Run(target, $"-p:UnikernelTender={solo5}", "-p:UnikernelMemory=64"), StringComparison.Ordinal);
        var qemu = await Run("virtio", $"-p:UnikernelTender={solo5}");
        Assert.Contains("<-m><512>", qemu, StringComparison.Ordinal);
        Assert.Contains("<tap,id=n0,ifname=lo,script=no,downscript=no><-device><virtio-net,netdev=n0><-drive><id=b1,file=/a 'disk.img,if=none,format=raw><-device><virtio-blk,drive=b1><-kernel></bin/Debug/virtio/hello.virtio><-append><--ipv4=10.0.0.2/24 two words>", qemu, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_started_is_told()
    {
        Assert.Contains("HIL5052: no-such-tender", await Run("spt", "-p:UnikernelTender=no-such-tender"), StringComparison.Ordinal);
        Assert.Contains("HIL5050", await Run("xen"), StringComparison.Ordinal);
        Assert.Contains("HIL5053", await Run("virtio", $"-p:UnikernelTender=true", $"-p:UnikernelFileName=../spt/hello.spt"), StringComparison.Ordinal);
        _project.Edit("hello.csproj", text => text.Replace("Tap=\"lo\"", "Tap=\"hilno0\" Address=\"10.9.8.7/24\"", StringComparison.Ordinal));
        var missing = await Run("spt", "-p:UnikernelTender=true");
        Assert.Contains("HIL5055", missing, StringComparison.Ordinal);
        Assert.Contains("sudo ip addr add 10.9.8.7/24 dev hilno0", missing, StringComparison.Ordinal);
        _project.Edit("hello.csproj", text => text.Replace("Tap=\"hilno0\" Address=\"10.9.8.7/24\"", "Tap=\"lo\"", StringComparison.Ordinal));
        _project.Edit("hello.csproj", text => text.Replace("Include=\"service\"", "Include=\"ser;vice\"", StringComparison.Ordinal).Replace("Tap=\"lo\"", "", StringComparison.Ordinal));
        Assert.Contains("HIL5051", await Run("spt", "-p:UnikernelTender=true"), StringComparison.Ordinal);
        _project.StandInFor("hvt", "spt");
        Assert.Contains("HIL6007", (await _project.Dotnet("run", "--no-build")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupting_the_run_stops_the_tender()
    {
        var started = Path.Combine(_project.Solution, "started");
        var tender = Tender("waiting", $"echo $$ > '{started}.new'; mv '{started}.new' '{started}'; exec sleep 600\n");
        // Who runs the tests in the background of a shell has them ignore the signal.
        using var process = sdk.Start("env", ["--default-signal=INT", "setsid", "--wait", "dotnet", "run", "--no-build", "-p:MirageTarget=spt", $"-p:UnikernelTender={tender}"], _project.Folder);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        for (var tries = 0; !File.Exists(started) && tries < 6000; tries++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        var sleeping = int.Parse(await File.ReadAllTextAsync(started, TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
        // What a terminal does on Ctrl+C: the signal goes to the whole group.
        var group = (await File.ReadAllTextAsync($"/proc/{sleeping}/stat", TestContext.Current.CancellationToken)).Split(") ")[1].Split(' ')[2];
        using (var kill = System.Diagnostics.Process.Start("kill", ["-INT", "--", "-" + group]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists($"/proc/{sleeping}"));
        await output;
    }
}
