using System.Text.Json;
using Hillingar.Build.Images;
using Hillingar.Build.Processes;
using Hillingar.Build.Publishing;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Names and values that mean something to a shell, to Markdown or to an agent, in what is published.</summary>
public sealed class HostilePublicationTests(SmallUnikernel built) : IClassFixture<SmallUnikernel>, IDisposable
{
    // Each would make a file named "ran" if a shell read it, wherever it were put.
    const string Evil = "a'b\"c $(touch ran) `touch ran` ;touch ran; ${HOME} \\ * ? [x] & | > ran #";

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The folder that it is published to is the user's to name, too.
    string Destination => _folder["out $(touch ran) 'x'"];

    Task<PublishedUnikernel> Publish(Func<UnikernelPublication, UnikernelPublication> change) => UnikernelPublisher.Publish(change(built.Publication(Destination)), Cancellation);

    Task<ProcessResult> Run(IReadOnlyList<string> arguments, params (string Name, string Value)[] environment) => ProcessRunner.Run(new Command(Path.Combine(Destination, "run.sh"), arguments, _folder.Path,
        environment.Append(("PATH", $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}")).ToDictionary(pair => pair.Item1, pair => (string?)pair.Item2)), Cancellation);

    void NothingRan() => Assert.Empty(Directory.EnumerateFiles(_folder.Path, "ran", SearchOption.AllDirectories));

    [Theory]
    [InlineData("spt", 2, "solo5-spt")]
    [InlineData("hvt", 1, "solo5-hvt")]
    [InlineData("virtio", 3, "qemu-system-x86_64")]
    public async Task A_run_script_takes_every_name_and_value_for_itself(string target, int abi, string tender)
    {
        _folder.Program($"bin/{tender}", "for word in \"$@\"; do printf '<%s>\\n' \"$word\"; done\n");
        var image = _folder["$(touch ran) `touch ran` ;x & y"];
        File.Move(Solo5Image.Write(_folder, $"image.{target}", abi), image);
        string[] fixedWords = [Evil, "-e", "two\nlines", ""], words = ["--", Evil, "*", "'"];
        await Publish(it => it with
        {
            Name = Evil,
            Images = [new(target, image)],
            Devices = [new(DeviceKind.Network, "service", Evil), new(DeviceKind.Block, "storage", "/a,b" + Evil)],
            Arguments = fixedWords,
            Memory = 64,
        });
        var ran = await Run(words, ("UNIKERNEL_NET_BACKUP", "tap$(touch ran),x"), ("UNIKERNEL_ACCEL", "tcg,$(touch ran)"));
        Assert.Equal("", ran.Error);
        var file = Path.Combine(Destination, target, Path.GetFileName(image));
        string Words(IEnumerable<string> all) => string.Concat(all.Select(word => $"<{word}>\n"));
        if (target == "virtio")
        {
            Assert.Contains(Words(["-kernel", file, "-append", string.Join(' ', [.. fixedWords, .. words])]), ran.Output, StringComparison.Ordinal);
            Assert.Contains($"<tap,id=n0,ifname={Evil},script=no,downscript=no>\n", ran.Output, StringComparison.Ordinal);
            Assert.Contains($"<id=b1,file=/a,,b{Evil},if=none,format=raw>\n", ran.Output, StringComparison.Ordinal);
            Assert.Contains("<tap,id=n2,ifname=tap$(touch ran),,x,script=no,downscript=no>\n", ran.Output, StringComparison.Ordinal);
        }
        else
            Assert.Equal(Words(["--mem=64", $"--net:service={Evil}", $"--block:storage=/a,b{Evil}", "--net:backup=tap$(touch ran),x", "--", file, .. fixedWords, .. words]), ran.Output);
        NothingRan();
    }

    [Theory]
    [InlineData("it's")]
    [InlineData("-x")]
    [InlineData("a\nb")]
    public async Task A_name_of_an_image_that_ends_a_quotation_a_line_or_begins_an_option_is_refused(string name) =>
        Assert.Equal("HIL5040", (await Assert.ThrowsAsync<HillingarException>(() => Publish(it => it with { Images = [new("unix", _folder.Write(name, "x"))] }))).Diagnostic.Code);

    [Theory]
    [InlineData("x) touch ran ;; y")]
    [InlineData("unix) touch ran")]
    [InlineData("$(touch ran)")]
    [InlineData("../../bin/sh")]
    [InlineData("*")]
    public async Task A_target_that_the_caller_asks_for_is_one_of_the_script_s_or_none(string asked)
    {
        await Publish(it => it);
        var ran = await Run(["you"], ("UNIKERNEL_TARGET", asked));
        Assert.Equal((64, $"run.sh: there is no target '{asked}' here\n"), (ran.ExitCode, ran.Error));
        NothingRan();
    }

    [Fact]
    public async Task What_packages_state_is_no_markup_of_the_list_of_licences_and_whole_in_the_bill_of_materials()
    {
        string[] stated = ["<script>alert(1)</script>", "a|b\n\n## [free](javascript:alert(1)) ![x](http://evil/x.png)", "##vso[task.setvariable variable=PATH]/evil", "\u001b[2J\u202egnp", "`x` @team \\"];
        _folder.Write("repository/packages/greet/greet.1.0/opam", $"opam-version: \"2.0\"\nlicense: [{string.Join(' ', stated.Select(text => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal)}\""))}]\n");
        // A lock that somebody else wrote.
        var locked = _folder.Write("hello.opam.locked", System.Text.RegularExpressions.Regex.Replace(await File.ReadAllTextAsync(built.LockPath, Cancellation), "\"file://[^\"]*greet-1.0.tar.gz\"", "\"https://me:tok3n@host/greet.tgz?token=tok3n\""));
        await Publish(it => it with { Repositories = [new FolderRepository(_folder["repository"])], LockFile = locked });

        var bill = await File.ReadAllTextAsync(Path.Combine(Destination, "sbom.cdx.json"), Cancellation);
        Assert.DoesNotContain("tok3n", bill, StringComparison.Ordinal);
        var greet = JsonDocument.Parse(bill).RootElement.GetProperty("components").EnumerateArray().Single(item => item.GetProperty("name").GetString() == "greet");
        Assert.Equal(stated.Select(text => text.Trim()), greet.GetProperty("licenses").EnumerateArray().Select(item => item.GetProperty("license").GetProperty("name").GetString()));

        var list = await File.ReadAllTextAsync(Path.Combine(Destination, "LICENSES", "README.md"), Cancellation);
        var rows = list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('|')).ToList();
        Assert.Equal(6, rows.Count);
        Assert.Equal(8, list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.False(HostileText.Commands(list), list);
        Assert.DoesNotContain(list, c => char.IsControl(c) && c != '\n' || c == '\u202e');
        Assert.DoesNotMatch(@"(?<!\\)[<>\[\]!@`]", rows.Single(row => row.StartsWith("| greet.1.0 |", StringComparison.Ordinal)));
    }
}
