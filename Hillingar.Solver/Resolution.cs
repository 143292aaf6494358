namespace Hillingar.Solver;

/// <summary>
/// A false clause that is resolved with the reasons of its literals, from the last step back, until it says what should have been
/// concluded before: the first unique implication point of conflict-driven learning, with sets in place of truth values
/// (<c>q ∈ S or a</c> and <c>q ∈ T or b</c> give <c>q ∈ S∩T or a or b</c>).
/// </summary>
sealed class Resolution
{
    readonly Trail _trail;
    readonly CancellationToken _cancellation;
    readonly List<(Literal Literal, int At)> _terms = [];

    public Resolution(Trail trail, Clause broken, CancellationToken cancellation)
    {
        (_trail, _cancellation) = (trail, cancellation);
        Take(broken, null);
    }

    /// <summary>The clauses resolved so far.</summary>
    public List<Clause> Premises { get; } = [];

    /// <summary>The place of the step that made the last literal false; -1 when no literal could ever be true.</summary>
    public int Top { get; private set; }

    /// <summary>The same for the last literal but one.</summary>
    public int Second { get; private set; }

    /// <summary>Replaces the last literal by the reason why it is false.</summary>
    public void Resolve()
    {
        var step = _trail[Top];
        var at = _terms.FindIndex(term => term.At == Top);
        var literal = _terms[at].Literal;
        _terms.RemoveAt(at);
        var allowed = Array.Find(step.Reason!.Literals, other => other.Role == step.Role).Set;
        // What both allow was ruled out before this step: of a package with many versions, each ruled out by itself, the walk back would be
        // long.
        Add(literal with { Set = literal.Set & allowed }, step.Previous);
        Take(step.Reason, step.Role);
    }

    /// <summary>The clause, its last literal first, and the level at which it makes that literal true.</summary>
    public Lemma Conclude(out int level)
    {
        _terms.Sort((left, right) => right.At.CompareTo(left.At));
        level = _trail.LevelOf(Second);
        return new([.. _terms.Select(term => term.Literal)], Premises);
    }

    /// <summary>The facts from which the clauses resolved so far were learned.</summary>
    public HashSet<Fact> Facts()
    {
        var facts = new HashSet<Fact>();
        var seen = new HashSet<Clause>();
        var rest = new Stack<Clause>(Premises);
        while (rest.TryPop(out var clause))
            if (clause is Fact fact)
                facts.Add(fact);
            else if (clause is Lemma lemma && seen.Add(lemma))
            {
                _cancellation.ThrowIfCancellationRequested();
                foreach (var premise in lemma.Premises)
                    rest.Push(premise);
            }
        return facts;
    }

    void Take(Clause clause, Role? resolved)
    {
        Premises.Add(clause);
        foreach (var literal in clause.Literals)
            if (literal.Role != resolved)
            {
                _cancellation.ThrowIfCancellationRequested();
                Add(literal, literal.Role.Last);
            }

        (Top, Second) = (-1, -1);
        foreach (var (_, at) in _terms)
            (Top, Second) = at > Top ? (at, Top) : (Top, Math.Max(Second, at));
    }

    /// <summary>Adds a false literal, one that could never be true excepted.</summary>
    void Add(Literal literal, int from)
    {
        var at = _terms.FindIndex(term => term.Literal.Role == literal.Role);
        if (at >= 0)
        {
            (literal, from) = (literal with { Set = literal.Set | _terms[at].Literal.Set }, literal.Role.Last);
            _terms.RemoveAt(at);
        }
        if (_trail.Falsified(literal, from) is var place and >= 0)
            _terms.Add((literal, place));
    }
}
