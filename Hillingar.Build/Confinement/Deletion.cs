namespace Hillingar.Build.Confinement;

/// <summary>Deletes what strangers left, however deep and whatever its permissions, without following a link.</summary>
static class Deletion
{
    const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Deletes a name of a folder, with all below it.</summary>
    public static void Run(Node folder, string name)
    {
        if (folder.Look(name) is not { } entry)
            return;
        if (entry.Kind != EntryKind.Folder)
        {
            Unlocked(folder, () => folder.DeleteFile(name));
            return;
        }

        using var cursor = new Cursor(folder.Again());
        Enter(cursor, name);
        var rest = new Stack<(string Name, IReadOnlyList<string> Names, int Next)>([(name, cursor.Here.Names(), 0)]);
        while (rest.TryPop(out var level))
        {
            if (level.Next == level.Names.Count)
            {
                cursor.Up();
                Unlocked(cursor.Here, () => cursor.Here.DeleteFolder(level.Name));
                continue;
            }

            rest.Push(level with { Next = level.Next + 1 });
            var inner = level.Names[level.Next];
            if (cursor.Here.Look(inner) is { Kind: EntryKind.Folder })
            {
                Enter(cursor, inner);
                rest.Push((inner, cursor.Here.Names(), 0));
            }
            else
            {
                Unlocked(cursor.Here, () => cursor.Here.DeleteFile(inner));
            }
        }
    }

    // Archives and builds leave folders that may not be read or changed.
    static void Enter(Cursor cursor, string name)
    {
        try
        {
            cursor.Down(name);
            if (!OperatingSystem.IsWindows() && (cursor.Here.Self().Mode & All) != All)
                cursor.Here.Unlock(null);
        }
        catch (UnauthorizedAccessException)
        {
            cursor.Here.Unlock(name);
            cursor.Down(name);
        }
    }

    static void Unlocked(Node folder, Action delete)
    {
        try
        {
            delete();
        }
        catch (UnauthorizedAccessException)
        {
            folder.Unlock(null);
            delete();
        }
    }
}
