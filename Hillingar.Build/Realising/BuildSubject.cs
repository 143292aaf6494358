using Hillingar.Build.Requests;

namespace Hillingar.Build.Realising;

/// <summary>What a build is of: a target of a project.</summary>
/// <param name="Request">What the project asks for.</param>
/// <param name="Target">The target.</param>
/// <param name="Targets">All targets of the project.</param>
public sealed record BuildSubject(Request Request, string Target, IReadOnlyList<FlakeTarget> Targets);
