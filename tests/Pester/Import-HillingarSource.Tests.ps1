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
        $imported[0].GetType().FullName | Should -Be Hillingar.Build.ImportedSource
        "$($imported[0].Checksum)" | Should -Match '^sha'
        $imported | Format-Table | Out-String | Should -Match 'Checksum'
    }
    It 'takes what was saved' {
        (Save-HillingarSource all.tar -Lock ./dns -Offline | Import-HillingarSource).Count | Should -Be 6
    }
    It 'takes nothing when asked what it would do' {
        Get-ChildItem ./sources | Import-HillingarSource -WhatIf | Should -BeNullOrEmpty
    }
    It 'tells what is not there' {
        { Import-HillingarSource ./nothing.tar.gz -ErrorAction Stop } | Should -Throw -ErrorId 'HIL4004*'
    }
}
