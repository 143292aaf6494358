using Hillingar.Build.Processes;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

/// <summary>This test program started once more, as another user, to use a store.</summary>
static class StoreWorker
{
    const string Variable = "HILLINGAR_TEST_STORE";

    // Debian's nobody; any number would do that is nobody's here.
    public const string Other = "65534";

    /// <summary>What another user gets that uses a store: its real path, or the code of the error.</summary>
    public static async Task<string> AsOther(string store)
    {
        Assert.SkipUnless(Environment.UserName == "root" && ProcessRunner.Find("setpriv") is not null, "needs to be root, with setpriv (Debian: util-linux), to be another user");
        var self = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, typeof(StoreWorker).Assembly.Location] : [self];
        var result = await ProcessRunner.Run(new Command("setpriv", [$"--reuid={Other}", $"--regid={Other}", "--clear-groups", .. program])
        {
            Environment = new Dictionary<string, string?> { [Variable] = store, ["HOME"] = "/nonexistent" },
        }, TestContext.Current.CancellationToken);
        Assert.SkipUnless(result.ExitCode == 0, $"needs a build folder that other users may read: {result.Error}");
        return result.Output.Trim();
    }

    /// <summary>Does that where this process was started for it.</summary>
    public static bool Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } store)
            return false;
        try
        {
            Console.WriteLine(new Stores(store).Root);
        }
        catch (HillingarException exception)
        {
            Console.WriteLine(exception.Diagnostic.Code);
        }

        return true;
    }
}
