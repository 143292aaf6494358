using System.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>A stand-in for a Solo5 image: an ELF file of the machine's own C compiler, with the notes that Solo5's headers declare (<c>elf_abi.h</c>, <c>mft_abi.h</c>).</summary>
static class Solo5Image
{
    const string Source = """
        #include <stdint.h>
        struct entry { char name[68]; uint32_t type; uint64_t u[2]; uint64_t b; uint8_t attached; };
        struct __attribute__((aligned(8))) mft { uint32_t version, entries; struct entry e[4]; };
        struct abi { uint32_t namesz, descsz, type; char name[8]; uint32_t target, version, reserved[2]; };
        struct manifest { uint32_t namesz, descsz, type; char name[8]; struct mft m; };
        const struct abi abi __attribute__((section(".note.solo5.abi"), aligned(4))) = { 6, 16, 0x31494241, "Solo5", ABI, 2 };
        const struct manifest manifest __attribute__((section(".note.solo5.manifest"), aligned(8))) =
          { 6, sizeof(struct manifest) - 20, 0x3154464d, "Solo5", { 1, 4, { { "", 1u << 30 }, { "service", 2 }, { "storage", 1 }, { "backup", 2 } } } };
        char heap[100000] = { 1 };
        void _start(void) { heap[1] = 2; for (;;); }
        """;

    /// <summary>Makes one.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="abi">The number of its ABI target: 1 for hvt, 2 for spt, 3 for virtio.</param>
    public static string Write(TestFolder folder, string name, int abi)
    {
        var path = folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var source = folder.Write(name + ".c", Source);
        using var compiler = Process.Start(new ProcessStartInfo("gcc", ["-static", "-nostdlib", "-ffreestanding", "-Wl,--build-id=none", $"-DABI={abi}", "-o", path, source]))!;
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        File.Delete(source);
        return path;
    }
}
