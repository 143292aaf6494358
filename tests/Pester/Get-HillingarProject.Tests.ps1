BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Get-HillingarProject' {
    It 'reads what MSBuild makes of a project' {
        $project = Get-HillingarProject ./dns
        $project.GetType().FullName | Should -Be Hillingar.Build.Projects.HillingarProject
        $project.Name | Should -Be dns
        $project.Targets | Should -Be unix
        $project.Dependencies.Name | Should -Be lwt, stringext
        $project.IsLocked | Should -BeTrue
        $project.Configuration | Should -Be Debug
    }
    It 'takes files, folders, wildcards and what the pipeline brings' {
        (Get-HillingarProject ./dns/dns.csproj).Name | Should -Be dns
        (Get-HillingarProject ./dn*).Name | Should -Be dns
        (Get-Item ./dns | Get-HillingarProject).Name | Should -Be dns
        (Get-ChildItem -Filter *.csproj -Recurse | Get-HillingarProject).Name | Sort-Object | Should -Be dns, impossible
        ('./dns', './impossible' | Get-HillingarProject).Count | Should -Be 2
    }
    It 'reads for a configuration' {
        (Get-HillingarProject ./dns -Configuration Release).Configuration | Should -Be Release
    }
    It 'tells where there is no project, and goes on' {
        $found = Get-HillingarProject ./nowhere, ./dns -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Name | Should -Be dns
        $errors[0].FullyQualifiedErrorId | Should -Be 'HIL7002,Hillingar.PowerShell.Commands.GetHillingarProjectCommand'
        $errors[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $errors[0].TargetObject | Should -Be ./nowhere
    }
    It 'has a table and a list' {
        Get-HillingarProject ./dns | Format-Table | Out-String | Should -Match 'Name +Targets +IsLocked +Path'
        Get-HillingarProject ./dns | Format-List | Out-String | Should -Match 'Dependencies *: lwt \[5\.6,6\.0\), stringext'
    }
}
