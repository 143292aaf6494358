
Describe 'Module' {
    BeforeAll { Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1') }
    It 'has a manifest that the gallery takes' {
        $manifest = Test-ModuleManifest (Join-Path (Get-Module Hillingar.PowerShell).ModuleBase 'Hillingar.PowerShell.psd1')
        $manifest.Version | Should -Be (Get-Module Hillingar.PowerShell).Version
        $manifest.ExportedCmdlets.Count | Should -Be (Get-Command -Module Hillingar.PowerShell).Count
        $manifest.PrivateData.PSData.Tags | Should -Contain unikernel
        "$($manifest.ProjectUri)" | Should -Be https://example.org/hillingar
        "$($manifest.IconUri)" | Should -Be https://example.org/hillingar/raw/HEAD/assets/icon.png
    }
    It 'uses approved verbs' {
        $verbs = (Get-Verb).Verb
        (Get-Command -Module Hillingar.PowerShell).Verb | ForEach-Object { $_ | Should -BeIn $verbs }
    }
    It 'keeps its libraries to itself' {
        # Loads everything that there is to load.
        $null = Import-HillingarSource (Join-Path $env:HILLINGAR_PESTER_TEMPLATE 'sources/*') -WhatIf
        $null = Resolve-OpamDependency 'lwt [5.6,6.0)' -Repository (Join-Path $env:HILLINGAR_PESTER_TEMPLATE opam-repository)
        $ours = [System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ Hillingar
        $ours.Assemblies.GetName().Name | Should -Contain Hillingar.Build
        $ours.Assemblies.GetName().Name | Should -Contain NuGet.Versioning
        [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.GetName().Name | Where-Object { $_ -match '^(NuGet|ICSharpCode|Hillingar\.(Build|Opam|Solver))' } | Should -BeNullOrEmpty
    }
    It 'can be imported again' {
        Invoke-Shell 'Import-Module Hillingar.PowerShell; Remove-Module Hillingar.PowerShell; Import-Module Hillingar.PowerShell; (Get-Command -Module Hillingar.PowerShell).Count' |
            Should -Be (Get-Command -Module Hillingar.PowerShell).Count
    }
}
