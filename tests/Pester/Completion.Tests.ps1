BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Completion' {
    BeforeAll {
        function Get-Completion([string] $Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText }
    }
    It 'completes targets' {
        Get-Completion 'Invoke-HillingarBuild -Target u' | Should -Be unix, unikraft-firecracker, unikraft-qemu
    }
    It 'completes packages of the repository that is named' {
        Get-Completion 'Get-OpamPackage -Repository ./opam-repository stri' | Should -Be stringext
        Get-Completion 'Resolve-OpamDependency -Repository ./opam-repository -Name lw' | Should -Be lwt
    }
    It 'completes packages of the default repository' {
        $global:PSDefaultParameterValues['*-Opam*:Repository'] = './opam-repository'
        try { Get-Completion 'Find-OpamPackage cpp' | Should -Be cppo } finally { $global:PSDefaultParameterValues.Remove('*-Opam*:Repository') }
    }
    It 'completes versions of the package that is named' {
        Get-Completion 'Get-OpamPackage lwt -Repository ./opam-repository -Version ' | Should -Be latest, 5.9.1, 5.6.1
    }
    It 'completes locks' {
        Get-Completion 'Get-OpamDependent lwt -Lock dn' | Should -Be dns/dns.opam.locked
        Get-Completion 'Get-OpamDependent lwt -Lock ./dn' | Should -Be ./dns/dns.opam.locked
    }
    It 'completes packages of the lock that is named' {
        Get-Completion 'Get-OpamDependent -Lock ./dns ocp' | Should -Be ocplib-endian
    }
    It 'completes nothing, and fails at nothing, where there is nothing' {
        $Error.Clear()
        Get-Completion 'Get-OpamPackage -Repository ./nowhere-at-all lw' | Should -BeNullOrEmpty
        $Error | Should -BeNullOrEmpty
    }
}
