
BeforeDiscovery {
    $pages = Get-Command -Module Hillingar.PowerShell | ForEach-Object { @{ Name = $_.Name; Command = $_ } }
    $examples = foreach ($page in $pages) {
        $place = 0
        foreach ($example in (Get-Help $page.Name -Full).examples.example) { @{ Name = $page.Name; Place = ++$place; Title = ($example.title -replace '^[- \d]+: |[- ]+$'); Code = $example.code } }
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
}

Describe 'Help of <Name>' -ForEach $pages {
    It 'has a synopsis, a description, three examples and each parameter' {
        $help = Get-Help $Name -Full
        $help.Synopsis | Should -Not -Match "^$Name"
        "$($help.description.Text)" | Should -Not -BeNullOrEmpty
        $help.examples.example | Should -HaveCount 3
        $Command.HelpUri | Should -Be "https://example.org/hillingar/blob/HEAD/docs/powershell/$Name.md"
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters
        foreach ($parameter in $Command.Parameters.Keys | Where-Object { $_ -notin $common }) {
            "$((Get-Help $Name -Parameter $parameter).description.Text)" | Should -Not -BeNullOrEmpty -Because $parameter
        }
    }
}

Describe 'Examples of <Name>' -ForEach ($examples | Group-Object { $_.Name } | ForEach-Object { @{ Name = $_.Name; Examples = $_.Group } }) {
    BeforeAll {
        # Nobody is there to be asked; what runs or shows an image has one, and what builds twice has little to build.
        $built = 'Invoke-HillingarBuild', 'Publish-Unikernel', 'Get-UnikernelImage', 'Start-Unikernel', 'Stop-Unikernel', 'Get-Unikernel', 'Get-UnikernelLog', 'New-HillingarFlake', 'Wait-Unikernel', 'Restart-Unikernel', 'Remove-Unikernel'
        $script:workspace = New-Workspace -As ($Name -in $built ? 'Built' : $Name -eq 'Test-HillingarReproducible' ? 'Small' : 'Locked')
        Push-Location $workspace
        $global:PSDefaultParameterValues['*-Opam*:Repository'] = './opam-repository'
        $global:ConfirmPreference = 'None'
        # The names of whoever runs the tests are none of theirs.
        $script:settings = $env:XDG_CONFIG_HOME
        if ($Name -like '*-OpamRepository') { $env:XDG_CONFIG_HOME = Join-Path $workspace settings }
        if ($Name -in 'Get-Unikernel', 'Get-UnikernelLog', 'Stop-Unikernel') { $null = Start-Unikernel ./dns -Name pester-example -Argument '--port', '0' }
        # What asks only, what finds nothing because all is well, and what writes a file: these say nothing.
        $script:silent = 'Add-OpamDependency 3', 'Clear-HillingarStore 3', 'Remove-OpamDependency 2', 'Remove-Unikernel 1', 'Remove-Unikernel 2', 'Remove-Unikernel 3', 'Restart-Unikernel 3', 'Unregister-OpamRepository 1', 'Unregister-OpamRepository 2', 'Unregister-OpamRepository 3', 'Compare-HillingarLock 1', 'Compare-HillingarLock 3', 'Import-HillingarSource 3', 'Install-HillingarSystemPackage 3', 'Invoke-HillingarBuild 3',
            'New-HillingarFlake 1', 'Publish-Unikernel 2', 'Save-HillingarSource 3', 'Show-OpamDependency 1', 'Start-Unikernel 3', 'Test-HillingarLock 1', 'Test-HillingarReproducible 2',
            'Update-HillingarLock 1', 'Update-HillingarLock 2'
    }
    AfterAll {
        $env:XDG_CONFIG_HOME = $settings
        $global:PSDefaultParameterValues.Remove('*-Opam*:Repository')
        if ($Name -in 'Get-Unikernel', 'Get-UnikernelLog', 'Stop-Unikernel') { $null = Stop-Unikernel pester-example -Timeout 0 }
        Pop-Location
        Remove-Item $workspace -Recurse -Force
    }
    It 'runs <_.Place>: <_.Title>' -ForEach $Examples {
        $output = @(. ([scriptblock]::Create($_.Code)) 2>&1 3>$null)
        "$($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })" | Should -BeNullOrEmpty
        $place = "$($_.Name) $($_.Place)"
        if ($place -in $silent) { $output | Should -BeNullOrEmpty }
        # A server that is stopped at once may have had no time to write, a machine may lack nothing, and a store be as it was.
        elseif ($place -notin 'Get-UnikernelLog 1', 'Test-HillingarEnvironment 3', 'Test-HillingarStore 1') { $output | Should -Not -BeNullOrEmpty }
    }
}

Describe 'about_Hillingar' {
    It 'is found' {
        Get-Help about_Hillingar | Out-String | Should -Match 'Update-HillingarLock'
    }
}
