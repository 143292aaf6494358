BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
    # The names of whoever runs the tests are none of theirs.
    $script:settings = $env:XDG_CONFIG_HOME
    $env:XDG_CONFIG_HOME = Join-Path $workspace settings
}

AfterAll {
    $env:XDG_CONFIG_HOME = $settings
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Register-OpamRepository, Get-OpamRepository, Unregister-OpamRepository' -Skip:$IsWindows {
    BeforeEach { Remove-Item ./settings -Recurse -ErrorAction Ignore }

    It 'keep names, in their order, for all shells' {
        Get-OpamRepository | Should -BeNullOrEmpty
        (Register-OpamRepository ours ./opam-repository).Location | Should -Be (Join-Path $workspace opam-repository)
        $null = Register-OpamRepository -Name Other -Location https://example.org/opam
        (Get-OpamRepository).Name | Should -Be ours, Other
        Invoke-Shell 'Import-Module Hillingar.PowerShell; (Get-OpamRepository).Name' | Should -Be ours, Other
        (Get-OpamRepository o*).Name | Should -Be ours, Other
        Get-OpamRepository OTHER | Format-Table | Out-String | Should -Match 'Other +https://example.org/opam'
        Unregister-OpamRepository ours
        (Get-OpamRepository).Name | Should -Be Other
        Get-OpamRepository | Unregister-OpamRepository
        Get-OpamRepository | Should -BeNullOrEmpty
    }
    It 'give a name a new location' {
        $null = Register-OpamRepository ours https://example.org/opam
        $null = Register-OpamRepository OURS ./opam-repository
        (Get-OpamRepository).Location | Should -Be (Join-Path $workspace opam-repository)
    }
    It 'let a name stand where a repository does' {
        $null = Register-OpamRepository ours ./opam-repository
        Push-Location /
        try {
            (Find-OpamPackage lwt -Repository ours).Name | Should -Be lwt
            (Resolve-OpamDependency stringext -Repository Ours | Where-Object Requested).Name | Should -Be stringext
        } finally { Pop-Location }
        # A path is a path, whatever is registered.
        { Find-OpamPackage lwt -Repository ./ours -ErrorAction Stop } | Should -Throw -ErrorId 'HIL*'
        (TabExpansion2 'Find-OpamPackage -Repository ou' 31).CompletionMatches.CompletionText | Should -Be ours
    }
    It 'make a default that means the folder where it was said' {
        $global:PSDefaultParameterValues['*-Opam*:Repository'] = Register-OpamRepository ours ./opam-repository
        Push-Location ./dns
        try { (Find-OpamPackage lwt).Name | Should -Be lwt } finally {
            Pop-Location
            $global:PSDefaultParameterValues.Remove('*-Opam*:Repository')
        }
    }
    It 'write nothing when asked what they would do' {
        Register-OpamRepository ours ./opam-repository -WhatIf | Should -BeNullOrEmpty
        Get-OpamRepository | Should -BeNullOrEmpty
        $null = Register-OpamRepository ours ./opam-repository
        Unregister-OpamRepository ours -WhatIf
        (Get-OpamRepository).Name | Should -Be ours
    }
    It 'tell what is none' {
        { Register-OpamRepository '../x' ./opam-repository -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7012*'
        { Register-OpamRepository x ./nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7012*'
        $null = Register-OpamRepository ours ./opam-repository
        { Get-OpamRepository oours -ErrorAction Stop } | Should -Throw '*Did you mean ours?*' -ErrorId 'HIL7012*'
        { Unregister-OpamRepository nobody -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7012*'
        Set-Content ./settings/hillingar/repositories.json '{'
        { Get-OpamRepository -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7013*'
    }
}
