BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Invoke-HillingarBuild' {
    It 'refuses what was not restored' {
        { Invoke-HillingarBuild ./dns -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6001*'
    }
    It 'builds at the end of the pipeline' {
        $image = Get-HillingarProject ./dns | Update-HillingarLock -PassThru | Restore-HillingarMonorepo -WarningAction SilentlyContinue | Invoke-HillingarBuild -Target unix
        $image.GetType().FullName | Should -Be Hillingar.Build.Projects.BuiltUnikernel
        $image.Path | Should -Be (Join-Path (Get-Item ./dns).FullName 'bin/Debug/unix/dns')
        $image.Size | Should -Be (Get-Item $image.Path).Length
        & $image.Path --help=plain 2>&1 | Out-String | Should -Match 'port'
        $image | Format-Table | Out-String | Should -Match 'dns +unix +\d+\.\d MB'
    }
    It 'builds the other targets where one cannot be' {
        $images = Invoke-HillingarBuild ./dns -Target spt, unix -ErrorVariable errors -ErrorAction SilentlyContinue
        $images.Target | Should -Be unix
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HIL6005,*'
    }
    It 'builds nothing when asked what it would do' {
        Remove-Item ./dns/bin -Recurse
        (Invoke-HillingarBuild ./dns -WhatIf) | Should -BeNullOrEmpty
        './dns/bin' | Should -Not -Exist
    }
    It 'tells errors of the sources with their places' {
        Add-Content ./dns/dns.ml 'let () = 1 + "one"'
        Invoke-HillingarBuild ./dns -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HIL5010,*'
        $errors[0].CategoryInfo.Category | Should -Be ParserError
        $errors[0].ErrorDetails.Message | Should -Match 'dns/dns\.ml\(\d+,14\): .*string'
        $errors[0].TargetObject.Name | Should -Be dns
        & git checkout -q -- dns
    }
    It 'stops at once, and leaves nothing half-written' {
        Remove-Item ./dns/bin, ./dns/obj/hillingar/_build -Recurse -Force -ErrorAction Ignore
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module Hillingar.PowerShell; Invoke-HillingarBuild '$workspace/dns'")
        $running = $shell.BeginInvoke()
        # By its work one sees that dune runs.
        Wait-Until { Test-Path ./dns/obj/hillingar/_build/default }
        './dns/obj/hillingar/_build/default' | Should -Exist
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 60
        $shell.InvocationStateInfo.State | Should -Be Stopped
        './dns/bin/Debug/unix/dns' | Should -Not -Exist
        Get-ChildItem ./dns/bin -Recurse -Force -File -ErrorAction Ignore | Should -BeNullOrEmpty
        $shell.Dispose()
        (Invoke-HillingarBuild ./dns).Path | Should -Exist
    }
}
