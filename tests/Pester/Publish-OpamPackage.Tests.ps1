BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Publish-OpamPackage' {
    It 'says what it would do' {
        Publish-OpamPackage ./lib-1.0.tar.gz -Repository ./our-opam -WhatIf | Should -BeNullOrEmpty
        './our-opam' | Should -Not -Exist
    }
    It 'publishes a library that can be found then' {
        $file = Publish-OpamPackage ./lib-1.0.tar.gz -Repository ./our-opam
        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName | Should -BeLike '*/our-opam/packages/lib/lib.1.0/opam'
        $package = Get-OpamPackage lib -Repository ./our-opam
        "$($package.Version) $($package.Synopsis)" | Should -Be '1.0 A library'
    }
    It 'takes files from the pipeline, an address and a version' {
        Get-Item ./lib-1.0.tar.gz | Publish-OpamPackage -Repository ./public -Url https://example.org/lib.tar.gz -Version 1.5 | Should -Exist
        (Get-OpamPackage lib -Repository ./public).Url | Should -Be https://example.org/lib.tar.gz
        "$((Get-OpamPackage lib -Repository ./public).Version)" | Should -Be 1.5
    }
    It 'refuses other contents under the same version' {
        { Publish-OpamPackage ./lib-1.0.tar.gz ./our-opam -Url https://elsewhere.example.org/lib.tar.gz -ErrorAction Stop } | Should -Throw -ErrorId 'HIL4043*'
        { Publish-OpamPackage ./nothing.tar.gz ./our-opam -ErrorAction Stop } | Should -Throw -ErrorId 'HIL4040*'
    }
}
