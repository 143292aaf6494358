using System.Diagnostics;
using Hillingar.Build.Locks;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;

namespace Hillingar.Build.Tests;

/// <summary>This test program started once more, to vendor and be killed at it.</summary>
static class VendorWorker
{
    const string Variable = "HILLINGAR_TEST_VENDOR";

    /// <summary>A process that restores a lock into a duniverse from a store.</summary>
    public static Process Start(string lockFile, string duniverse, string store) => StartSelf(Variable, lockFile, duniverse, store);

    /// <summary>This program as a process of its own, told by a variable what to do.</summary>
    internal static Process StartSelf(string variable, params string[] values) => StartSelf(variable, values, null);

    /// <summary>The same by a program that starts it.</summary>
    internal static Process StartSelf(string variable, string[] values, string? by, params string[] options)
    {
        // Started as 'dotnet X.dll', this process is dotnet.
        var self = Path.ChangeExtension(typeof(VendorWorker).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null)!.TrimEnd('.');
        return Process.Start(new ProcessStartInfo(by ?? self, by is null ? [] : [.. options, self])
        {
            RedirectStandardOutput = true,
            Environment = { [variable] = string.Join(Path.PathSeparator, values) },
        })!;
    }

    /// <summary>Does that where this process was started for it.</summary>
    public static async Task<bool> Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(Path.PathSeparator) is not [var lockFile, var duniverse, var root])
            return false;
        var store = new SourceStore(root);
        using var fetcher = new SourceFetcher(store, new ReporterFake());
        Console.WriteLine("begun");
        await Duniverse.Vendor(duniverse, LockFile.Read(lockFile).Entries, fetcher, store, new ReporterFake(), CancellationToken.None);
        return true;
    }
}
