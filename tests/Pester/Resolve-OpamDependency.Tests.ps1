BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Resolve-OpamDependency' {
    It 'solves for packages together' {
        $packages = Resolve-OpamDependency lwt, 'stringext>=1.6' -Repository ./opam-repository
        $packages[0].GetType().FullName | Should -Be Hillingar.Build.Packages.ResolvedPackage
        ($packages | Where-Object Requested).Name | Should -Be lwt, stringext
        ($packages | Where-Object Vendored).Name | Should -Contain cppo
        ($packages | Where-Object Name -EQ ocaml).Vendored | Should -BeFalse
        $packages | Format-Table | Out-String | Should -Match 'Requested'
    }
    It 'takes packages from the pipeline' {
        'lwt', 'stringext' | Resolve-OpamDependency -Repository ./opam-repository | Where-Object Requested | Should -HaveCount 2
    }
    It 'gives the conflict where there is no solution' {
        Resolve-OpamDependency 'stringext>=9' -Repository ./opam-repository -ErrorVariable conflict -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $conflict[0].FullyQualifiedErrorId | Should -BeLike 'HIL2001,*'
        "$($conflict[0].TargetObject)" | Should -Match '^There is no stringext >= 9'
        $conflict[0].TargetObject.Fixes.Kind | Should -Contain Bound
    }
    It 'refuses what is no package and no target' {
        { Resolve-OpamDependency 'l w t' -Repository ./opam-repository -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6010*'
        { Resolve-OpamDependency '!' -Repository ./opam-repository -ErrorAction Stop } | Should -Throw -ErrorId 'HIL1005*'
        { Resolve-OpamDependency lwt -Target windows -Repository ./opam-repository -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6011*'
    }
    It 'solves the issue''s example over the whole repository' {
        $whole = Get-WholeRepository
        if (-not $whole) { Set-ItResult -Skipped -Because 'it needs opam-repository.tar.gz of the test data (HILLINGAR_TEST_DATA)'; return }
        $packages = Resolve-OpamDependency lwt, 'dns-server>=10' -Target spt -OCaml 5.4.1 -Repository ($whole -replace 'opam-repository$', 'opam-overlays'), $whole
        "$(($packages | Where-Object Name -EQ ocaml).Version)" | Should -Be 5.4.1
        "$(($packages | Where-Object Name -EQ dns-server).Version)" | Should -Match '^1\d\.'
    }
}
