BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Add-OpamDependency and Remove-OpamDependency' {
    BeforeEach { & git checkout -q -- dns }

    It 'write a package into the project, and the lock follows' {
        $added = Add-OpamDependency cppo -Path ./dns
        $added.GetType().FullName | Should -Be Hillingar.Build.Projects.DependencyEdit
        "$($added.Package) $($added.Change)" | Should -Be 'cppo Added'
        Get-Content ./dns/dns.csproj -Raw | Should -Match '<OpamDependency Include="cppo" />'
        (Get-HillingarProject ./dns | Update-HillingarLock -PassThru).Dependencies.Name | Should -Contain cppo
        $added | Format-Table | Out-String | Should -Match 'cppo +Added'
    }
    It 'give one that is there already another version' {
        (Add-OpamDependency lwt '[5.6,5.8)' -Path ./dns/dns.csproj).Change | Should -Be Changed
        ((Get-HillingarProject ./dns).Dependencies | Where-Object Name -EQ lwt).Version | Should -Be '[5.6,5.8)'
        (Add-OpamDependency lwt -Path ./dns).Change | Should -Be None
    }
    It 'take packages out, in the current folder, from the pipeline' {
        Push-Location ./dns
        try { ('stringext' | Remove-OpamDependency).Change | Should -Be Removed } finally { Pop-Location }
        (Get-HillingarProject ./dns).Dependencies.Name | Should -Be lwt
    }
    It 'write nothing when asked what they would do' {
        Add-OpamDependency cppo -Path ./dns -WhatIf | Should -BeNullOrEmpty
        Remove-OpamDependency lwt -Path ./dns -WhatIf | Should -BeNullOrEmpty
        & git status --porcelain -- dns | Should -BeNullOrEmpty
    }
    It 'tell what is wrong, and go on' {
        $done = Remove-OpamDependency lwtt, stringext -Path ./dns -ErrorVariable errors -ErrorAction SilentlyContinue
        $done.Package | Should -Be stringext
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'HIL7014,*'
        $errors[0].Exception.Message | Should -Match 'Did you mean lwt\?'
        { Add-OpamDependency lwt 'no version' -Path ./dns -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6010*'
        { Add-OpamDependency lwt -Path ./nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7002*'
    }
}
