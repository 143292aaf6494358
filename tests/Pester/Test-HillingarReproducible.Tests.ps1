BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace -As Built
    Push-Location $workspace
    $null = Restore-HillingarMonorepo ./dns -WarningAction SilentlyContinue
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Test-HillingarReproducible' {
    It 'builds in two folders and finds the same image' {
        $result = Test-HillingarReproducible ./dns -Destination ./kept
        $result.GetType().FullName | Should -Be Hillingar.Build.Reproducing.Reproduction
        $result.IsReproducible | Should -BeTrue
        $result.Target | Should -Be unix
        './kept/dns/unix.1/dns' | Should -Exist
        './kept/dns/unix.2/dns' | Should -Exist
        $result | Format-Table | Out-String | Should -Match 'IsReproducible'
    }
}

Describe 'Test-HillingarReproducible of a small project' {
    BeforeAll {
        $script:small = New-Workspace -As Small
        Push-Location $small
        $null = Restore-HillingarMonorepo ./dns -WarningAction SilentlyContinue
    }

    AfterAll {
        Pop-Location
        Remove-Item $small -Recurse -Force
    }

    It 'tells where images differ' {
        # The time of the build, in the program.
        (Get-Content ./dns/dune -Raw).Replace('(modules dns)', '(modules dns stamp)') + '(rule (with-stdout-to stamp.ml (run date "+let stamp = \"%N\"")))' | Set-Content ./dns/dune
        Add-Content ./dns/dns.ml 'let () = if Array.length Sys.argv > 99 then print_string Stamp.stamp'
        $result = Test-HillingarReproducible ./dns
        $result.IsReproducible | Should -BeFalse
        ($result.Differences | Where-Object Part -eq '.data').Count | Should -Be 1
        "$result" | Should -Match '\.data: from byte \d+ on'
        Test-HillingarReproducible ./dns -Quiet | Should -BeFalse
        & git checkout -q -- dns
    }
    It 'tells errors of the sources' {
        Add-Content ./dns/dns.ml 'let () = 1 + "one"'
        Test-HillingarReproducible ./dns -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HIL5010,*'
        & git checkout -q -- dns
    }
}
