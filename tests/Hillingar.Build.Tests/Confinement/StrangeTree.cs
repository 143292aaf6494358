using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Hillingar.Build.Confinement;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What a stranger may leave in a folder, at random: folders, links to anywhere, loops, hard links, odd names, special files, depth, missing permissions.</summary>
/// <param name="folder">Holds the tree as <c>inside</c>, and beside it what must not change.</param>
/// <param name="random">Decides.</param>
/// <param name="isPlain">Whether names stay short and of Unicode, as .NET's own calls want them.</param>
[UnsupportedOSPlatform("windows")]
sealed class StrangeTree(TestFolder folder, Random random, bool isPlain)
{
    /// <summary>Stands in each file outside: whoever reads one gives it away.</summary>
    public const string Secret = "outside-is-secret";

    static readonly string[] s_names =
    [
        "a", "b", "c", "A", "lib", "src", "duniverse", "dune", "dune-project", "x.opam", "opam", "findlib.conf", "findlib.conf.d", "app.install", "LICENSE", "l.a", ".hillingar", "dune-workspace",
        "é", "e\u0301", "a\\b", "..\\..\\outside", "con", "x:y", "trail.", "sp ace", "-rf", "new\nline", "$(id)", "'quote", "..a",
    ];

    static readonly Dictionary<string, int> s_counts = [];

    readonly List<string> _folders = [""];
    readonly List<string> _files = [];
    readonly List<string> _own = [];

    /// <summary>How many trees of each kind were made.</summary>
    public static IReadOnlyDictionary<string, int> Counts => s_counts;

    public string Inside => folder["inside"];

    public string Outside => folder["outside"];

    /// <summary>Paths that are in the tree, and some that are not.</summary>
    public string SomePath() => random.Next(4) switch
    {
        0 when _files.Count > 0 => _files[random.Next(_files.Count)],
        1 => Join(_folders[random.Next(_folders.Count)], Name()),
        2 when _files.Count > 0 => Join(_files[random.Next(_files.Count)], Name()),
        _ => string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Name())),
    };

    public void Make()
    {
        folder.Write("outside/secret", Secret);
        folder.Write("outside/inner/deep", Secret);
        folder.Write("outside/findlib.conf", Secret);
        folder.Write("outside/x.opam", Secret);
        Directory.CreateSymbolicLink(folder["outside/link"], "inner");
        Directory.CreateDirectory(Inside);
        using var root = LinuxNode.OpenRoot(Inside);
        for (var count = random.Next(3, 30); count > 0; count--)
            Add(random.Next(100));
        if (random.Next(20) == 0)
            MakeUnreadable();
    }

    void Add(int kind)
    {
        var path = Join(_folders[random.Next(_folders.Count)], Name());
        var full = Path.Combine(Inside, path);
        if (Path.Exists(full) || new FileInfo(full).LinkTarget is not null)
            return;
        switch (kind)
        {
            case < 30:
                Count("folder");
                Directory.CreateDirectory(full);
                _folders.Add(path);
                return;
            case < 50:
                Count("file");
                File.WriteAllText(full, random.Next(3) == 0 ? "(lang dune 2.0)\n" : "inside " + random.Next());
                _own.Add(path);
                break;
            case < 85:
                Count("link");
                File.CreateSymbolicLink(full, Target());
                // Later names may lie behind it: by its own path, or by where it leads.
                if (random.Next(3) == 0)
                    _files.Add(Join(path, Name()));
                break;
            case < 88:
                Count("loop");
                File.CreateSymbolicLink(full, random.Next(2) == 0 ? path.Split('/')[^1] : ".");
                break;
            case < 91 when _own.Count > 0:
                // Of the tree's own files: whoever could make one of a file outside could write that file.
                Count("hard link");
                _ = link(Path.Combine(Inside, _own[random.Next(_own.Count)]), full);
                break;
            case < 94:
                Count("FIFO");
                _ = mknod(full, 0x1000 | 0x180, 0);
                break;
            case < 96:
                Count("socket");
                _ = mknod(full, 0xc000 | 0x180, 0);
                break;
            case < 97 when Environment.UserName == "root":
                Count("device");
                // /dev/zero, which a reader would never come to the end of.
                _ = mknod(full, 0x2000 | 0x180, (1 << 8) | 5);
                break;
            case < 98 when !isPlain:
                Count("name of no UTF-8");
                using (var node = LinuxNode.OpenRoot(Path.Combine(Inside, _folders[random.Next(_folders.Count)])))
                    node.Create("odd\udcff\udc80" + random.Next(9))?.Dispose();
                return;
            case < 99 when !isPlain:
                Count("deep path");
                Deepen(random.Next(2) == 0 ? 40 : 600);
                return;
            default:
                Count("file with set-user-ID");
                File.WriteAllText(full, "#!/bin/sh\n");
                File.SetUnixFileMode(full, UnixFileMode.SetUser | UnixFileMode.UserRead | UnixFileMode.UserExecute);
                break;
        }

        _files.Add(path);
    }

    void Deepen(int depth)
    {
        using var cursor = new Cursor(LinuxNode.OpenRoot(Path.Combine(Inside, _folders[random.Next(_folders.Count)])));
        for (var level = 0; level < depth; level++)
        {
            cursor.Here.MakeFolder("deeper-and-deeper");
            cursor.Down("deeper-and-deeper");
        }

        cursor.Here.MakeLink("out", folder["outside"]);
    }

    void MakeUnreadable()
    {
        Count("missing permissions");
        foreach (var path in _folders.Skip(1))
            if (random.Next(3) == 0)
                File.SetUnixFileMode(Path.Combine(Inside, path), random.Next(2) == 0 ? UnixFileMode.None : UnixFileMode.UserRead);
    }

    public string Target() => random.Next(14) switch
    {
        0 => folder["outside"],
        1 => folder["outside/secret"],
        2 => "../outside",
        3 => "../../outside/secret",
        4 => "..",
        5 => "a/../../outside",
        6 => "missing/../../outside/inner",
        7 => "/etc/passwd",
        8 => "/proc/self/root" + folder["outside"],
        9 => "/proc/self/fd/0",
        10 => string.Concat(Enumerable.Repeat("../", random.Next(1, 20))) + folder["outside"][1..],
        11 when _folders.Count > 1 => Path.GetRelativePath("/x", "/x/" + _folders[random.Next(_folders.Count)]),
        12 => Name() + "/..",
        _ => Name(),
    };

    public string Name() => s_names[random.Next(s_names.Length)];

    static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    static void Count(string kind)
    {
        lock (s_counts)
            s_counts[kind] = s_counts.GetValueOrDefault(kind) + 1;
    }

    [DllImport("libc")]
    static extern int mknod([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode, ulong device);

    [DllImport("libc")]
    static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [MarshalAs(UnmanagedType.LPUTF8Str)] string newPath);
}
