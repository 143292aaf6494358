namespace Hillingar.Tests;

/// <summary>What strangers may say, and how it is told: one list for the library, the SDK, the module and the update bot.</summary>
static class HostileText
{
    /// <summary>Texts, and how a text of several lines shows them.</summary>
    public static IReadOnlyList<(string Said, string Told)> Vectors { get; } =
    [
        // Commands of Azure's agent, which looks for them anywhere in a line, as people compare texts.
        ("##vso[task.setvariable variable=PATH]/evil", "# #vso[task.setvariable variable=PATH]/evil"),
        ("error: ##VSO[task.complete result=Succeeded]", "error: # #VSO[task.complete result=Succeeded]"),
        ("###vso[x]", "## #vso[x]"),
        ("##\u00advso[x]", "##\\u00advso[x]"),
        ("#\u200b#vso[x]", "#\\u200b#vso[x]"),
        ("##v\u034fso[x]", "##v\\u034fso[x]"),
        ("##\ufe0fvso[x]", "##\\ufe0fvso[x]"),
        ("##\u001b[0mvso[x]", "# #vso[x]"),
        ("##[error]boo", "# #[error]boo"),
        ("x ##[add-path]/evil", "x # #[add-path]/evil"),
        // Commands of GitHub's runner, which looks for them at the beginning of a line.
        ("::add-path::/evil", ": :add-path::/evil"),
        ("  ::set-output name=x::y", "  : :set-output name=x::y"),
        ("one\n\t::Error file=a,line=1::boo", "one\n\t: :Error file=a,line=1::boo"),
        ("one\r::add-mask::e", "one\\u000d: :add-mask::e"),
        ("one\u2028::add-mask::e", "one\\u2028: :add-mask::e"),
        ("\ufeff::add-mask::e", "\\ufeff: :add-mask::e"),
        ("\u3000::stop-commands::e", "\u3000: :stop-commands::e"),
        // Whoever shows a long line may begin another one anywhere in it.
        ("a text that is wrapped here ::set-output name=x::y", "a text that is wrapped here : :set-output name=x::y"),
        ("wrapped/in/a/word::error::x", "wrapped/in/a/word: :error::x"),
        // A terminal's cursor, title, colours and bell; text that runs backwards; other ends of lines.
        ("\u001b]0;title\u0007\u001b[2Jx", "\\u001b]0;title\\u0007\\u001b[2Jx"),
        ("\u001b[1;31mError\u001b[0m: no", "Error: no"),
        ("\u009b31mred", "\\u009b31mred"),
        ("abc\u202Etxt.exe", "abc\\u202etxt.exe"),
        ("a\u2066b\u2069c", "a\\u2066b\\u2069c"),
        ("a\u0085b\u000bc\u000cd\0e", "a\\u0085b\\u000bc\\u000cd\\u0000e"),
        ("tag\U000E0041", "tag\\U000e0041"),
        ("half \ud800 of", "half \\ud800 of"),
        // Passwords.
        ("fatal: unable to access 'https://user:tok3n@host/x.git/': no", "fatal: unable to access 'https://host/x.git/': no"),
        ("git+https://tok3n@host/x#main and http://u:p@ss@host/", "git+https://host/x#main and http://host/"),
        ("ssh://git:tok3n@host/x", "ssh://git@host/x"),
        ("https://host/a?sig=tok3n&b=1", "https://host/a?sig=…&b=1"),
        ("https://host/a?b=1&private_token=tok3n, then", "https://host/a?b=1&private_token=… then"),
        // All else is readable.
        ("  x :: xs", "  x :: xs"),
        ("  :: xs -> f (y :: ys)", "  :: xs -> f (y :: ys)"),
        ("::std::move(x)", "::std::move(x)"),
        ("# ## heading [x]", "# ## heading [x]"),
        ("let a = [| 1 |] (* é, 名, 🐪, ⚠️ *)\r\n\tin", "let a = [| 1 |] (* é, 名, 🐪, ⚠️ *)\n\tin"),
        ("mail me@example.org, see https://host/@scope/x", "mail me@example.org, see https://host/@scope/x"),
        ("ssh://git@host/x", "ssh://git@host/x"),
    ];

    /// <summary>Whether a build agent would take a line of a text for a command.</summary>
    public static bool Commands(string text) => text.Split('\n', '\r').Any(line =>
        line.Contains("##vso[", StringComparison.InvariantCultureIgnoreCase) || line.Contains("##[", StringComparison.InvariantCultureIgnoreCase)
        || line.TrimStart() is var rest && rest.StartsWith("::", StringComparison.InvariantCulture) && rest[2..].Split("::") is [var head, _, ..] && s_commands.Contains(head.Split(' ')[0]));

    static readonly HashSet<string> s_commands = new(StringComparer.OrdinalIgnoreCase)
    {
        "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path", "notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
    };
}
