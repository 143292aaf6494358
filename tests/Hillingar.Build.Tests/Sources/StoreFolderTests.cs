using Hillingar.Build.Processes;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class StoreFolderTests : IDisposable
{
    const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    const UnixFileMode Readable = Owner | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    readonly TestFolder _folder = new();

    public StoreFolderTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "needs Unix file modes");

    public void Dispose() => _folder.Dispose();

#pragma warning disable CA1416 // The constructor skips on Windows.
    static UnixFileMode Mode(string path) => File.GetUnixFileMode(path);

    string Made(string name, UnixFileMode mode)
    {
        Directory.CreateDirectory(_folder[name]);
        File.SetUnixFileMode(_folder[name], mode);
        return _folder[name];
    }
#pragma warning restore CA1416

    static async Task Change(string program, params string[] arguments) =>
        Assert.Equal(0, (await ProcessRunner.Run(new Command(program, arguments), TestContext.Current.CancellationToken)).ExitCode);

    static Diagnostic Refused(string store) => Assert.Throws<HillingarException>(() => new Stores(store).Sources).Diagnostic;

    [Fact]
    public void A_store_is_made_for_its_owner_alone()
    {
        var store = _folder["above/store"];
        Assert.Equal(store, new Stores(store).Root);
        Assert.Equal(Owner, Mode(store));
        Assert.Equal((UnixFileMode)0, Mode(_folder["above"]) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
    }

    [Fact]
    public void A_store_that_others_could_read_is_closed_to_them()
    {
        var store = Made("store", Readable);
        Assert.Equal(store, new Stores(store).Root);
        Assert.Equal(Owner, Mode(store));
    }

    [Theory]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)]
    public void A_store_that_others_may_write_is_refused_and_left_as_it_is(UnixFileMode more)
    {
        var store = Made("store", Readable | more);
        var refused = Refused(store);
        Assert.Equal("HIL4070", refused.Code);
        Assert.Contains($"chmod go-rwx {store}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Readable | more, Mode(store));
        Assert.Empty(Directory.EnumerateFileSystemEntries(store));
    }

    [Fact]
    public async Task A_group_that_may_write_is_the_owner_only_where_it_has_the_owners_number()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs to be root, to give a folder to another group");
        var store = Made("own", Readable | UnixFileMode.GroupWrite);
        Assert.Equal(store, new Stores(store).Root);
        Assert.Equal(Owner, Mode(store));
        await Change("chgrp", StoreWorker.Other, Made("shared", Readable | UnixFileMode.GroupWrite));
        Assert.Equal("HIL4070", Refused(_folder["shared"]).Code);
    }

    [Fact]
    public async Task A_store_of_another_user_is_refused_also_by_root()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs to be root, to give a folder to another user");
        await Change("chown", StoreWorker.Other, Made("theirs", Owner));
        var refused = Refused(_folder["theirs"]);
        Assert.Equal("HIL4070", refused.Code);
        Assert.Contains(StoreWorker.Other, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_user_can_use_a_store_of_its_own_and_not_ours()
    {
        Made(".", Readable);
        Assert.Equal("HIL4070", await StoreWorker.AsOther(Made("ours", Readable)));
        Assert.Equal("HIL4070", await StoreWorker.AsOther(Made("closed", Owner)));
        await Change("chown", StoreWorker.Other, Made("theirs", Readable));
        Assert.Equal(_folder["theirs"], await StoreWorker.AsOther(_folder["theirs"]));
        Assert.Equal(Owner, Mode(_folder["theirs"]));
    }

    [Theory]
    [InlineData(0u, 0u, null, true)]
    [InlineData(1000u, 1000u, null, true)]
    [InlineData(1000u, 1001u, "1001", false)]
    [InlineData(0u, 1000u, null, false)]
    [InlineData(0u, 1000u, "1000", true)]
    [InlineData(0u, 1000u, "1001", false)]
    [InlineData(0u, 1000u, "x", false)]
    public void Root_uses_what_belongs_to_the_user_that_called_it_by_sudo_and_nobody_elses(uint me, uint owner, string? caller, bool may) =>
        Assert.Equal(may, StoreFolder.MayUse(me, owner, caller));

    [Fact]
    public void A_store_below_a_folder_in_which_anybody_may_replace_it_is_refused()
    {
        const UnixFileMode Anybody = Readable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        var above = Made("above", Anybody);
        var refused = Refused(Path.Combine(above, "inner", "store"));
        Assert.Equal("HIL4070", refused.Code);
        Assert.Contains($"chmod o-w {above}", refused.Message, StringComparison.Ordinal);
        // As of /tmp: nobody but its owner can rename what is in it.
        Made("above", Anybody | UnixFileMode.StickyBit);
        Assert.Equal(Path.Combine(above, "inner", "store"), new Stores(Path.Combine(above, "inner", "store")).Root);
    }

    [Fact]
    public void A_store_that_a_link_leads_to_is_used_by_its_real_path()
    {
        Directory.CreateSymbolicLink(_folder["link"], Made("store", Owner));
        Assert.Equal(_folder["store"], new Stores(_folder["link"]).Root);
        Assert.StartsWith(_folder["store"], new Stores(_folder["link"]).Sources.Folder, StringComparison.Ordinal);
    }

    // A folder for all, such as /tmp, in which another user was there first.
    [Theory]
    [InlineData("store")]
    [InlineData("link")]
    [InlineData("link/inner")]
    [InlineData("own/store")]
    public async Task In_a_shared_folder_what_another_user_put_there_first_is_refused_and_nothing_of_ours_changes(string name)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs to be root, to give files to another user");
        Made("shared", Readable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit);
        var mine = Made("mine", Readable);
        _folder.Write("mine/papers", "mine");
        await Change("chown", StoreWorker.Other, Made("shared/store", Owner));
        Directory.CreateSymbolicLink(_folder["shared/link"], mine);
        await Change("chown", "--no-dereference", StoreWorker.Other, _folder["shared/link"]);
        // A link of ours that leads by theirs.
        Directory.CreateDirectory(_folder["shared/own"]);
        Directory.CreateSymbolicLink(_folder["shared/own/store"], "../link");

        Assert.Equal("HIL4070", Refused(_folder[$"shared/{name}"]).Code);
        Assert.Equal(Readable, Mode(mine));
        Assert.Equal([_folder["mine/papers"]], Directory.EnumerateFileSystemEntries(mine));
        // One of our own beside it is used.
        Assert.Equal(_folder["shared/mine"], new Stores(_folder["shared/mine"]).Root);
        Assert.Equal(Owner, Mode(_folder["shared/mine"]));
    }

    [Fact]
    public void Where_no_store_can_be_made_what_needs_none_goes_on()
    {
        _folder.Write("file", "");
        Assert.Equal(_folder["file/store"], new Stores(_folder["file/store"]).Root);
    }
}
