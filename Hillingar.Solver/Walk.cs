namespace Hillingar.Solver;

/// <summary>
/// The depth-first walk through what is selected, which defines the order of the decisions. It goes on where it stopped, as
/// the part that it has seen changes only when decisions are undone.
/// </summary>
sealed class Walk
{
    readonly Role _root;
    readonly Stack<(Branch Branch, int Next)> _path = new();
    readonly List<Role> _seen = [];
    Role? _current;
    int _number = 1;

    public Walk(Role root) => _root = _current = root;

    /// <summary>The roles with a version, in the order of the walk.</summary>
    public IReadOnlyList<Role> Seen => _seen;

    /// <summary>Starts again from the root.</summary>
    public void Restart()
    {
        _path.Clear();
        _seen.Clear();
        _current = _root;
        _number++;
    }

    /// <summary>The first role that needs a version and has none, or null when all have one. It is given again until it has one.</summary>
    public Role? Next()
    {
        while (true)
        {
            if (_current is { } role)
            {
                if (role.Selected is var version && version < 0)
                    return role;
                _seen.Add(role);
                _path.Push((role[version]!, 0));
                _current = null;
            }
            else if (!_path.TryPop(out var top))
                return null;
            else if (top.Next < top.Branch.Children.Length)
            {
                _path.Push(top with { Next = top.Next + 1 });
                var child = top.Branch.Children[top.Next];
                if (child.Walk != _number)
                {
                    child.Walk = _number;
                    _current = child;
                }
            }
        }
    }
}
