BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Get-HillingarStore' {
    It 'counts nothing where nothing is' {
        Invoke-WithStore '$s = Get-HillingarStore; "$($s.Sources) $($s.Size) $($null -eq $s.LeastRecent)"' | Should -Be '0 0 True'
    }
    It 'counts what is there, as a clearing does' {
        $files = Get-ChildItem ./sources
        $found = Invoke-WithStore 'Import-HillingarSource ./sources/* | Out-Null; Get-HillingarStore | ConvertTo-Json' | ConvertFrom-Json
        $found.Sources | Should -Be $files.Count
        $found.SourceSize | Should -Be ($files | Measure-Object Length -Sum).Sum
        $found.Size | Should -Be $found.SourceSize
        $found.Root | Should -Be (Join-Path $workspace store)
        Invoke-WithStore '(Clear-HillingarStore 30d).Kept' | Should -Be $found.Size
    }
}
