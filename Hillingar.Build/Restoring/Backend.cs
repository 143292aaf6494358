namespace Hillingar.Build.Restoring;

/// <summary>Who builds.</summary>
public enum Backend
{
    /// <summary>This machine's own toolchain.</summary>
    Local,

    /// <summary>Nix.</summary>
    Nix,

    /// <summary>Nix where it is there and the machine's own toolchain does not fit the lock, else that one.</summary>
    Auto,
}
