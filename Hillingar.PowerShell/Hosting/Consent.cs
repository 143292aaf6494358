namespace Hillingar.PowerShell.Hosting;

/// <summary>What came of asking before something is done.</summary>
enum Consent
{
    /// <summary>It is not to be done.</summary>
    No,

    /// <summary>It is not to be done, and what would follow is to be told too.</summary>
    Plan,

    /// <summary>It is to be done.</summary>
    Yes,
}
