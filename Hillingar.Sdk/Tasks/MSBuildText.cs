using System.Globalization;
using System.Security;
using System.Text;

namespace Hillingar.Sdk.Tasks;

/// <summary>Text in a project's file that means nothing to MSBuild.</summary>
static class MSBuildText
{
    /// <summary>The value of an attribute. MSBuild reads %XX as a character that means nothing to it: https://learn.microsoft.com/visualstudio/msbuild/msbuild-special-characters</summary>
    public static string Escape(string value)
    {
        var text = new StringBuilder();
        foreach (var character in value)
            if (char.IsControl(character) && character is not ('\n' or '\t'))
                text.Append(' ');
            else if (
                char.IsAscii(character)
                && !char.IsAsciiLetterOrDigit(character)
                && character is not (' ' or '.' or '-' or '/' or ':' or ',' or '_')
            )
                text.Append(CultureInfo.InvariantCulture, $"%{(int)character:X2}");
            else
                text.Append(character);
        return SecurityElement.Escape(text.ToString());
    }
}
