using Hillingar.Build.Nix;

namespace Hillingar.Build.Tests;

public class NixLogTests
{
    // Nix 2.8 writes what a build prints beside its own entries.
    [Theory]
    [InlineData("{}")]
    [InlineData("{\"action\":5}")]
    [InlineData("{\"action\":\"start\"}")]
    [InlineData("{\"action\":\"start\",\"type\":99999999999,\"id\":1}")]
    [InlineData("{\"action\":\"start\",\"type\":105,\"id\":-1,\"fields\":[\"a\"]}")]
    [InlineData("{\"action\":\"stop\",\"id\":\"x\"}")]
    [InlineData("{\"action\":\"result\",\"id\":1,\"type\":105,\"fields\":[1.5,1e99]}")]
    [InlineData("{\"action\":\"msg\",\"level\":0,\"msg\":\"\\ud800\"}")]
    [InlineData("{\"action\":\"msg\",\"level\":0,\"msg\":null}")]
    public void What_a_build_prints_that_looks_like_an_entry_of_Nixs_is_shown_and_read_as_none(string text)
    {
        var reporter = new ReporterFake();
        var log = new NixLog(reporter, (_, _) => { });
        log.Add("""@nix {"action":"start","type":104,"id":1,"fields":[]}""");
        log.Add("@nix " + text);
        Assert.Contains(reporter.Told, detail => detail == "@nix " + text);
        Assert.Empty(log.Errors);
    }
}
