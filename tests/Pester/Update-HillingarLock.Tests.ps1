BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Update-HillingarLock' {
    BeforeEach { & git checkout -q -- dns impossible; Remove-Item ./impossible/*.locked -ErrorAction Ignore }

    It 'leaves a lock that is current as it is, and says nothing' {
        $before = Get-Content ./dns/dns.opam.locked -Raw
        Update-HillingarLock ./dns | Should -BeNullOrEmpty
        Get-Content ./dns/dns.opam.locked -Raw | Should -Be $before
    }
    It 'makes a lock where there is none, and tells what is in it' {
        Remove-Item ./dns/dns.opam.locked
        Update-HillingarLock ./dns -InformationVariable changes
        './dns/dns.opam.locked' | Should -Exist
        ($changes.MessageData | Where-Object Name -EQ lwt).Change | Should -Be Added
        './dns/obj/hillingar/duniverse' | Should -Not -Exist
    }
    It 'gives the project on for the next cmdlet' {
        (Get-HillingarProject ./dns | Update-HillingarLock -PassThru).Name | Should -Be dns
    }
    It 'takes one package anew' {
        (Get-Content ./dns/dns.opam.locked -Raw) | Should -Match '"stringext"'
        Update-HillingarLock ./dns -Package stringext
        (Compare-HillingarLock HEAD -Lock ./dns) | Should -BeNullOrEmpty
        & git show HEAD~1:dns/dns.opam.locked > ./dns/dns.opam.locked
        Update-HillingarLock ./dns -Package lwt
        (Compare-HillingarLock HEAD -Lock ./dns) | Should -BeNullOrEmpty
        (Compare-HillingarLock HEAD~1 -Lock ./dns).Name | Should -Be lwt
    }
    It 'refuses a package that is not locked' {
        { Update-HillingarLock ./dns -Package nothing -ErrorAction Stop } | Should -Throw -ErrorId 'HIL3005*'
    }
    It 'writes nothing when asked what it would do' {
        Remove-Item ./dns/dns.opam.locked
        Update-HillingarLock ./dns -WhatIf
        './dns/dns.opam.locked' | Should -Not -Exist
    }
    It 'gives a conflict that prints as the explanation' {
        Update-HillingarLock ./impossible -ErrorVariable conflict -ErrorAction SilentlyContinue
        $conflict[0].FullyQualifiedErrorId | Should -BeLike 'HIL2001,*'
        $conflict[0].CategoryInfo.Category | Should -Be InvalidOperation
        $conflict[0].TargetObject.GetType().FullName | Should -Be Hillingar.Build.Locking.LockConflict
        $conflict[0].TargetObject | Out-String | Should -Match '(?s)There is no stringext >= 9.*Any of these helps'
        $conflict[0].TargetObject.Fixes | Format-Table | Out-String | Should -Match 'Bound +stringext'
    }
    It 'applies a fix that the conflict offers' {
        Update-HillingarLock ./impossible -ErrorVariable conflict -ErrorAction SilentlyContinue
        $conflict[0].TargetObject.Fixes | Update-HillingarLock -WhatIf
        Get-Content ./impossible/impossible.csproj -Raw | Should -Match '&gt;= 9'
        ($conflict[0].TargetObject.Fixes | Update-HillingarLock -PassThru).Name | Should -Be impossible
        Get-Content ./impossible/impossible.csproj -Raw | Should -Match '<OpamDependency Include="stringext" />'
        './impossible/impossible.opam.locked' | Should -Exist
    }
}
