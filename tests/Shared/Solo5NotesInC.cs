using System.Globalization;

namespace Hillingar.Tests;

/// <summary>The notes that Solo5's headers declare (<c>elf_abi.h</c>, <c>mft_abi.h</c>), in C.</summary>
static class Solo5NotesInC
{
    /// <summary>The text, with <c>ABI</c>, <c>ENTRIES</c> and <c>DEVICES</c> to be defined.</summary>
    public const string Text = """
        #include <stdint.h>
        struct __attribute__((aligned(8))) entry { char name[68]; uint32_t type; uint64_t u[2]; uint64_t b; uint8_t attached; };
        struct __attribute__((aligned(8))) mft { uint32_t version, entries; struct entry e[ENTRIES]; };
        struct abi { uint32_t namesz, descsz, type; char name[8]; uint32_t target, version, reserved[2]; };
        struct manifest { uint32_t namesz, descsz, type; char name[8]; struct mft m; };
        const struct abi abi __attribute__((section(".note.solo5.abi"), aligned(4))) = { 6, 16, 0x31494241, "Solo5", ABI, 2 };
        const struct manifest manifest __attribute__((section(".note.solo5.manifest"), aligned(8))) =
          { 6, sizeof(struct manifest) - 20, 0x3154464d, "Solo5", { 1, ENTRIES, { { "", 1u << 30 } DEVICES } } };

        """;

    /// <summary>What <c>ENTRIES</c> and <c>DEVICES</c> are for some devices: type 1 is a block device, 2 a network.</summary>
    public static (string Entries, string Devices) Of(params IEnumerable<(string Name, int Type)> devices)
    {
        var entries = devices.Select(device => string.Create(CultureInfo.InvariantCulture, $", {{ \"{device.Name}\", {device.Type} }}")).ToList();
        return (string.Create(CultureInfo.InvariantCulture, $"{entries.Count + 1}"), string.Concat(entries));
    }
}
