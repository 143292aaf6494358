namespace Hillingar.Solver;

/// <summary>
/// The depth-first walk through what is selected, which defines the order of the decisions. It goes on where it stopped, as
/// the part that it has seen changes only when decisions are undone.
/// </summary>
sealed class Walk
{
    readonly Role root;
    readonly Stack<(Branch Branch, int Next)> path = new();
    readonly List<Role> seen = [];
    Role? current;
    int number = 1;

    public Walk(Role root) => this.root = current = root;

    /// <summary>The roles with a version, in the order of the walk.</summary>
    public IReadOnlyList<Role> Seen => seen;

    /// <summary>Starts again from the root.</summary>
    public void Restart()
    {
        path.Clear();
        seen.Clear();
        current = root;
        number++;
    }

    /// <summary>The first role that needs a version and has none, or null when all have one. It is given again until it has one.</summary>
    public Role? Next()
    {
        while (true)
        {
            if (current is { } role)
            {
                if (role.Selected is var version && version < 0)
                    return role;
                seen.Add(role);
                path.Push((role[version]!, 0));
                current = null;
            }
            else if (!path.TryPop(out var top))
                return null;
            else if (top.Next < top.Branch.Children.Length)
            {
                path.Push(top with { Next = top.Next + 1 });
                var child = top.Branch.Children[top.Next];
                if (child.Walk != number)
                {
                    child.Walk = number;
                    current = child;
                }
            }
        }
    }
}
