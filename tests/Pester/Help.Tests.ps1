
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
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters
        foreach ($parameter in $Command.Parameters.Keys | Where-Object { $_ -notin $common }) {
            "$((Get-Help $Name -Parameter $parameter).description.Text)" | Should -Not -BeNullOrEmpty -Because $parameter
        }
    }
}

Describe 'Examples of <Name>' -ForEach ($examples | Group-Object { $_.Name } | ForEach-Object { @{ Name = $_.Name; Examples = $_.Group } }) {
    BeforeAll {
        $script:workspace = New-Workspace
        Push-Location $workspace
        $global:PSDefaultParameterValues['*-Opam*:Repository'] = './opam-repository'
        # Nobody is there to be asked, and a build has something to build.
        $global:ConfirmPreference = 'None'
        if ($Name -in 'Invoke-HillingarBuild', 'Publish-Unikernel', 'Get-UnikernelImage', 'Start-Unikernel', 'Stop-Unikernel', 'Get-Unikernel', 'Get-UnikernelLog') { $null = Restore-HillingarMonorepo ./dns -WarningAction SilentlyContinue | Invoke-HillingarBuild }
    }
    AfterAll {
        $global:PSDefaultParameterValues.Remove('*-Opam*:Repository')
        Pop-Location
        Remove-Item $workspace -Recurse -Force
    }
    It 'runs <_.Place>: <_.Title>' -ForEach $Examples {
        $failed = @()
        $null = . ([scriptblock]::Create($_.Code)) 2>&1 3>$null | Tee-Object -Variable output
        $failed = @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        "$failed" | Should -BeNullOrEmpty
        ($_.Code + $output.Count) | Should -Not -BeNullOrEmpty
    }
}

Describe 'about_Hillingar' {
    It 'is found' {
        Get-Help about_Hillingar | Out-String | Should -Match 'Update-HillingarLock'
    }
}
