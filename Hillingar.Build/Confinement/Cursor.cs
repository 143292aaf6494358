namespace Hillingar.Build.Confinement;

/// <summary>Goes down into folders and up again with one of them open at a time, so that depth costs neither descriptors nor long paths.</summary>
/// <param name="start">Where it begins; the cursor's own from then on.</param>
sealed class Cursor(Node start) : IDisposable
{
    readonly Stack<Entry> _above = new();

    /// <summary>The folder it is in.</summary>
    public Node Here { get; private set; } = start;

    /// <summary>Goes into a folder of this one.</summary>
    public void Down(string name)
    {
        var self = Here.Self();
        var inner = Here.Folder(name);
        _above.Push(self);
        Here.Dispose();
        Here = inner;
    }

    /// <summary>Goes back to the folder that it came from.</summary>
    public void Up()
    {
        var outer = Here.Above(_above.Pop());
        Here.Dispose();
        Here = outer;
    }

    public void Dispose() => Here.Dispose();
}
