BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Save-HillingarSource' {
    It 'says what it would write' {
        Save-HillingarSource sources.tar -Lock ./dns -WhatIf | Should -BeNullOrEmpty
        './sources.tar' | Should -Not -Exist
    }
    It 'writes all sources of a lock, the same each time' {
        $file = Save-HillingarSource sources.tar -Lock ./dns -Offline
        $file | Should -BeOfType System.IO.FileInfo
        $again = Get-HillingarProject ./dns | Save-HillingarSource -Path again.tar -Offline
        (Get-FileHash $file).Hash | Should -Be (Get-FileHash $again).Hash
        & tar -tf $file.FullName | Should -HaveCount 6
    }
    It 'tells where there is no lock' {
        { Save-HillingarSource x.tar -Lock ./impossible -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7003*'
    }
}
