using Hillingar.Build.Projects;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes items OpamDependency into the project's file, or takes them out of it.</summary>
public sealed class EditDependency : HillingarTask
{
    /// <summary>The opam packages.</summary>
    [Required]
    public string[] Packages { get; set; } = [];

    /// <summary>The version of each: an opam constraint, a NuGet range, or empty for any.</summary>
    public string Constraint { get; set; } = "";

    /// <summary>Whether they are taken out.</summary>
    public bool Remove { get; set; }

    private protected override Task Run(CancellationToken cancellation)
    {
        foreach (var package in Packages)
        {
            var edit = Remove ? DependencyEditor.Remove(ProjectFile, package) : DependencyEditor.Add(ProjectFile, package, Constraint);
            var of = $"{Path.GetFileName(ProjectFile)}{(edit.Place.Line > 0 ? $", line {edit.Place.Line}" : "")}";
            var what = edit.Constraint.Length > 0 ? $"{edit.Package} {edit.Constraint}" : edit.Package;
            Step(
                edit.Change switch
                {
                    DependencyChange.Added =>
                        $"Added {what} to {of}. Name its libraries in a dune file's (libraries …); 'dotnet build' locks and vendors it.",
                    DependencyChange.Changed => $"Changed {of}: {what}",
                    DependencyChange.Removed => $"Removed {edit.Package} from {of}",
                    _ => $"{of} asks for {what} already",
                }
            );
        }

        return Task.CompletedTask;
    }
}
