BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace -As Built
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

# What objects are outside of the shell that made them.
Describe 'Objects' {
    It 'have versions that are texts in JSON, and opam''s in the shell' {
        (Find-OpamPackage lwt -Repository ./opam-repository | ConvertTo-Json | ConvertFrom-Json).Version | Should -Be '5.9.1'
        (Find-OpamPackage lwt -Repository ./opam-repository | ConvertTo-Json | ConvertFrom-Json).Versions | Should -Be '5.9.1', '5.6.1'
        (Get-OpamPackage lwt latest -Repository ./opam-repository | ConvertTo-Json | ConvertFrom-Json).Version | Should -Be '5.9.1'
        (Resolve-OpamDependency stringext -Repository ./opam-repository | ConvertTo-Json | ConvertFrom-Json).Version | ForEach-Object { $_ | Should -BeOfType string }
        (Get-OpamDependent csexp -Lock ./dns | ConvertTo-Json | ConvertFrom-Json).Version | Should -BeOfType string
        (Compare-HillingarLock HEAD~1 -Lock ./dns | ConvertTo-Json | ConvertFrom-Json).After | Should -Be '5.6.1'
        ((Test-HillingarLock ./dns -Outdated).Outdated | Where-Object Name -EQ lwt | ConvertTo-Json | ConvertFrom-Json).Newest | Should -Be '5.9.1'
        ((Get-HillingarLock ./dns).Packages | Where-Object Name -EQ lwt | ConvertTo-Json | ConvertFrom-Json).Version | Should -Be '5.6.1'
        (Find-OpamPackage lwt -Repository ./opam-repository).Version -gt [OpamVersion]'5.10' | Should -BeFalse
        '5.9.1', '5.10', '5.9~rc1' | Sort-Object { [OpamVersion]$_ } | Should -Be '5.9~rc1', '5.9.1', '5.10'
    }
    It 'are taken from jobs and from files: a project' {
        Get-HillingarProject ./dns -Configuration Release -Property @{ UnikernelMemory = 96 } | Export-Clixml ./project.xml
        $project = Import-Clixml ./project.xml | Get-HillingarProject
        $project.GetType().FullName | Should -Be Hillingar.Build.Projects.HillingarProject
        "$($project.Name) $($project.Configuration) $($project.Memory)" | Should -Be 'dns Release 96'
        (Start-Job { Import-Module Hillingar.PowerShell; Get-HillingarProject $using:workspace/dns } | Receive-Job -Wait | Test-HillingarLock).IsCurrent | Should -BeTrue
    }
    It 'are taken from jobs and from files: an image' {
        Invoke-HillingarBuild ./dns | Export-Clixml ./image.xml
        (Import-Clixml ./image.xml | Get-UnikernelImage).Libraries.Library | Should -Contain lwt
        (Import-Clixml ./image.xml | Publish-Unikernel ./out).Targets | Should -Be unix
        './out/unix/dns' | Should -Exist
        (Import-Clixml ./image.xml | Start-Unikernel -Name pester-far -Argument '--help' -Wait).ExitCode | Should -Be 0
        Remove-Unikernel pester-far
    }
    It 'make tables without empty rows or columns, that an ordinary window holds: <Name>' -ForEach @(
        @{ Name = 'project'; Make = { Get-HillingarProject ./dns } }
        @{ Name = 'lock'; Make = { Get-HillingarLock ./dns } }
        @{ Name = 'packages'; Make = { (Get-HillingarLock ./dns).Packages } }
        @{ Name = 'store'; Make = { Get-HillingarStore } }
        @{ Name = 'image'; Make = { Invoke-HillingarBuild ./dns } }
        @{ Name = 'dependents'; Make = { Get-OpamDependent csexp -Lock ./dns -Recurse } }
        @{ Name = 'differences'; Make = { Compare-HillingarLock HEAD~1 -Lock ./dns } }
        @{ Name = 'found'; Make = { Find-OpamPackage -Repository ./opam-repository } }
        @{ Name = 'health'; Make = { Test-HillingarLock ./dns -Outdated } }
        @{ Name = 'system packages'; Make = { Get-HillingarProject ./dns | Install-HillingarSystemPackage -Confirm:$false } }
        @{ Name = 'environment'; Make = { Test-HillingarEnvironment unix } }) {
        $objects = @(& $Make)
        $lines = @(($objects | Format-Table | Out-String -Width 120) -split '\r?\n' -replace '\e\[[\d;]*m' | Where-Object { $_.Trim() })
        $rule = @($lines -match '^ *-[- ]*$')
        $rule.Count | Should -Be 1
        $rows = $lines[($lines.IndexOf($rule[0]) + 1)..($lines.Count - 1)]
        $rows.Count | Should -Be $objects.Count
        $rows | ForEach-Object { $_.Length | Should -BeLessOrEqual 120 }
        # The first column says what it is.
        $first = $rule[0].Trim().Split(' ')[0].Length
        $rows | ForEach-Object { $_.Substring(0, [Math]::Min($_.Length, $rule[0].IndexOf('-') + $first)).Trim() | Should -Not -BeNullOrEmpty }
    }
}
