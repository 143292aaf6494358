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
    It 'completes packages of the project that is named' {
        Get-Completion 'Update-HillingarLock -Path ./dns -Package ocp' | Should -Be ocplib-endian
        Get-Completion 'Update-HillingarLock ./dns/dns.csproj -Package ocp' | Should -Be ocplib-endian
        Get-Completion 'Remove-OpamDependency -Path ./dns -Name stri' | Should -Be stringext
    }
    It 'completes the project''s own targets first' {
        (Get-Content ./dns/dns.opam.locked -Raw) -replace '(x-hillingar-targets: )[^\n]*', '$1["spt" "hvt"]' | Set-Content ./dns/dns.opam.locked -NoNewline
        try {
            $found = Get-Completion 'Invoke-HillingarBuild -Path ./dns -Target '
            $found | Select-Object -First 2 | Should -Be spt, hvt
            $found | Should -Contain unix
            @($found -eq 'spt').Count | Should -Be 1
        } finally { & git checkout -q -- dns }
    }
    It 'completes the arguments of a unikernel as mirage recorded them' {
        $configured = New-Item ./greeter/obj/hillingar/configured/unix/mirage -ItemType Directory -Force
        Set-Content ./greeter/obj/hillingar/configured/unix.stamp ''
        Set-Content ./greeter/config.ml '(* as mirage reads it *)'
        Set-Content ./greeter/unikernel.ml "let hello =`n  Arg.(value & opt string `"`" (info ~doc:`"Who.`" [ `"hello`"; `"g`" ]))"
        Set-Content "$configured/greeter-unix.opam" "opam-version: `"2.0`"`ndepends: [ `"lwt`" {?monorepo} ]"
        Set-Content "$configured/main.ml" "let unikernel_hello__key = Mirage_runtime.register_arg @@`n# 3 `"config.ml`"`n  Unikernel.hello`n;;"
        try { Get-Completion 'Start-Unikernel ./greeter -Argument ' | Should -Be "'--hello'", "'-g'" }
        finally { Remove-Item ./greeter -Recurse -Force }
    }
    It 'completes git''s revisions' {
        & git branch feature/one
        & git tag v1.2
        Get-Completion 'Compare-HillingarLock HE' | Should -Be HEAD, HEAD~1
        Get-Completion 'Compare-HillingarLock feat' | Should -Be feature/one
        Get-Completion 'Show-OpamDependency -Lock ./dns -Since v1' | Should -Be v1.2
    }
    It 'completes lengths of time' {
        Get-Completion 'Clear-HillingarStore -OlderThan ' | Should -Contain '30d'
        Get-Completion 'Clear-HillingarStore -OlderThan 5' | Should -Be '5s', '5m', '5h', '5d', '5w'
        Get-Completion 'Update-HillingarLock -SolveTimeout 5' | Should -Contain '5m'
    }
    It 'completes nothing, and fails at nothing, where there is nothing' {
        $Error.Clear()
        Get-Completion 'Get-OpamPackage -Repository ./nowhere-at-all lw' | Should -BeNullOrEmpty
        $Error | Should -BeNullOrEmpty
    }
}
