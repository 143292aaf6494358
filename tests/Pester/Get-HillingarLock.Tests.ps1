BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Get-HillingarLock' {
    It 'tells what is in a lock' {
        $lock = Get-HillingarLock ./dns
        $lock.GetType().FullName | Should -Be Hillingar.Build.Locks.LockContents
        $lock.Path | Should -Be (Join-Path $workspace dns dns.opam.locked)
        $lock.Targets | Should -Be unix
        $lock.OCaml | Should -Match '^\d+\.\d+'
        $lwt = $lock.Packages | Where-Object Name -EQ lwt
        "$lwt $($lwt.Vendored) $($lwt.Folder)" | Should -Be 'lwt.5.6.1 True lwt'
        $lwt.Source | Should -Match '^https://'
        ($lock.Packages | Where-Object Name -EQ ocaml).Vendored | Should -BeFalse
        $lock.Packages.Name | Should -Not -Contain dns
        $lock.Vendored | Should -Be @($lock.Packages | Where-Object Vendored).Count
        $lock | Format-Table | Out-String | Should -Match 'dns\.opam\.locked +\d+ +\d+'
    }
    It 'takes projects and files from the pipeline' {
        (Get-HillingarProject ./dns | Get-HillingarLock).Name | Should -Be dns.opam.locked
        (Get-ChildItem -Filter *.opam.locked -Recurse | Get-HillingarLock).Name | Should -Be dns.opam.locked
    }
    It 'tells what is no lock, and goes on' {
        $found = Get-HillingarLock ./impossible, ./dns -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Name | Should -Be dns.opam.locked
        $errors.FullyQualifiedErrorId | Should -BeLike 'HIL7003,*'
    }
}
