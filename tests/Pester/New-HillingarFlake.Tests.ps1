BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
    $null = New-Item ./nixpkgs/flake.nix -Force -Value '{ outputs = { self }: { }; }'
    $script:nixpkgs = "path:$workspace/nixpkgs"
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'New-HillingarFlake' {
    It 'refuses what was not restored' {
        { New-HillingarFlake ./dns -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6001*'
    }
    It 'says what it would do' {
        (Restore-HillingarMonorepo ./dns -WarningAction SilentlyContinue | New-HillingarFlake -WhatIf) | Should -BeNullOrEmpty
        './dns/flake.nix' | Should -Not -Exist
    }
    It 'writes the flake and its lock beside the project' {
        $flake = Get-HillingarProject ./dns | New-HillingarFlake -Nixpkgs $nixpkgs
        $flake.GetType().FullName | Should -Be Hillingar.Build.Projects.WrittenFlake
        $flake.Files | Should -Contain 'flake.lock'
        foreach ($file in $flake.Files) { "./dns/$file" | Should -Exist }
        Get-Content ./dns/flake.nix -Raw | Should -Match ([regex]::Escape($nixpkgs))
        (Get-Content ./dns/hillingar.json -Raw | ConvertFrom-Json).targets.unix.dune | Should -Be 'dns.exe'
        (Get-Content ./dns/flake.lock -Raw | ConvertFrom-Json).nodes.nixpkgs.locked.narHash | Should -Match '^sha256-'
        $flake | Format-Table | Out-String | Should -Match 'Folder'
    }
    It 'writes nothing where nothing changed' {
        (New-HillingarFlake ./dns -Nixpkgs $nixpkgs).Files | Should -BeNullOrEmpty
    }
    It 'leaves the flake of somebody else alone' {
        $null = New-Item ./flake.nix -Value '{ outputs = { self }: { }; }'
        { New-HillingarFlake ./dns -Destination . -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5083*'
        Get-Content ./flake.nix -Raw | Should -Be '{ outputs = { self }: { }; }'
    }
    It 'refuses a folder from which the project cannot be seen' {
        { New-HillingarFlake ./dns -Destination ./elsewhere -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5088*'
    }
}
