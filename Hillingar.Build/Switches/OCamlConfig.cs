using System.Collections.Immutable;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Switches;

/// <summary>
/// The variables of the package <c>ocaml</c>, which it finds out by running the compiler (<c>gen_ocaml_config.ml</c> of ocaml/ocaml), for
/// a caller that knows the compiler and cannot run it.
/// </summary>
public static class OCamlConfig
{
    /// <summary>The variables of a compiler that makes native code, as all do that build unikernels.</summary>
    /// <param name="compiler">The package that the compiler comes from: <c>ocaml-system</c>, <c>ocaml-base-compiler</c>, <c>ocaml-variants</c>.</param>
    /// <param name="libraries">The compiler's own library folder, as <c>ocamlc -where</c> says.</param>
    public static IReadOnlyDictionary<string, VariableValue> Of(OpamPackage compiler, string libraries)
    {
        var preinstalled = compiler.Name.Text == "ocaml-system";
        return ImmutableDictionary<string, VariableValue>
            .Empty.Add("native", true)
            .Add("native-tools", true)
            .Add("native-dynlink", true)
            // What ld.conf of the compiler's own installation says.
            .Add("stubsdir", $"{libraries}/stublibs:{libraries}")
            .Add("preinstalled", preinstalled)
            .Add("compiler", preinstalled ? "system" : compiler.Version.Text);
    }
}
