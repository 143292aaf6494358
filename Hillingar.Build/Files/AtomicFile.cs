using System.Text;

namespace Hillingar.Build.Files;

/// <summary>Files and folders that appear whole or not at all: made beside their place, then renamed into it.</summary>
static class AtomicFile
{
    static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a text file; a reader sees the old text or the new one, never a part. An equal file is left alone.</summary>
    public static bool WriteText(string path, string text, Encoding? encoding = null)
    {
        if (File.Exists(path) && File.ReadAllText(path) == text)
            return false;
        var temporary = Beside(path);
        try
        {
            File.WriteAllText(temporary, text, encoding ?? s_utf8);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>A name in the same folder that nobody else uses; the folder is made where it is missing.</summary>
    public static string Beside(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
    }

    /// <summary>Puts a finished folder into its place, where an older one may be; that one is kept until the new one stands.</summary>
    public static void ReplaceFolder(string finished, string place)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        if (!Directory.Exists(place))
        {
            Directory.Move(finished, place);
            return;
        }

        var old = Beside(place);
        Directory.Move(place, old);
        try
        {
            Directory.Move(finished, place);
        }
        catch
        {
            Directory.Move(old, place);
            throw;
        }

        Tree.Delete(old);
    }
}
