BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace -As Built
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Publish-Unikernel' {
    BeforeAll { $script:image = Invoke-HillingarBuild ./dns }

    It 'says what it would do' {
        $image | Publish-Unikernel ./out -WhatIf | Should -BeNullOrEmpty
        './out' | Should -Not -Exist
    }
    It 'publishes what a stranger needs' {
        $published = $image | Publish-Unikernel -Destination ./out
        $published.GetType().FullName | Should -Be Hillingar.Build.Projects.ProjectPublication
        $published.Targets | Should -Be unix
        foreach ($file in 'unix/dns', 'manifest.json', 'sbom.cdx.json', 'dns.opam.locked', 'run.sh', 'SHA256SUMS') { "./out/$file" | Should -Exist }
        Push-Location ./out
        try { & sha256sum --quiet -c SHA256SUMS; $LASTEXITCODE | Should -Be 0 } finally { Pop-Location }
        (Get-Content ./out/manifest.json -Raw | ConvertFrom-Json).name | Should -Be dns
        $published | Format-Table | Out-String | Should -Match 'Destination'
    }
    It 'publishes the same bytes again' {
        $null = $image | Publish-Unikernel ./again
        (Get-FileHash ./again/SHA256SUMS).Hash | Should -Be (Get-FileHash ./out/SHA256SUMS).Hash
    }
}
