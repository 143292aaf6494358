using System.Text;
using Hillingar.Build.Mirage;

namespace Hillingar.Build.Nix;

/// <summary>What the Nix code of a flake needs of the table of targets, as <c>targets.nix</c>: Nix reads no C#.</summary>
static class FlakeTargets
{
    /// <summary>The file's name among the flake's parts.</summary>
    public const string Name = "targets.nix";

    /// <summary>Its text.</summary>
    public static string Text { get; } = Write();

    static string Write()
    {
        // Those that nixpkgs has: it packs Solo5.
        var tenders = TargetTable.Rows.Where(row => row.Tender?.Style.Name == "solo5").ToList();
        var programs = TargetTable.Rows.Where(row => row.IsProgram).ToList();
        var text = new StringBuilder(
            $$"""
            # What Hillingar knows of mirage's targets.
            {
              # Images that are programs, which start by themselves.
              programs = {{List(programs)}};

              # What starts the others.
              tenders = {

            """
        );
        foreach (var row in tenders)
            text.Append($"    {row.Name} = \"{row.Tender!.Program}\";\n");
        return text.Append(
                $$"""
                  };

                  # What needs KVM's device.
                  kvm = {{List(tenders.Where(row => row.NeedsKvm))}};

                  # What a service of NixOS can run.
                  services = {{List(programs.Where(row => row.Fault("x86_64-linux") is null).Concat(tenders))}};
                }

                """
            )
            .ToString();
    }

    static string List(IEnumerable<TargetRow> rows) => $"[{string.Concat(rows.Select(row => $"\n    \"{row.Name}\""))}\n  ]";
}
