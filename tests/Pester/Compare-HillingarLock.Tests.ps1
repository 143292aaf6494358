BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Compare-HillingarLock' {
    It 'compares two revisions' {
        $difference = Compare-HillingarLock HEAD~1 HEAD -Lock ./dns
        $difference.GetType().FullName | Should -Be Hillingar.Build.Locks.LockDifference
        "$($difference.Name) $($difference.Change) $($difference.Before) $($difference.After)" | Should -Be 'lwt Upgraded 5.0.0 5.6.1'
        $difference | Format-Table | Out-String | Should -Match 'lwt +Upgraded'
    }
    It 'compares a revision with the file as it is' {
        Compare-HillingarLock HEAD -Lock ./dns | Should -BeNullOrEmpty
        (Compare-HillingarLock HEAD~1 -Lock ./dns).Name | Should -Be lwt
    }
    It 'compares files' {
        & git show HEAD~1:dns/dns.opam.locked > older.opam.locked
        (Compare-HillingarLock ./dns ./older.opam.locked).Change | Should -Be Downgraded
    }
    It 'takes the lock of a project from the pipeline' {
        (Get-HillingarProject ./dns | Compare-HillingarLock HEAD~1).Name | Should -Be lwt
    }
    It 'tells what is neither file nor revision' {
        { Compare-HillingarLock no-such-thing -Lock ./dns -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7003*'
    }
}
