using Hillingar.Build.Confinement;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Tests;

/// <summary>Asks to stop after so many links were made.</summary>
sealed class StoppingNode(Node inner, CancellationTokenSource stop, int after) : Node
{
    int _links;

    public override bool MakeLink(string name, string target)
    {
        if (++_links == after)
            stop.Cancel();
        Assert.InRange(_links, 0, after);
        return inner.MakeLink(name, target);
    }

    public override Entry Self() => inner.Self();

    public override Entry? Look(string name) => inner.Look(name);

    public override Node Folder(string name) => new StoppingNode(inner.Folder(name), stop, after);

    public override Node Above(Entry above) => throw new NotSupportedException();

    public override string Target(string name) => inner.Target(name);

    public override SafeFileHandle? Read(string name) => inner.Read(name);

    public override SafeFileHandle? Create(string name) => inner.Create(name);

    public override bool MakeFolder(string name) => inner.MakeFolder(name);

    public override void Move(string name, Node to, string newName) => throw new NotSupportedException();

    public override void DeleteFile(string name) => inner.DeleteFile(name);

    public override void DeleteFolder(string name) => inner.DeleteFolder(name);

    public override void SetMode(string name, UnixFileMode mode) => inner.SetMode(name, mode);

    public override void Unlock(string? name) => inner.Unlock(name);

    public override IReadOnlyList<string> Names() => inner.Names();

    public override Node Again() => new StoppingNode(inner.Again(), stop, after);

    public override void Dispose()
    {
        inner.Dispose();
        base.Dispose();
    }
}
