using Hillingar.Opam.Addresses;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Requests;

/// <summary>What a project says about the network: what it allows, and the passwords in addresses that it names itself.</summary>
static class ProjectNetwork
{
    /// <summary>From here on, all that the caller awaits works with it.</summary>
    /// <param name="request">What the project asks for.</param>
    /// <param name="roots">Its packages.</param>
    /// <param name="others">Further addresses of the project's own.</param>
    public static void Use(Request request, IReadOnlyList<PackageFile> roots, params IEnumerable<string> others)
    {
        var config = SourceConfig.Of(roots);
        Network.Current = (
            Network.Current with
            {
                AllowPrivateRedirects = Network.Current.AllowPrivateRedirects || request.AllowPrivateRedirects,
            }
        ).With([
            .. request.Repositories,
            .. request.Overlays,
            .. config.Repositories,
            .. config.Overlays,
            .. roots.SelectMany(root => root.PinDepends).Select(pin => pin.Url),
            .. others,
        ]);
    }
}
