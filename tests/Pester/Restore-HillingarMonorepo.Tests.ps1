BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Restore-HillingarMonorepo' {
    It 'says what it would do' {
        (Restore-HillingarMonorepo ./dns -WhatIf) | Should -BeNullOrEmpty
        './dns/obj/hillingar/duniverse' | Should -Not -Exist
    }
    It 'vendors what the lock says' {
        $monorepo = Get-HillingarProject ./dns | Restore-HillingarMonorepo
        $monorepo.GetType().FullName | Should -Be Hillingar.Build.Projects.Monorepo
        $monorepo.Name | Should -Be dns
        Get-ChildItem $monorepo.Duniverse -Directory | Where-Object Name -NE .hillingar | Should -HaveCount $monorepo.Sources
        $monorepo | Format-Table | Out-String | Should -Match 'Vendored'
    }
    It 'fails in locked mode where the lock is not current, and leaves it alone' {
        $before = Get-Content ./dns/dns.opam.locked -Raw
        (Get-Content ./dns/dns.csproj -Raw).Replace('[5.6,6.0)', '[5.5,6.0)') | Set-Content ./dns/dns.csproj -NoNewline
        { Restore-HillingarMonorepo ./dns -LockedMode -ErrorAction Stop } | Should -Throw -ErrorId 'HIL3002*'
        Get-Content ./dns/dns.opam.locked -Raw | Should -Be $before
        & git checkout -q -- dns
        (Restore-HillingarMonorepo ./dns -LockedMode).Vendored | Should -BeGreaterThan 0
    }
    It 'warns of what is known of the packages, as the project asks for' {
        Restore-HillingarMonorepo ./dns -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        "$warnings" | Should -Match 'HIL4053: .*lwt .*OSEC-2026-01'
    }
}
