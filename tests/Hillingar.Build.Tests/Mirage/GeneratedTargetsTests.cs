using System.Text;
using Hillingar.Build.Mirage;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>
/// MSBuild's evaluation and Nix read no C#, so what they need of <c>targets.json</c> is generated from it and committed. With
/// <c>HILLINGAR_WRITE_GENERATED=1</c> these tests write the files; without it they compare.
/// </summary>
public sealed class GeneratedTargetsTests
{
    const string Source = "Hillingar.Build/Mirage/targets.json";

    [Fact]
    public void What_MSBuild_needs_is_what_the_table_says()
    {
        var text = new StringBuilder($"""
            <Project>
              <!-- Written from {Source}: change that, and run GeneratedTargetsTests with HILLINGAR_WRITE_GENERATED=1. -->
              <PropertyGroup>
                <_HillingarPrograms>;{string.Join(';', Programs)};</_HillingarPrograms>
                <!-- What is no target is refused by its name. -->
                <_HillingarSuffix>.$(MirageTarget)</_HillingarSuffix>
                <_HillingarContext>solo5</_HillingarContext>
              </PropertyGroup>

            """);
        foreach (var row in TargetTable.Rows)
            text.Append($"""
                  <PropertyGroup Condition="'$(MirageTarget)' == '{row.Name}'">
                    <_HillingarSuffix>{row.Suffix}</_HillingarSuffix>
                    <_HillingarContext>{row.Context}</_HillingarContext>
                  </PropertyGroup>

                """);
        Compare("Hillingar.Sdk/Sdk/Hillingar.MirageTargets.props", text.Append("</Project>\n"));
    }

    [Fact]
    public void What_Nix_needs_is_what_the_table_says()
    {
        // Those that nixpkgs has: it packs Solo5.
        var tenders = TargetTable.Rows.Where(row => row.Tender?.Style.Name == "solo5").ToList();
        var services = TargetTable.Rows.Where(row => row.IsProgram && row.Fault("x86_64-linux") is null).Concat(tenders);
        var text = new StringBuilder($$"""
            # Written from {{Source}}: change that, and run GeneratedTargetsTests with HILLINGAR_WRITE_GENERATED=1.
            {
              # Images that are programs, which start by themselves.
              programs = {{List(Programs)}};

              # What starts the others.
              tenders = {

            """);
        foreach (var row in tenders)
            text.Append($"    {row.Name} = \"{row.Tender!.Program}\";\n");
        text.Append($$"""
              };

              # What needs KVM's device.
              kvm = {{List(tenders.Where(row => row.NeedsKvm).Select(row => row.Name))}};

              # What a service of NixOS can run.
              services = {{List(services.Select(row => row.Name))}};
            }

            """);
        Compare("Hillingar.Build/Nix/Flake/targets.nix", text);

        static string List(IEnumerable<string> names) => $"[{string.Concat(names.Select(name => $"\n    \"{name}\""))}\n  ]";
    }

    [Fact]
    public void The_page_about_mirage_has_each_target_with_its_context()
    {
        var rows = File.ReadLines(Path.Combine(TestData.Root, "docs", "mirage.md")).SkipWhile(line => line != "## Targets").Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|')).SelectMany(cells => cells[1].Split(',').Select(name => $"{name.Trim(' ', '`')} {cells[2].Trim(' ', '`')}".Trim()));
        Assert.Superset(TargetTable.Rows.Select(row => $"{row.Name} {row.Context}").ToHashSet(), rows.ToHashSet());
    }

    static IEnumerable<string> Programs => TargetTable.Rows.Where(row => row.IsProgram).Select(row => row.Name);

    static void Compare(string file, StringBuilder text)
    {
        var path = Path.Combine(TestData.Root, file);
        if (Environment.GetEnvironmentVariable("HILLINGAR_WRITE_GENERATED") == "1")
            File.WriteAllText(path, text.ToString());
        Assert.Equal(text.ToString(), File.ReadAllText(path));
    }
}
