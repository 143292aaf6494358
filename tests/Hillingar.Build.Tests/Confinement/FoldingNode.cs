using Hillingar.Build.Confinement;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Tests;

/// <summary>A folder as systems have it that tell names apart neither by case nor by composition, over one that does: test code, for machines that have no such file system.</summary>
sealed class FoldingNode : Node
{
    // Enough of Unicode for a test: its normalisation needs ICU, which is off.
    static readonly Dictionary<string, string> s_composed = new() { ["e\u0301"] = "\u00e9", ["a\u0308"] = "\u00e4" };

    readonly Node _inner;

    public FoldingNode(string path) : this(Open(path)) { }

    FoldingNode(Node inner) => _inner = inner;

    static string Fold(string name) => s_composed.Aggregate(name.ToUpperInvariant().ToLowerInvariant(), (text, pair) => text.Replace(pair.Key, pair.Value, StringComparison.Ordinal));

    string Real(string name) => _inner.Names().FirstOrDefault(other => Fold(other) == Fold(name)) ?? name;

    public override Entry Self() => _inner.Self();

    public override Entry? Look(string name) => _inner.Look(Real(name));

    public override Node Folder(string name) => new FoldingNode(_inner.Folder(Real(name)));

    public override Node Above(Entry above) => new FoldingNode(_inner.Above(above));

    public override string Target(string name) => _inner.Target(Real(name));

    public override SafeFileHandle? Read(string name) => _inner.Read(Real(name));

    public override SafeFileHandle? Create(string name) => _inner.Create(Real(name));

    public override bool MakeFolder(string name) => _inner.MakeFolder(Real(name));

    public override bool MakeLink(string name, string target) => _inner.MakeLink(Real(name), target);

    public override void Move(string name, Node to, string newName) => _inner.Move(Real(name), ((FoldingNode)to)._inner, ((FoldingNode)to).Real(newName));

    public override void DeleteFile(string name) => _inner.DeleteFile(Real(name));

    public override void DeleteFolder(string name) => _inner.DeleteFolder(Real(name));

    public override void SetMode(string name, UnixFileMode mode) => _inner.SetMode(Real(name), mode);

    public override void Unlock(string? name) => _inner.Unlock(name is null ? null : Real(name));

    public override IReadOnlyList<string> Names() => _inner.Names();

    public override Node Again() => new FoldingNode(_inner.Again());

    public override void Dispose()
    {
        _inner.Dispose();
        base.Dispose();
    }
}
