using System.CommandLine;
using Hillingar.BuildProgram;

var full = new Option<bool>("--full") { Description = "Also the long tiers: fuzzing, kills, corpora." };
var check = new Option<bool>("--check") { Description = "Writes nothing, and fails where a file is not laid out so." };
var only = new Option<string[]>("--project")
{
    Description = "Only test projects whose name contains this.",
    AllowMultipleArgumentsPerToken = true,
};
var filter = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore, Description = "Arguments for BenchmarkDotNet." };

var root = new RootCommand("Builds Hillingar. Needs only the .NET SDK: what else a verb needs it installs.")
{
    Verb("build", "Compiles everything.", _ => Compile.All()),
    Verb("format", "Lays out the C# sources of the product.", result => Format.Run(result.GetValue(check)), check),
    Verb(
        "pack",
        "Packs the SDK, the templates and the library that starts unikernels from .NET into the local feed artifacts/feed, the PowerShell module into artifacts/module, and the extension for Azure DevOps into artifacts/azure-pipelines.",
        _ => Pack.All()
    ),
    Verb(
        "test",
        "Runs every test and ends with the counts.",
        result => Tests.Run(result.GetValue(full), result.GetValue(only) ?? []),
        full,
        only
    ),
    Verb("demo", "Builds samples/dns with a packed SDK, starts it and asks it.", _ => Demo.Run()),
    Verb("bench", "Runs the benchmarks.", result => Bench.Run(result.GetValue(filter) ?? []), filter),
};
return await root.Parse(args).InvokeAsync();

static Command Verb(string name, string description, Func<ParseResult, Task<int>> run, params Symbol[] symbols)
{
    var command = new Command(name, description);
    foreach (var symbol in symbols)
        if (symbol is Option option)
            command.Options.Add(option);
        else if (symbol is Argument argument)
            command.Arguments.Add(argument);
    command.SetAction(
        async (result, _) =>
        {
            try
            {
                return await run(result);
            }
            catch (InvalidOperationException exception)
            {
                // A program that was run has failed, and what it said is in the message.
                await Console.Error.WriteLineAsync($"error: {exception.Message}");
                return 1;
            }
        }
    );
    return command;
}
