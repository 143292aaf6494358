BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Install-HillingarSystemPackage' {
    It 'does nothing where nothing is missing' {
        $packages = Get-HillingarProject ./dns | Install-HillingarSystemPackage -Confirm:$false
        $packages.GetType().FullName | Should -Be Hillingar.Build.Depext.SystemPackages
        $packages.Missing | Should -BeNullOrEmpty
    }
    It 'tells what is missing, and installs nothing when asked what it would do' {
        (Get-Content ./dns/dns.opam.locked -Raw) + "depexts: [ [`"hillingar-no-such-package`"] ]`n" | Set-Content ./with.opam.locked -NoNewline
        $packages = Install-HillingarSystemPackage ./with.opam.locked -WhatIf
        $packages.Missing | Should -Be hillingar-no-such-package
        $packages | Format-Table | Out-String | Should -Match 'hillingar-no-such-package'
    }
    It 'refuses a name that is none' {
        (Get-Content ./dns/dns.opam.locked -Raw) + "depexts: [ [`"--reinstall`"] ]`n" | Set-Content ./bad.opam.locked -NoNewline
        { Install-HillingarSystemPackage ./bad.opam.locked -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'HIL4063*'
    }
}
