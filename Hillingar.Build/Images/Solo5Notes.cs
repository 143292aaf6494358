using Hillingar.Build.Mirage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Images;

/// <summary>The notes that Solo5's linker puts into an image (Solo5's <c>elf_abi.h</c> and <c>mft_abi.h</c>), checked as its tenders check them (<c>mft_validate</c>).</summary>
static class Solo5Notes
{
    // "ABI1" and "MFT1".
    const uint AbiNote = 0x31494241,
        ManifestNote = 0x3154464d;
    const uint MaxEntries = 64,
        EntrySize = 104,
        NameSize = 68,
        ReservedFirst = 1U << 30;

    public static (Solo5Abi? Abi, IReadOnlyList<ImageDevice> Devices) Read(ElfFile elf)
    {
        Solo5Abi? abi = null;
        IReadOnlyList<ImageDevice> devices = [];
        foreach (var (_, type, offset, size) in elf.Notes().Where(note => note.Name == "Solo5"))
            if (type == AbiNote)
                abi = Abi(elf, offset, size);
            else if (type == ManifestNote)
                devices = Devices(elf, offset, size);
        return (abi, devices);
    }

    static Solo5Abi Abi(ElfFile elf, ulong offset, uint size) =>
        size < 8
            ? throw Fault(elf, offset, "the ABI note is too short")
            : new(TargetTable.OfAbi(elf.U32(offset))?.Name ?? $"abi-{elf.U32(offset)}", elf.U32(offset + 4));

    static List<ImageDevice> Devices(ElfFile elf, ulong offset, uint size)
    {
        // The manifest is aligned to 8 bytes within its note, whose header has 20.
        const uint padding = 4;
        if (size < padding + 8 || elf.U32(offset + padding) is not 1)
            throw Fault(elf, offset, "the device manifest is of a version other than 1");
        var entries = elf.U32(offset + padding + 4);
        if (entries is 0 or > MaxEntries || size != padding + 8 + entries * EntrySize)
            throw Fault(elf, offset, $"the device manifest has {size} bytes for {entries} entries");
        var devices = new List<ImageDevice>();
        for (var number = 0u; number < entries; number++)
        {
            var at = offset + padding + 8 + number * EntrySize;
            var (name, type) = (elf.Text(at, NameSize), elf.U32(at + NameSize));
            if (
                number == 0
                    ? type != ReservedFirst || name.Length > 0
                    : type is not (1 or 2) || !IsName(name) || devices.Exists(device => device.Name == name)
            )
                throw Fault(elf, at, $"the device manifest's entry {number} is none that Solo5 takes");
            if (number > 0)
                devices.Add(new(type == 1 ? DeviceKind.Block : DeviceKind.Network, name));
        }

        return devices;
    }

    // As solo5-elftool takes them.
    static bool IsName(string name) => name.Length is > 0 and < (int)NameSize && name.All(char.IsAsciiLetterOrDigit);

    static HillingarException Fault(ElfFile elf, ulong offset, string what) =>
        new(
            "HIL5032",
            $"The image's Solo5 notes are wrong at offset {offset}: {what}. Build it again with the locked solo5.",
            new Place(elf.Path)
        );
}
