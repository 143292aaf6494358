using Hillingar.Build.Files;
using Hillingar.Build.Switches;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Builds that want the same thing take turns, and say what they wait for.</summary>
public sealed class WaitingTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly SwitchCase _case;

    public WaitingTests() => _case = new SwitchCase(_folder).Add("slow.1", "install: [\"sh\" \"-c\" \"mkdir -p %{lib}% && echo x > %{lib}%/slow\"]");

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_says_which_package_it_waits_for_while_another_one_builds_it()
    {
        await _case.Build();
        var key = Path.GetFileName(Directory.EnumerateDirectories(_folder["store/switch/packages"]).Single());
        Directory.Delete(_folder[$"store/switch/packages/{key}"], recursive: true);
        Task<HostSwitch> waiting;
        using (await FolderLock.Take(_folder[$"store/switch/locks/{key}.lock"], Cancellation))
        {
            waiting = Task.Run(_case.Build, Cancellation);
            await Told("Waiting until another build is done with slow.1");
        }

        await waiting;
        Assert.Equal(["slow.1", "slow.1"], _case.Built);
    }

    [Fact]
    public async Task A_build_says_that_it_waits_while_the_store_is_pruned()
    {
        await _case.Build();
        Task<HostSwitch> waiting;
        using (await FolderLock.Take(_folder["store/switch/locks/use.lock"], Cancellation))
        {
            waiting = Task.Run(_case.Build, Cancellation);
            await Told("Waiting until another process is done, which prunes or repairs the store");
        }

        await waiting;
        Assert.Single(_case.Reporter.Told, line => line.StartsWith("Waiting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_gets_a_turn_at_once_says_nothing()
    {
        using (await FolderLock.Take(_folder["lock"], Cancellation, () => Assert.Fail("nobody has it")))
            Assert.Null(FolderLock.Try(_folder["lock"]));
        FolderLock.Try(_folder["lock"])!.Dispose();
    }

    async Task Told(string text)
    {
        while (!_case.Reporter.Told.Any(line => line.StartsWith(text, StringComparison.Ordinal)))
            await Task.Delay(20, Cancellation);
    }
}
