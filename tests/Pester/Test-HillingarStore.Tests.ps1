BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Test-HillingarStore' {
    BeforeAll {
        function Get-Damaged { (Get-ChildItem ./store/sources/sha512 -Recurse -File | Sort-Object FullName)[0] }
        Invoke-WithStore 'Import-HillingarSource ./sources/* | Out-Null'
    }
    It 'finds nothing where all is as it was put there' {
        Invoke-WithStore '$h = Test-HillingarStore; $h.IsOk -and $h.Checked -gt 0 -and $h.Faults.Count -eq 0' | Should -Be True
        Invoke-WithStore 'Test-HillingarStore -Quiet' | Should -Be True
    }
    It 'finds what was changed, and removes nothing that it was not asked to' {
        Add-Content (Get-Damaged).FullName more
        Invoke-WithStore '$h = Test-HillingarStore; $h.Faults.Kind | Select-Object -First 1; $h.IsOk' | Should -Be @('Source', 'False')
        Invoke-WithStore '(Test-HillingarStore -Repair -WhatIf).Removed' | Select-Object -Last 1 | Should -Be 0
        Get-Damaged | Should -Exist
    }
    It 'repairs by removing' {
        $path = (Get-Damaged).FullName
        Invoke-WithStore '$h = Test-HillingarStore -Repair; $h.IsOk -and $h.Removed -gt 0' | Should -Be True
        $path | Should -Not -Exist
        Invoke-WithStore 'Test-HillingarStore -Quiet' | Should -Be True
    }
    It 'refuses a store that others may write' -Skip:$IsWindows {
        chmod o+w ./store
        Invoke-WithStore 'Test-HillingarStore -ErrorAction SilentlyContinue -ErrorVariable e; $e.FullyQualifiedErrorId' | Should -BeLike 'HIL4070*'
        chmod o-w ./store
    }
}
