namespace Hillingar.Tests;

/// <summary>Programs that the build program unpacked below artifacts/debian, or below the folder that <c>HILLINGAR_TEST_PEERS</c> names.</summary>
static class Peers
{
    static readonly string s_folder = TestData.Artifacts("HILLINGAR_TEST_PEERS", "debian");

    /// <summary>The path of a program of a package, or null where it is not unpacked.</summary>
    public static string? Find(string package, string program) =>
        File.Exists(Path.Combine(s_folder, package + ".root")) && Path.Combine(s_folder, package, program) is var path && File.Exists(path) ? path : null;
}
