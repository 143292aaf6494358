using System.Buffers.Binary;
using Hillingar.Build.Files;
using Hillingar.Build.Images;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class UnikernelImageTests(SmallUnikernel built) : IClassFixture<SmallUnikernel>, IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static HillingarException Refused(string path) => Assert.Throws<HillingarException>(() => UnikernelImage.Read(path));

    [Fact]
    public void A_program_of_ocaml_tells_its_size_by_library_and_the_parts_make_up_the_whole()
    {
        var image = UnikernelImage.Read(built.Image, ImageLibraries.Read(built.BuildFolder, TestContext.Current.CancellationToken));
        Assert.Equal((64, "System V"), (image.Bits, image.OsAbi));
        Assert.Equal(Platform.Host.Environment.Variables["arch"].ToString(), image.Machine);
        Assert.Null(image.Abi);
        Assert.Equal(Hashes.OfFile(built.Image, [ChecksumKind.Sha256])[0].Hex, image.Sha256);
        Assert.Equal(image.LoadedSize, image.Libraries.Sum(library => library.Size));
        long Size(string library) => image.Libraries.Single(item => item.Library == library).Size;
        // Its C stubs have an array of 64 KiB; the standard library is larger than two lines of ours.
        Assert.InRange(Size("greet"), 65536, 75000);
        Assert.InRange(Size("tiny"), 1, 5000);
        // The array, up to what follows it.
        Assert.Contains(image.Symbols, symbol => symbol is { Symbol: "big", Library: "greet", Size: >= 65536 and < 70000 });
        Assert.Equal(image.Symbols.OrderByDescending(symbol => symbol.Size).Select(symbol => symbol.Size), image.Symbols.Select(symbol => symbol.Size));
        Assert.InRange(image.Symbols.Count, 50, 100);
        Assert.InRange(Size("(project)"), 1, 10000);
        Assert.InRange(Size("ocaml"), 100_000, image.LoadedSize);
    }

    [Fact]
    public void Without_the_build_names_still_tell_ocaml_from_the_project()
    {
        var image = UnikernelImage.Read(built.Image);
        Assert.Equal(image.LoadedSize, image.Libraries.Sum(library => library.Size));
        Assert.Superset(new HashSet<string> { "ocaml", "(project)", "(C)", "(ELF)" }, image.Libraries.Select(library => library.Library).ToHashSet());
    }

    [Theory]
    [InlineData(1, "hvt")]
    [InlineData(2, "spt")]
    [InlineData(3, "virtio")]
    [InlineData(9, "abi-9")]
    public void Solo5s_notes_tell_the_target_and_the_devices(int abi, string target)
    {
        var image = UnikernelImage.Read(Solo5Image.Write(_folder, "image", abi));
        Assert.Equal(new Solo5Abi(target, 2), image.Abi);
        Assert.Equal([new(DeviceKind.Network, "service"), new(DeviceKind.Block, "storage"), new(DeviceKind.Network, "backup")], image.Devices);
        Assert.Contains(image.Segments, segment => segment.Access == "rw-" && segment.Size >= 100_000);
    }

    [Fact]
    public void A_builds_facts_of_an_image_hold_Solo5s_target_and_version()
    {
        var path = Solo5Image.Write(_folder, "image", 2);
        Assert.Equal($"Image={path}\nMirageTarget=spt\nSize={new FileInfo(path).Length}\nSha256={Hashes.OfFile(path, [ChecksumKind.Sha256])[0].Hex}\nAbi=spt.2\nBuildFolder=/b\n", ImageFacts.Of("spt", path, "/b"));
        Assert.Contains("\nAbi=\n", ImageFacts.Of("unix", built.Image, ""), StringComparison.Ordinal);
        Assert.Contains("\nAbi=\n", ImageFacts.Of("macosx", _folder.Write("text", "no ELF file"), ""), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_image_is_refused()
    {
        Assert.Equal("HIL5030", Refused(_folder["missing"]).Diagnostic.Code);
        Assert.Equal("HIL5030", Refused(_folder.Write("text", "#!/bin/sh\n")).Diagnostic.Code);
        Assert.Equal("HIL5030", Refused(_folder.Write("empty", "")).Diagnostic.Code);
        var big = File.ReadAllBytes(Solo5Image.Write(_folder, "image", 1));
        big[5] = 2;
        File.WriteAllBytes(_folder["big-endian"], big);
        Assert.Equal("HIL5030", Refused(_folder["big-endian"]).Diagnostic.Code);
    }

    [Fact]
    public void A_damaged_image_is_refused_with_file_and_offset()
    {
        var bytes = File.ReadAllBytes(Solo5Image.Write(_folder, "image", 1));
        // The program headers' offset, behind the end.
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), ulong.MaxValue - 7);
        File.WriteAllBytes(_folder["damaged"], bytes);
        var refused = Refused(_folder["damaged"]).Diagnostic;
        Assert.Equal(("HIL5031", _folder["damaged"]), (refused.Code, refused.Place?.File));
        Assert.Contains("at offset 18446744073709551608", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("service", "../../et")]
    [InlineData("service", "a;reboot")]
    [InlineData("storage", "service")]
    [InlineData("backup", "")]
    public void A_device_that_Solo5_would_not_take_is_refused(string device, string instead)
    {
        var bytes = File.ReadAllBytes(Solo5Image.Write(_folder, "image", 1));
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(device + "\0"));
        bytes.AsSpan(at, device.Length + 1).Clear();
        System.Text.Encoding.ASCII.GetBytes(instead, bytes.AsSpan(at));
        File.WriteAllBytes(_folder["renamed"], bytes);
        Assert.Equal("HIL5032", Refused(_folder["renamed"]).Diagnostic.Code);
    }

    [Fact]
    public void Whatever_is_cut_off_or_overwritten_the_answer_is_an_image_or_an_error()
    {
        var whole = File.ReadAllBytes(Solo5Image.Write(_folder, "image", 1));
        var random = new Random(5);
        var (read, refused) = (0, 0);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = whole[..(round % 4 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (var change = random.Next(1, 6); change > 0 && bytes.Length > 4; change--)
                // Mostly headers, tables and notes; the heap says nothing.
                bytes[random.Next(2) == 0 ? random.Next(4, Math.Min(bytes.Length, 800)) : random.Next(4, bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_folder["fuzzed"], bytes);
            try
            {
                var image = UnikernelImage.Read(_folder["fuzzed"]);
                Assert.InRange(image.Libraries.Sum(library => library.Size), 0, image.LoadedSize);
                read++;
            }
            catch (HillingarException exception)
            {
                Assert.StartsWith("HIL503", exception.Diagnostic.Code, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.True(read > 50 && refused > 50, $"{read} read, {refused} refused");
    }
}
