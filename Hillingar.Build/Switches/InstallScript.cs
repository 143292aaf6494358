using System.Text;

namespace Hillingar.Build.Switches;

/// <summary>
/// The shell script that follows a <c>.install</c> file. It runs where the package was built, so that a link of the package's can lead it
/// nowhere that the package itself could not go.
/// </summary>
static class InstallScript
{
    /// <summary>The script, to be run in the folder of the build.</summary>
    public static string Of(InstallFile install, SwitchLayout layout)
    {
        var script = new StringBuilder(
            """
            set -e
            missing=
            put() {
              if [ -d "$3" ]; then echo "$3 is a folder, and a file is to be installed there"; exit 1; fi
              if [ -e "$2" ]; then install -m "$1" "$2" "$3"; else missing="$missing $2"; fi
            }

            """
        );
        foreach (
            var folder in install.Files.Select(file => Path.GetDirectoryName(file.Destination)!).Distinct().Order(StringComparer.Ordinal)
        )
            script.Append($"mkdir -p {Quoted($"{layout.Prefix}/{folder}")}\n");
        foreach (var file in install.Files)
        {
            var source = Quoted("./" + file.Source);
            var put = $"put {(file.IsExecutable ? "755" : "644")} {source} {Quoted($"{layout.Prefix}/{file.Destination}")}";
            script.Append(file.IsOptional ? $"if [ -e {source} ]; then {put}; fi\n" : put + "\n");
        }

        script.Append("if [ -n \"$missing\" ]; then echo \"These files of the .install file are not there:$missing\"; exit 1; fi\n");
        return script.ToString();
    }

    static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
