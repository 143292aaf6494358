using Hillingar.Sdk.Tests;

namespace Hillingar.Tests;

/// <summary>The sample as a project of the packed SDK that builds with Nix, in the store that tests share.</summary>
static class NixProject
{
    public static async Task<SampleProject> Make(SharedNix shared, Hillingar.Sdk.Tests.Sdk sdk)
    {
        var store = shared.Store("modern");
        var sample = await shared.Sample("modern");
        foreach (var (name, value) in store.Variables)
            if (name is not ("HOME" or "XDG_CACHE_HOME"))
                sdk.Variables[name] = value;
        sdk.Variables["PATH"] = $"{Path.GetDirectoryName(store.Nix.Program)}:{Environment.GetEnvironmentVariable("PATH")}";
        var project = new SampleProject(sdk);
        project.Edit("dns.csproj", text => text.Replace("<PropertyGroup>", $"<PropertyGroup><HillingarBackend>nix</HillingarBackend><HillingarNixpkgs>{sample.Nixpkgs}</HillingarNixpkgs><HillingarAudit>false</HillingarAudit><HillingarOffline>true</HillingarOffline>", StringComparison.Ordinal));
        return project;
    }
}
