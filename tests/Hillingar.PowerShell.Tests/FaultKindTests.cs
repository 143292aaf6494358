using System.Management.Automation;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.PowerShell.Tests;

/// <summary>The catalogue of error codes, as the libraries carry it.</summary>
public sealed class FaultKindTests
{
    [Fact]
    public void Each_code_has_a_category_of_PowerShells_a_cause_and_advice() => Assert.All(FaultKind.All, kind =>
    {
        Assert.True(Enum.TryParse<ErrorCategory>(kind.Category, out var category) && category.ToString() == kind.Category, $"{kind.Code}: {kind.Category}");
        Assert.True(kind.Cause.EndsWith('.') && kind.Advice.EndsWith('.'), $"{kind}");
    });

    [Fact]
    public void They_come_in_the_order_of_the_page() => Assert.Equal(FaultKind.All.Select(kind => kind.Code).Order(StringComparer.Ordinal), FaultKind.All.Select(kind => kind.Code));

    [Fact]
    public void A_code_is_found_and_one_of_others_is_not()
    {
        Assert.Equal(nameof(ErrorCategory.ConnectionError), FaultKind.Of("HIL4005")?.Category);
        Assert.Null(FaultKind.Of("CS1002"));
    }
}
