using System.Collections;
using Hillingar.Build.Running;
using Hillingar.Build.Storage;

namespace Hillingar.PowerShell.Completers;

/// <summary>Completes the arguments that the unikernel of a project takes, as mirage recorded them.</summary>
public sealed class UnikernelArgumentCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        Shell
            .Described(bound)
            .SelectMany(described => described.Arguments)
            .SelectMany(argument => argument.Names.Select(name => (name, $"{name}: {argument.Expression}")))
            .DistinctBy(argument => argument.name);
}

/// <summary>Completes the names of unikernels that were started here.</summary>
public sealed class UnikernelCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Tip)> Values(string word, IDictionary bound) =>
        Shell
            .Try(() => UnikernelRuns.Of(Stores.Default, Shell.Nobody).List())
            ?.Select(unikernel => (unikernel.Name, $"{unikernel.Name}: {unikernel.State}, {unikernel.Image}"))
        ?? [];
}
