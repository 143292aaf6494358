using Hillingar.Build.Machines;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

public sealed class TargetSupportTests
{
    // Those of mirage's that these platforms were compared for.
    static readonly string[] s_targets = ["unix", "macosx", "hvt", "spt", "virtio", "muen", "xen", "qubes", "unikraft-firecracker", "unikraft-qemu"];

    [Fact]
    public void All_of_them_are_known() => Assert.Superset(s_targets.ToHashSet(), MirageTarget.Known.ToHashSet());

    [Theory]
    [InlineData("x86_64-linux", "unix hvt spt virtio muen xen qubes unikraft-firecracker unikraft-qemu")]
    [InlineData("arm64-linux", "unix hvt spt unikraft-firecracker unikraft-qemu")]
    [InlineData("riscv64-linux", "unix")]
    [InlineData("x86_64-freebsd", "unix hvt virtio muen")]
    [InlineData("arm64-macos", "unix macosx")]
    [InlineData("x86_64-win32", "")]
    public void A_platform_builds_what_the_toolchains_are_there_for(string platform, string targets) =>
        Assert.Equal(targets.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), s_targets.Where(target => TargetSupport.Fault(target, platform) is null).Order());

    [Theory]
    [InlineData("linux-arm64", "arm64-linux")]
    [InlineData("linux-musl-x64", "x86_64-linux")]
    [InlineData("win-x64", null)]
    public void Dotnets_names_stand_for_platforms(string runtime, string? platform) => Assert.Equal(platform, TargetSupport.PlatformOf(runtime));

    [Fact]
    public void A_machine_of_another_kind_is_asked_for_by_name()
    {
        var other = Platform.Host.Name == "arm64-linux" ? "linux-x64" : "linux-arm64";
        var error = Assert.Throws<HillingarException>(() => TargetSupport.Check(new Request("a", "a.csproj", ["unix"], [], [], []), "unix", other));
        Assert.Equal("HIL5074", error.Diagnostic.Code);
        Assert.Contains(other, error.Message, StringComparison.Ordinal);
    }
}
