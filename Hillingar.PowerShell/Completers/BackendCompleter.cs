using System.Collections;
using Hillingar.Build.Restoring;

namespace Hillingar.PowerShell.Completers;

/// <summary>Completes who builds.</summary>
public sealed class BackendCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        Backends.Names.Select(name => (name, name));
}
