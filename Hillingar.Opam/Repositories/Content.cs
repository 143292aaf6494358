namespace Hillingar.Opam;

/// <summary>Reading whole small files, many of them.</summary>
static class Content
{
    /// <summary>A file's bytes, and when it was last changed (in ticks, UTC).</summary>
    public static byte[] Read(string path, out long stamp)
    {
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        stamp = File.GetLastWriteTimeUtc(file).Ticks;
        var length = RandomAccess.GetLength(file);
        if (length > Syntax.Document.MaxBytes)
            throw new HillingarException("HIL1002", $"the file has {length} bytes, more than the {Syntax.Document.MaxBytes} that are read; cut it down", new Place(path));
        var content = new byte[length];
        var read = 0;
        for (int some; read < content.Length && (some = RandomAccess.Read(file, content.AsSpan(read), read)) > 0;)
            read += some;
        return read == content.Length ? content : content[..read];
    }

    /// <summary>A file below a folder, or null when there is none; neither its name nor a link may lead out of the folder.</summary>
    public static byte[]? ReadBelow(string folder, string name)
    {
        Decode.RequireInside(name, folder);
        var path = folder;
        foreach (var part in name.Split('/'))
        {
            path = Path.Combine(path, part);
            if (!Path.Exists(path))
                return null;
            if ((File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0)
                throw new HillingarException("HIL1006", $"'{name}' is a link; such a file is not read", new Place(folder));
        }
        return Read(path);
    }

    /// <summary>A file's bytes.</summary>
    public static byte[] Read(string path) => Read(path, out _);
}
