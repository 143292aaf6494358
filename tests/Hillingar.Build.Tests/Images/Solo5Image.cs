using System.Diagnostics;
using System.Runtime.InteropServices;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Stand-ins for Solo5 images: ELF files of the machine's own C compiler, with Solo5's notes.</summary>
static class Solo5Image
{
    const string Idle = """
        char heap[100000] = { 1 };
        void _start(void) { heap[1] = 2; for (;;); }
        """;

    // Booted by multiboot 1, as Solo5's own are; port 0x3f8 is the serial line, 0x501 qemu's isa-debug-exit, which Solo5 writes 41 to.
    const string Serial = """
        const uint32_t multiboot[] __attribute__((section(".multiboot"), aligned(4))) = { 0x1BADB002, 0, -0x1BADB002 };
        char stack[4096];
        static void put(const char *s) { for (; *s; s++) __asm__ volatile("outb %0, %1" : : "a"(*s), "Nd"((uint16_t)0x3f8)); }
        static int ends(const char *s) { for (; *s; s++) if (s[0] == 'h' && s[1] == 'a' && s[2] == 'l' && s[3] == 't') return 1; return 0; }
        void begin(uint32_t *info) {
          put("told: "); put((const char *)info[4]); put("\n");
          if (ends((const char *)info[4])) __asm__ volatile("outw %0, %1" : : "a"((uint16_t)41), "Nd"((uint16_t)0x501));
          for (;;) __asm__ volatile("hlt");
        }
        __attribute__((naked)) void _start(void) { __asm__ volatile("mov $stack+4096, %esp; push %ebx; call begin"); }
        """;

    /// <summary>Makes one with three devices: the networks <c>service</c> and <c>backup</c>, and the block device <c>storage</c> between them. It does nothing.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="abi">The number of its ABI target: 1 for hvt, 2 for spt, 3 for virtio.</param>
    public static string Write(TestFolder folder, string name, int abi) =>
        Compile(folder, name, Solo5NotesInC.Text + Idle, abi, [("service", 2), ("storage", 1), ("backup", 2)], []);

    /// <summary>Makes one for virtio that qemu boots: it writes what it is told to the serial line, ends where that holds <c>halt</c>, and waits for ever where not.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="networks">Its networks.</param>
    public static string Kernel(TestFolder folder, string name, params IEnumerable<string> networks)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "needs a C compiler for x86");
        return Compile(folder, name, Solo5NotesInC.Text + Serial, 3, networks.Select(network => (network, 2)),
            ["-m32", "-O1", "-fno-pic", "-fno-stack-protector", "-fcf-protection=none", "-fno-asynchronous-unwind-tables", "-Wl,-Ttext-segment=0x100000,-z,noseparate-code"]);
    }

    static string Compile(TestFolder folder, string name, string text, int abi, IEnumerable<(string Name, int Type)> devices, IEnumerable<string> flags)
    {
        var path = folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var source = folder.Write(name + ".c", text);
        var (entries, list) = Solo5NotesInC.Of(devices);
        using var compiler = Process.Start(new ProcessStartInfo("gcc",
            ["-static", "-nostdlib", "-ffreestanding", "-Wl,--build-id=none", $"-DABI={abi}", $"-DENTRIES={entries}", $"-DDEVICES={list}", .. flags, "-o", path, source]))!;
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        File.Delete(source);
        return path;
    }
}
