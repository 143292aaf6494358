using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class ProjectPlacesTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Items_and_properties_are_found_where_they_were_written()
    {
        var path = _folder.Write("a.csproj", "<Project>\n <PropertyGroup><MirageTargets>a</MirageTargets></PropertyGroup>\n <ItemGroup>\n  <OpamDependency Include=\"lwt; re\" />\n </ItemGroup>\n</Project>");
        var places = new ProjectPlaces(path);
        Assert.Equal(new Place(path, 4, 4), places.Of("OpamDependency", "re"));
        Assert.Equal(new Place(path, 2, 18), places.OfProperty("MirageTargets"));
        Assert.Equal(new Place(path), places.Of("OpamDependency", "elsewhere"));
    }

    [Theory]
    [InlineData("<Project>")]
    [InlineData(null)]
    public void A_file_that_cannot_be_read_has_no_lines(string? text)
    {
        var path = text is null ? _folder["none.csproj"] : _folder.Write("a.csproj", text);
        Assert.Equal(new Place(path), new ProjectPlaces(path).Of("OpamDependency", "lwt"));
    }
}
