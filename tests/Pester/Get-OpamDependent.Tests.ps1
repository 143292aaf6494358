BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Get-OpamDependent' {
    It 'tells who needs a package, with the chain from the project' {
        $dependent = Get-OpamDependent csexp -Lock ./dns
        $dependent.GetType().FullName | Should -Be Hillingar.Build.Graphs.Dependent
        $dependent.Name | Should -Be dune-configurator
        $dependent.Constraint | Should -Be '>= 1.5.0'
        "$dependent" | Should -Be 'dns > lwt > dune-configurator > csexp'
        $dependent | Format-Table | Out-String | Should -Match 'DependsOn'
    }
    It 'goes up to the project' {
        (Get-OpamDependent csexp -Lock ./dns -Recurse).Name | Should -Be dune-configurator, lwt, dns
        (Get-OpamDependent csexp -Lock ./dns -Recurse).Depth | Should -Be 1, 2, 3
    }
    It 'takes the lock of the current folder, and packages from the pipeline' {
        Push-Location ./dns
        try { ('lwt', 'stringext' | Get-OpamDependent).Name | Should -Be dns, dns } finally { Pop-Location }
    }
    It 'tells what is not locked' {
        { Get-OpamDependent nothing -Lock ./dns -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7006*'
        { Get-OpamDependent lwt -Lock ./impossible -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7003*'
    }
}
