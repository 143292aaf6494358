using Hillingar.Build.Mirage;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Configuring;

/// <summary>
/// What has to be there before <c>mirage configure</c> can tell what a project depends on: mirage, and with it the cross compilers of the
/// targets, so that the compiler is one that these are there for.
/// </summary>
static class MirageTool
{
    /// <summary>The packages of the host switch that configure, and that compile for a target.</summary>
    /// <param name="targets">The mirage targets.</param>
    public static IReadOnlyList<string> Packages(IEnumerable<string> targets) =>
        [.. targets.SelectMany(CrossCompiler).Prepend("mirage").Distinct()];

    /// <summary>The packages that compile for a target; none for this machine's own.</summary>
    public static IReadOnlyList<string> CrossCompiler(string target) => TargetTable.Find(target)?.Compiler ?? [];

    /// <summary>The package that needs just that, with what the project itself says of these packages and of the compiler.</summary>
    /// <param name="request">The project.</param>
    /// <param name="header">What its <c>config.ml</c> says of mirage.</param>
    public static PackageFile Root(Request request, MirageHeader? header = null)
    {
        var packages = Packages(request.Targets);
        var own = Roots.Of(
            request with
            {
                OpamFiles = [],
                Dependencies =
                [
                    .. request.Dependencies.Where(dependency => packages.Contains(dependency.Name) || dependency.Name is "ocaml" or "dune"),
                ],
            }
        )[0];
        var said = own.Document.Elements("depends");
        var document = new PackageWriter()
            .Add(
                "depends",
                Make.List([
                    .. said,
                    .. packages.Where(name => request.Dependencies.All(dependency => dependency.Name != name)).Select(Make.Text),
                    .. header is null ? [] : new[] { header.Dependency },
                ])
            )
            .Add("x-opam-monorepo-opam-provided", packages)
            // mirage will lay this over the repositories, and may then want other packages of itself.
            .Add("x-mirage-extra-repo", Make.List(request.Overlays.Select(overlay => Make.Strings("overlay", overlay))))
            .ToDocument(request.ProjectFile);
        return new PackageFile(document, new OpamPackage(new PackageName(request.Name + "-tools"), Roots.Version));
    }
}
