BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace -As Built
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Get-UnikernelImage' {
    BeforeAll { $script:built = Invoke-HillingarBuild ./dns }

    It 'tells what an image is' {
        $image = Get-UnikernelImage ./dns/bin/Debug/unix/dns
        $image.GetType().FullName | Should -Be Hillingar.Build.Images.ImageFile
        $image.Machine | Should -BeIn x86_64, arm64
        $image.Size | Should -Be (Get-Item ./dns/bin/Debug/unix/dns).Length
        $image.Sha256 | Should -Be (Get-FileHash ./dns/bin/Debug/unix/dns).Hash
        $image | Format-Table | Out-String | Should -Match 'LoadedSize'
        $image | Format-List | Out-String | Should -Match 'Segments'
    }
    It 'tells what it is made of: the parts sum up to what is loaded' {
        $image = $built | Get-UnikernelImage
        $sum = ($image.Libraries | Measure-Object Size -Sum).Sum
        [Math]::Abs($sum - $image.LoadedSize) / $image.LoadedSize | Should -BeLessThan 0.02
        $image.Libraries.Library | Should -Contain lwt
    }
    It 'draws it' {
        $built | Get-UnikernelImage -Format Mermaid | Should -Match '(?s)^pie showData title dns: .* in memory.*"lwt" : \d+'
        $built | Get-UnikernelImage -Format Dot | Should -Match 'layout=patchwork'
        if (Get-Command dot -ErrorAction Ignore) { $built | Get-UnikernelImage -Format Svg | Should -Match '<svg' }
        else { { $built | Get-UnikernelImage -Format Svg -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7005*' }
    }
    It 'refuses what is no image' {
        { Get-UnikernelImage ./dns/dns.ml -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5030*'
    }
}
