BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Import-HillingarSource' {
    It 'takes archives of packages by wildcard' {
        $imported = Import-HillingarSource ./sources/*
        $imported | Should -HaveCount (Get-ChildItem ./sources).Count
        $imported[0].GetType().FullName | Should -Be Hillingar.Build.Vendoring.ImportedSource
        "$($imported[0].Checksum)" | Should -Match '^sha'
        $imported | Format-Table | Out-String | Should -Match 'Checksum'
    }
    It 'takes what was saved' {
        (Save-HillingarSource all.tar -Lock ./dns -Offline | Import-HillingarSource).Count | Should -Be 6
    }
    It 'takes nothing when asked what it would do' {
        # One that the store does not have.
        & tar -czf unknown-1.0.tar.gz NuGet.config
        $stored = { (Get-ChildItem (Join-Path $env:HILLINGAR_CACHE sources) -Recurse -File).FullName }
        $before = & $stored
        Get-Item ./unknown-1.0.tar.gz | Import-HillingarSource -WhatIf | Should -BeNullOrEmpty
        & $stored | Should -Be $before
        Import-HillingarSource ./unknown-1.0.tar.gz | Should -HaveCount 1
        & $stored | Should -Not -Be $before
    }
    It 'tells what is not there' {
        { Import-HillingarSource ./nothing.tar.gz -ErrorAction Stop } | Should -Throw -ErrorId 'HIL4004*'
    }
}
