namespace Hillingar.Build.Sandboxes;

/// <summary>The environment that dune runs in, the same for every build so that results are.</summary>
static class DuneEnvironment
{
    /// <summary>What is set, or removed where the value is null.</summary>
    public static IReadOnlyDictionary<string, string?> Variables { get; } =
        new Dictionary<string, string?>
        {
            // A caller's dune workspace or a shared cache would make results depend on what else was built here.
            ["DUNE_CACHE"] = "disabled",
            ["DUNE_WORKSPACE"] = null,
            ["DUNE_PROFILE"] = null,
            ["DUNE_BUILD_DIR"] = null,
            ["INSIDE_DUNE"] = null,
            ["OCAMLPARAM"] = null,
            ["OCAMLRUNPARAM"] = null,
            ["CLICOLOR"] = "0",
            ["NO_COLOR"] = "1",
            ["TERM"] = "dumb",
        };
}
