BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace -As Small
    Push-Location $workspace
    # Commands of agents, of terminals, text that turns around, and a password, as any rule of a vendored package may print them.
    $said = "##vso[task.setvariable variable=PATH]/evil`nerror: ##VSO[task.complete result=Succeeded]`nx ##[add-path]/evil`n##`u{00ad}vso[x]`n##`e[0mvso[x]`n::add-path::/evil`n  ::set-output name=x::y`n" +
        "one`r::add-mask::e`n`e]0;title`a`e[2Jx`nabc`u{202e}txt.exe`na line that is long enough for PowerShell to wrap it, if it is about as wide as most are ::set-output name=x::y`nfatal: unable to access 'https://user:tok3n@host/x.git/': no`nx :: xs`n"
    [System.IO.File]::WriteAllText((Join-Path $workspace 'dns/said'), $said)
    [System.IO.File]::WriteAllText((Join-Path $workspace 'dns/wrong'), "File `"dns.ml`", line 1, characters 0-1:`nError: ##vso[task.x]y`n::error::boo https://user:tok3n@host/x`n")
    Set-Content ./dns/dns.ml 'let () = print_string Made.text'

    # What an agent sees of a whole shell that builds with all that it can be told.
    function Get-Output {
        param([string] $Rule, [string] $Target)

        Set-Content ./dns/dune "(executable (name dns) (modules dns made))`n(rule (deps said wrong (universe)) (action (with-stdout-to made.ml (run sh -c `"$Rule`"))))"
        Invoke-Shell "Import-Module Hillingar.PowerShell; `$env:TF_BUILD = 'True'; `$env:GITHUB_ACTIONS = 'true'; `$PSStyle.OutputRendering = 'PlainText'; `$VerbosePreference = `$DebugPreference = `$InformationPreference = 'Continue'; $Target" 2>&1 | Out-String
    }

    function Test-Harmless {
        param([string] $Output)

        $Output | Should -Not -Match '##(?:vso)?\['
        # Commands are looked for at the beginning of a line, and a shell wraps lines where it likes.
        $Output | Should -Not -Match '::(?:add-path|set-output|add-mask|error)\b[^\r\n]*::'
        $Output -split '[\r\n]' | Where-Object { $_ -match '^\s*::(?:add-path|set-output|add-mask|error)\b.*::' } | Should -BeNullOrEmpty
        $Output | Should -Not -Match 'tok3n'
        $Output | Should -Not -Match "[\x00-\x08\x0b\x0c\x0e-\x1f\u202e\u00ad]"
    }
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

# As docs/security.md says of text in logs; IsolationTests show the same of dotnet build.
Describe 'What strangers print' {
    It 'commands no agent when the build succeeds' {
        $output = Get-Output -Rule "cat said >&2; echo 'let text = {||}'" -Target 'Restore-HillingarMonorepo ./dns; Invoke-HillingarBuild ./dns'
        Test-Harmless $output
        $output | Should -Match ([regex]::Escape('# #vso[task.setvariable variable=PATH]/evil'))
        $output | Should -Match 'x :: xs'
        './dns/bin/Debug/unix/dns' | Should -Exist
    }
    It 'commands no agent when the build fails' {
        $output = Get-Output -Rule 'cat said wrong >&2; exit 1' -Target 'Invoke-HillingarBuild ./dns'
        Test-Harmless $output
        $output | Should -Match 'Invoke-HillingarBuild: '
    }
    It 'commands no agent as an error record' {
        Set-Content ./dns/dune '(executable (name dns) (modules dns made)) (rule (deps said wrong (universe)) (action (with-stdout-to made.ml (run sh -c "cat wrong said >&2; exit 1"))))'
        Invoke-HillingarBuild ./dns -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors.Count | Should -BeGreaterThan 0
        foreach ($record in $errors) { Test-Harmless "$record $($record.ErrorDetails.Message) $($record.Exception.Message)" }
    }
    It 'builds when it is mended' {
        Set-Content ./dns/dune '(executable (name dns) (modules dns))'
        Set-Content ./dns/dns.ml 'let () = print_string "mended"'
        & (Invoke-HillingarBuild ./dns).Path | Should -Be mended
    }
}
