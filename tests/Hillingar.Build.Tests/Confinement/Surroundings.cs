using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace Hillingar.Build.Tests;

/// <summary>All that a folder holds, as a text that changes with any change of it: names, kinds, contents, permissions, times.</summary>
[UnsupportedOSPlatform("windows")]
static class Surroundings
{
    public static string Of(string folder)
    {
        var text = new StringBuilder();
        Add(new DirectoryInfo(folder), text);
        return text.ToString();
    }

    static void Add(DirectoryInfo folder, StringBuilder text)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{entry.FullName} {entry.UnixFileMode} {entry.LastWriteTimeUtc.Ticks} {entry.LinkTarget} {(entry is FileInfo { LinkTarget: null } file ? File.ReadAllText(file.FullName) : "")}");
            if (entry is DirectoryInfo { LinkTarget: null } inner)
                Add(inner, text);
        }
    }
}
