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
        $built | Get-UnikernelImage -Format Dot | Should -Match '>lwt</TD>.*>\d+(\.\d)? K?B</TD>'
    }
    It 'draws it without a text over another' {
        # Each text of an SVG begins at a place, on a line: those of one line keep their distance.
        $svg = [xml]($built | Get-UnikernelImage -Format Svg)
        $texts = @($svg.SelectNodes("//*[local-name()='text']") | ForEach-Object { @{ X = [double]$_.x; Y = [double]$_.y; Text = $_.InnerText; Anchor = $_.'text-anchor' } })
        $texts.Text | Should -Contain lwt
        # Names, sizes and shares are rows of three, whose lines are a line's height apart.
        $rows = @($texts | Where-Object Anchor -NE middle | Group-Object { $_.Y })
        $rows.Count | Should -BeGreaterThan 3
        $rows | Where-Object Count -NE 3 | Should -BeNullOrEmpty
        $ys = @($rows | ForEach-Object { [double]$_.Name } | Sort-Object)
        1..($ys.Count - 1) | ForEach-Object { $ys[$_] - $ys[$_ - 1] } | Where-Object { $_ -lt 10 } | Should -BeNullOrEmpty
        # A letter of 10 points is some 6 wide.
        foreach ($row in $rows) { $sorted = @($row.Group | Sort-Object { $_.X }); 1..2 | ForEach-Object { $sorted[$_].X - $sorted[$_ - 1].X - 6 * $sorted[$_ - 1].Text.Length } | Where-Object { $_ -lt 0 } | Should -BeNullOrEmpty }
    }
    It 'says what to install where Graphviz is missing' {
        $before = $env:PATH
        $env:PATH = '/nowhere'
        try { { $built | Get-UnikernelImage -Format Svg -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7005*' } finally { $env:PATH = $before }
    }
    It 'refuses what is no image' {
        { Get-UnikernelImage ./dns/dns.ml -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5030*'
    }
}
