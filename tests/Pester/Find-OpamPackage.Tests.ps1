BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Find-OpamPackage' {
    It 'finds names by wildcards, in their order' {
        (Find-OpamPackage *ext* -Repository ./opam-repository).Name | Should -Be stringext
        (Find-OpamPackage BASE-* -Repository ./opam-repository).Name | Should -Contain base-unix
        Find-OpamPackage nothing-like-it -Repository ./opam-repository | Should -BeNullOrEmpty
    }
    It 'gives versions, newest first, and the synopsis' {
        $found = Find-OpamPackage lwt -Repository ./opam-repository
        $found.GetType().FullName | Should -Be Hillingar.Build.Repositories.FoundPackage
        "$($found.Version)" | Should -Be '5.9.1'
        $found.Versions.Count | Should -Be 2
        $found.Synopsis | Should -Match 'Promises'
        $found | Format-Table | Out-String | Should -Match 'lwt +5\.9\.1 +2 +Promises'
    }
    It 'takes names from the pipeline' {
        ('lwt', 'cppo' | Find-OpamPackage -Repository ./opam-repository).Name | Should -Be lwt, cppo
    }
    It 'sorts by version as opam does' {
        (Find-OpamPackage lwt, dune -Repository ./opam-repository | Sort-Object Version).Name | Should -Be dune, lwt
    }
    It 'stops when the pipeline has enough' {
        $seen = [System.Collections.Generic.List[string]]::new()
        $first = Find-OpamPackage -Repository ./opam-repository | ForEach-Object { $seen.Add($_.Name); $_ } | Select-Object -First 1
        $seen | Should -Be $first.Name
    }
    It 'tells what is no repository' {
        { Find-OpamPackage -Repository ./dns -ErrorAction Stop } | Should -Throw -ErrorId 'HIL1006*'
    }
    It 'finds all packages of the whole repository' {
        $whole = Get-WholeRepository
        if (-not $whole) { Set-ItResult -Skipped -Because 'it needs opam-repository.tar.gz of the test data (HILLINGAR_TEST_DATA)'; return }
        Find-OpamPackage -Repository $whole | Should -HaveCount 4596
        "$((Find-OpamPackage mirage -Repository $whole).Version)" | Should -Match '^4\.'
    }
}
