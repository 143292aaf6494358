using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Repositories;

/// <summary>A repository with the address that locks write for it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Repository">The opened repository.</param>
public sealed record NamedRepository(string Address, Repository Repository);
