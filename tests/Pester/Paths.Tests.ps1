BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

# What -Path, -LiteralPath and the pipeline lead to, by PowerShell's rules.
Describe 'Paths' {
    BeforeAll {
        # Beside x1 a folder and an archive whose names are patterns.
        Copy-Item ./dns ./x1 -Recurse
        Copy-Item ./dns './x[1]' -Recurse
        foreach ($folder in 'x1', 'x[1]') { Rename-Item -LiteralPath "./$folder/dns.csproj" "$folder.csproj" }
        $script:literal = Join-Path $workspace 'x[1]' 'x[1].csproj'
    }
    It 'takes a pattern as a pattern' {
        (Get-HillingarProject ./x[1]).Path | Should -Be (Join-Path $workspace x1 x1.csproj)
        (Get-HillingarProject './x`[1`]').Path | Should -Be $literal
    }
    It 'takes what comes through the pipeline, and -LiteralPath, as it is' {
        (Get-Item -LiteralPath './x[1]' | Get-HillingarProject).Path | Should -Be $literal
        (Get-HillingarProject -LiteralPath './x[1]').Path | Should -Be $literal
        (Get-HillingarProject -PSPath "Microsoft.PowerShell.Core\FileSystem::$literal").Path | Should -Be $literal
        (Get-HillingarProject -FullName $literal).Path | Should -Be $literal
        (Get-HillingarProject -LiteralPath './x[1]' | Update-HillingarLock -PassThru).Path | Should -Be $literal
    }
    It 'has -LiteralPath with its aliases wherever -Path takes files: <_>' -ForEach 'Get-HillingarProject', 'Get-UnikernelImage', 'Import-HillingarSource', 'Invoke-HillingarBuild', 'New-HillingarFlake', 'Publish-OpamPackage', 'Restore-HillingarMonorepo', 'Start-Unikernel', 'Test-HillingarLock', 'Test-HillingarReproducible', 'Update-HillingarLock' {
        (Get-Command $_).Parameters['LiteralPath'].Aliases | Sort-Object | Should -Be FullName, PSPath
        (Get-Command $_).Parameters['Path'].Aliases | Should -BeNullOrEmpty
    }
    It 'gives an image its literal path on, too' {
        # What is no image is told, and of the right file.
        Set-Content -LiteralPath './x[1]/image' 'none'
        Set-Content ./x1/image 'none'
        Get-Item -LiteralPath './x[1]/image' | Get-UnikernelImage -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HIL5030,*'
        $errors[0].Exception.Message | Should -BeLike '*x[[]1]/image*'
    }
    It 'tells a file that is there and that its brackets hide' {
        Copy-Item ./lib-1.0.tar.gz './lib[2].tar.gz'
        Import-HillingarSource './lib[2].tar.gz' -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -Be 'HIL7009,Hillingar.PowerShell.Commands.ImportHillingarSourceCommand'
        (Get-Item -LiteralPath './lib[2].tar.gz' | Import-HillingarSource).Count | Should -Be 1
        { Get-HillingarProject ./no-such-thing-* -ErrorAction Stop } | Should -Not -Throw
    }
    It 'tells each bad match of a pattern once, and goes on with the others' {
        $null = New-Item -ItemType Directory ./many/aa, ./many/zz
        Copy-Item ./dns ./many/mm -Recurse
        $found = Get-HillingarProject ./many/* -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Path | Should -Be (Join-Path $workspace many mm dns.csproj)
        $errors.FullyQualifiedErrorId | Should -Be (@('HIL7002,Hillingar.PowerShell.Commands.GetHillingarProjectCommand') * 2)
        $errors.TargetObject | Should -Be (Join-Path $workspace many aa), (Join-Path $workspace many zz)
    }
    It 'tells what is no file, and goes on' {
        $found = Get-HillingarProject Env:PATH, nodrive:/x, ./dns -ErrorVariable errors -ErrorAction SilentlyContinue
        $found.Name | Should -Be dns
        $errors.Count | Should -Be 2
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HIL7010,*'
        $errors[1].FullyQualifiedErrorId | Should -BeLike 'DriveNotFound,*'
    }
    It 'resolves what is relative where the shell is, whatever the process''s folder' {
        Push-Location ./dns
        try {
            (Get-HillingarProject).Path | Should -Be (Join-Path $workspace dns dns.csproj)
            (Get-HillingarLock).Path | Should -Be (Join-Path $workspace dns dns.opam.locked)
            (Find-OpamPackage lwt -Repository ../opam-repository).Name | Should -Be lwt
        } finally { Pop-Location }
    }
}

Describe 'What a project is read with' {
    It 'takes properties and a configuration' {
        $project = Get-HillingarProject ./dns -Configuration Release -Property @{ HillingarOffline = $true; UnikernelName = 'other'; HillingarSolveTimeout = '7' }
        $project.Offline | Should -BeTrue
        $project.Name | Should -Be other
        $project.Configuration | Should -Be Release
        $project.Properties['UnikernelName'] | Should -Be other
        { Get-HillingarProject ./dns -Property @{ 'no name' = 1 } -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7011*'
    }
    It 'takes a value with what the command line would split' {
        (Get-HillingarProject ./dns -Property @{ MirageTargets = 'unix;spt' }).Targets | Should -Be unix, spt
    }
    It 'does without the network, and without an audit' {
        (Get-HillingarProject ./dns).Offline | Should -BeFalse
        (Get-HillingarProject ./dns -Offline).Offline | Should -BeTrue
        (Get-HillingarProject ./dns).Audit | Should -Not -BeNullOrEmpty
        (Get-HillingarProject ./dns -NoAudit).Audit | Should -BeNullOrEmpty
        Restore-HillingarMonorepo ./dns -NoAudit -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        $warnings | Should -BeNullOrEmpty
        Get-HillingarProject ./dns | Restore-HillingarMonorepo -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        "$warnings" | Should -Match 'HIL4053'
    }
    It 'has these of each cmdlet that evaluates a project: <_>' -ForEach 'Get-HillingarProject', 'Invoke-HillingarBuild', 'New-HillingarFlake', 'Restore-HillingarMonorepo', 'Test-HillingarLock', 'Test-HillingarReproducible', 'Update-HillingarLock' {
        'Offline', 'NoAudit', 'Property', 'Configuration' | Should -BeIn (Get-Command $_).Parameters.Keys
    }
}

Describe 'A plan' {
    BeforeAll {
        # The shell writes what it would do past all streams, for its host: another shell's output has it.
        function Get-Plan([string] $Script) { @(Invoke-Shell "Import-Module Hillingar.PowerShell; $Script") -match '^What if: ' -replace '^What if: Performing the operation "([^"]*)".*', '$1' }
        $script:steps = 'Bring up to date', 'Vendor the locked sources', 'Build for unix', 'Publish dns for unix'
    }
    It 'tells all steps of a pipeline' {
        Get-Plan '$WhatIfPreference = $true; Get-HillingarProject ./dns | Update-HillingarLock -PassThru | Restore-HillingarMonorepo | Invoke-HillingarBuild | Publish-Unikernel ./planned' | Should -Be $steps
        Get-Plan 'Get-HillingarProject ./dns | Update-HillingarLock -PassThru -WhatIf | Restore-HillingarMonorepo -WhatIf | Invoke-HillingarBuild -WhatIf | Publish-Unikernel ./planned -WhatIf' | Should -Be $steps
        Get-Plan 'Invoke-HillingarBuild ./dns -WhatIf | Start-Unikernel -WhatIf' | Should -Be 'Build for unix', 'Start dns for unix'
    }
    It 'does nothing from where it begins on, also where -WhatIf stands there only' {
        Remove-Item ./dns/obj, ./dns/bin -Recurse -Force -ErrorAction Ignore
        Get-Plan 'Update-HillingarLock ./dns -PassThru -WhatIf | Restore-HillingarMonorepo | Invoke-HillingarBuild | Publish-Unikernel ./planned' | Should -Be $steps
        './dns/obj/hillingar/duniverse', './dns/bin', './planned' | Should -Not -Exist
    }
    It 'gives nobody what is not there' {
        (Restore-HillingarMonorepo ./dns -WhatIf) | Should -BeNullOrEmpty
        (Invoke-HillingarBuild ./dns -WhatIf) | Should -BeNullOrEmpty
        (Update-HillingarLock ./dns -PassThru -WhatIf) | Should -BeNullOrEmpty
    }
}
