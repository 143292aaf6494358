BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Test-HillingarLock' {
    It 'says that a lock is current' {
        $health = Test-HillingarLock ./dns
        $health.GetType().FullName | Should -Be Hillingar.Build.Health.LockHealth
        $health.IsCurrent | Should -BeTrue
        $health.IsOk | Should -BeTrue
        $health.Findings | Should -BeNullOrEmpty
        Test-HillingarLock ./dns -Quiet | Should -BeTrue
    }
    It 'says what is asked for otherwise' {
        (Get-Content ./dns/dns.csproj -Raw).Replace('[5.6,6.0)', '[5.5,6.0)') | Set-Content ./dns/dns.csproj -NoNewline
        $health = Get-HillingarProject ./dns | Test-HillingarLock
        $health.IsCurrent | Should -BeFalse
        $health.Changes -join "`n" | Should -Match '(?s)\+ dns depends .*5\.5.*- dns depends .*5\.6'
        Test-HillingarLock ./dns -Quiet | Should -BeFalse
        & git checkout -q -- dns
    }
    It 'finds what is known of the packages' {
        $findings = (Test-HillingarLock ./dns -Audit).Findings
        "$($findings.Id) $($findings.Level) $($findings.Package) $($findings.Fixed)" | Should -Be 'OSEC-2026-01 High lwt.5.6.1 5.7.0'
        (Test-HillingarLock -Lock ./dns -Advisory ./advisories).Findings.Id | Should -Be OSEC-2026-01
        Test-HillingarLock ./dns -Audit -Quiet | Should -BeFalse
        Test-HillingarLock ./dns -Audit | Format-List | Out-String | Should -Match 'OSEC-2026-01 High lwt'
    }
    It 'tells later versions, and what the project would get anew' {
        $outdated = (Test-HillingarLock ./dns -Outdated).Outdated | Where-Object Name -EQ lwt
        "$($outdated.Locked) $($outdated.Allowed) $($outdated.Newest)" | Should -Be '5.6.1 5.6.1 5.9.1'
    }
    It 'tells where the advisories cannot be had' {
        { Test-HillingarLock ./dns -Advisory ./nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'HIL4050*'
    }
    It 'audits by the real advisories' {
        $data = Get-TestData
        if (-not $data) { Set-ItResult -Skipped -Because 'it needs security-advisories.tar.gz of the test data (HILLINGAR_TEST_DATA)'; return }
        $health = Test-HillingarLock ./dns -Advisory (Join-Path $data security-advisories.tar.gz)
        # Null is that nobody looked; what was found is of packages that are locked.
        $null -eq $health.Findings | Should -BeFalse
        $health.Findings | Where-Object { $_.Id -notmatch '^OSEC-' } | Should -BeNullOrEmpty
        # An old compiler has a history.
        (Get-Content ./dns/dns.opam.locked -Raw) -replace '"ocaml" \{= "[^"]+"', '"ocaml" {= "4.09.0"' | Set-Content ./old.opam.locked -NoNewline
        (Test-HillingarLock -Lock ./old.opam.locked -Advisory (Join-Path $data security-advisories.tar.gz)).Findings.Id | Should -Contain OSEC-2026-01
    }
}
