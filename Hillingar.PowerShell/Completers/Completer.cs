using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Hillingar.PowerShell.Completers;

/// <summary>Completes an argument from a list of values.</summary>
public abstract class Completer : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var word = (wordToComplete ?? "").Trim('\'', '"');
        var pattern = new WildcardPattern(word + "*", WildcardOptions.IgnoreCase);
        return Values(word, fakeBoundParameters ?? new Hashtable())
            .Where(value => pattern.IsMatch(value.Text))
            .Select(value => new CompletionResult(Quote(value.Text), value.Text, CompletionResultType.ParameterValue, value.Tip));
    }

    /// <summary>The values, for another completer.</summary>
    internal IEnumerable<(string Text, string Tip)> Of(string word, IDictionary bound) => Values(word, bound);

    /// <summary>The values that there are, with what each is.</summary>
    /// <param name="word">What is typed already; values that do not begin so need not be given.</param>
    /// <param name="bound">The other parameters that are typed already.</param>
    private protected abstract IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound);

    // What begins with a dash would be a parameter.
    static string Quote(string text) =>
        !text.StartsWith('-') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+' or '/' or '~')
            ? text
            : $"'{text.Replace("'", "''")}'";
}
