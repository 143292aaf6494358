using System.Diagnostics;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Tests;

/// <summary>This test program started once more, to build a switch and be killed at it.</summary>
static class SwitchWorker
{
    const string Variable = "HILLINGAR_TEST_SWITCH";

    /// <summary>A process that builds all packages of a repository into a store.</summary>
    public static Process Start(string repository, string store) => VendorWorker.StartSelf(Variable, repository, store);

    /// <summary>Does that where this process was started for it.</summary>
    public static async Task<bool> Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(Path.PathSeparator) is not [var repository, var store])
            return false;
        var packages = new FolderRepository(repository, Path.Combine(store, "index"));
        Console.WriteLine("begun");
        await new SwitchBuilder(new Stores(store), new ReporterFake()).Build(
            new SwitchRequest([.. packages.Names.Select(name => packages.Versions(name)[0])]), new SwitchOptions { Sandbox = SandboxMode.Required, Jobs = 2, Offline = true }, CancellationToken.None);
        return true;
    }
}
