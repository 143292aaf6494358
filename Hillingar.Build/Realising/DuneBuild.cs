namespace Hillingar.Build.Realising;

/// <summary>What dune builds of one target, where, and what comes out.</summary>
/// <param name="Workspace">The folder to build in, vendored already.</param>
/// <param name="Sources">The project's files: the path below the workspace's <c>src/</c> and where the file is.</param>
/// <param name="DuneTarget">What dune is asked for, below <c>src/</c>, such as <c>dns.exe</c>.</param>
/// <param name="Context">dune's context that it is built in: <c>default</c>, or one of the project's own <c>dune-workspace</c>.</param>
/// <param name="Profile">dune's profile, such as <c>release</c>.</param>
/// <param name="Image">Where the result goes.</param>
public sealed record DuneBuild(
    Workspace Workspace,
    IReadOnlyCollection<(string Path, string File)> Sources,
    string DuneTarget,
    string Context,
    string Profile,
    string Image
)
{
    /// <summary>The folder below <c>src/</c> that the project's files lie in, with a slash at its end; empty for that folder itself.</summary>
    public string Below { get; init; } = "";

    /// <summary>Whether OCaml's warnings are errors, as with <c>TreatWarningsAsErrors</c>.</summary>
    public bool WarningsAreErrors { get; init; }
}
