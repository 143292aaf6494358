BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Get-OpamPackage' {
    It 'gives all versions, newest first' {
        (Get-OpamPackage lwt -Repository ./opam-repository).Version | ForEach-Object ToString | Should -Be 5.9.1, 5.6.1
    }
    It 'picks versions by <Version>' -ForEach @(
        @{ Version = 'latest'; Expected = '5.9.1' }, @{ Version = '5.6.1'; Expected = '5.6.1' }, @{ Version = '5.6*'; Expected = '5.6.1' }
        @{ Version = '>= 5.7'; Expected = '5.9.1' }, @{ Version = '[5.6,5.7)'; Expected = '5.6.1' }) {
        "$((Get-OpamPackage lwt $Version -Repository ./opam-repository).Version)" | Should -Be $Expected
    }
    It 'takes what Find-OpamPackage found' {
        $package = Find-OpamPackage stringext -Repository ./opam-repository | Get-OpamPackage -Version latest -Repository ./opam-repository
        $package.GetType().FullName | Should -Be Hillingar.Build.Repositories.PackageDetails
        $package.Depends | Should -Match '"dune"'
        $package.Url | Should -Match '^https://'
        $package.Checksums.Count | Should -BeGreaterThan 0
        $package.IsAvailable | Should -BeTrue
        $package | Format-Table | Out-String | Should -Match 'UsesDune'
        $package | Format-List | Out-String | Should -Match 'Homepage'
    }
    It 'tells what is not there, and goes on' {
        $found = Get-OpamPackage nothing, cppo -Repository ./opam-repository -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Name | Select-Object -Unique | Should -Be cppo
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HIL7006,*'
        { Get-OpamPackage lwt 9.9 -Repository ./opam-repository -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7006*'
    }
    It 'reads every file of the whole repository' {
        $whole = Get-WholeRepository
        if (-not $whole) { Set-ItResult -Skipped -Because 'it needs opam-repository.tar.gz of the test data (HILLINGAR_TEST_DATA)'; return }
        $packages = Find-OpamPackage -Repository $whole | Get-OpamPackage -Version latest -Repository $whole
        $packages | Should -HaveCount 4596
        $packages.License | Should -Contain ISC
    }
}
