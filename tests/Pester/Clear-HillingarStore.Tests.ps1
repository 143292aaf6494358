BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Clear-HillingarStore' {
    It 'removes nothing when asked what it would do, or when all was used of late' {
        (Invoke-WithStore 'Import-HillingarSource ./sources/* | Out-Null; Clear-HillingarStore -OlderThan 30d -WhatIf | Out-Null; (Clear-HillingarStore -OlderThan 30d).Removed') | Select-Object -Last 1 | Should -Be 0
    }
    It 'removes what was not used for long' {
        $count = (Get-ChildItem ./sources).Count
        Get-ChildItem ./store/sources -Recurse -File | ForEach-Object { $_.LastWriteTime = $_.LastAccessTime = (Get-Date).AddDays(-40) }
        Invoke-WithStore 'Clear-HillingarStore 30d | ForEach-Object Removed' | Should -Be $count
    }
    It 'comes down to a size' {
        Invoke-WithStore 'Import-HillingarSource ./sources/* | Out-Null; $p = Clear-HillingarStore -MaximumSize 100KB; $p.Kept -le 100KB -and $p.Removed -gt 0' | Should -Be True
    }
    It 'refuses what is no time and no size' {
        { Clear-HillingarStore -OlderThan soon -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7007*'
        { Clear-HillingarStore -MaximumSize much -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6003*'
    }
}
