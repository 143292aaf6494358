BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Show-OpamDependency' {
    It 'draws a lock as Mermaid' {
        $text = Show-OpamDependency -Lock ./dns
        $text | Should -Match '(?m)^flowchart LR$'
        $text | Should -Match '\["lwt 5\.6\.1"\]:::vendored'
        $text | Should -Match '\["ocaml [^"]+"\]:::host'
        $text | Should -Match 'subgraph .*ocaml/dune'
    }
    It 'draws a lock as DOT' {
        Show-OpamDependency -Lock ./dns -Format Dot | Should -Match '(?s)^digraph "dns\.opam\.locked".*subgraph cluster_'
    }
    It 'draws SVG, and says what to install where Graphviz is missing' {
        Show-OpamDependency -Lock ./dns -Format Svg | Should -Match '<svg'
        $before = $env:PATH
        $env:PATH = '/nowhere'
        try { { Show-OpamDependency -Lock ./dns -Format Svg -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7005*' } finally { $env:PATH = $before }
    }
    It 'marks what is new and what is vulnerable' {
        Show-OpamDependency -Lock ./dns -Since HEAD~1 | Should -Match '\["lwt 5\.6\.1"\]:::fresh'
        Show-OpamDependency -Lock ./dns -Advisory ./advisories | Should -Match '\["lwt 5\.6\.1<br/>OSEC-2026-01"\]:::vulnerable'
    }
    It 'leaves out what follows from others, unless all is wanted' {
        $few = ([regex]'-->').Matches((Show-OpamDependency -Lock ./dns)).Count
        $all = ([regex]'-->').Matches((Show-OpamDependency -Lock ./dns -All)).Count
        $few | Should -BeGreaterThan 5
        $all | Should -BeGreaterThan $few
    }
    It 'leaves no package alone' {
        $text = Show-OpamDependency -Lock ./dns
        $nodes = @([regex]::Matches($text, '(?m)^ +(n\d+)\[') | ForEach-Object { $_.Groups[1].Value })
        $nodes.Count | Should -BeGreaterThan 5
        $ends = @([regex]::Matches($text, '(?m)^ +(n\d+) --> (n\d+)') | ForEach-Object { $_.Groups[1].Value; $_.Groups[2].Value })
        $nodes | Where-Object { $_ -notin $ends } | Should -BeNullOrEmpty
    }
    It 'takes the lock of a project from the pipeline' {
        Get-HillingarProject ./dns | Show-OpamDependency | Should -Match 'flowchart'
    }
    It 'solves for a package and draws what it brings' {
        Find-OpamPackage stringext -Repository ./opam-repository | Get-OpamPackage -Version latest -Repository ./opam-repository | Show-OpamDependency -Repository ./opam-repository | Should -Match '"stringext [\d.]+"\]:::vendored'
    }
    It 'draws a graph of the whole repository' {
        $whole = Get-WholeRepository
        if (-not $whole) { Set-ItResult -Skipped -Because 'it needs opam-repository.tar.gz of the test data (HILLINGAR_TEST_DATA)'; return }
        $text = Show-OpamDependency dns-server -Target spt -OCaml 5.4.1 -Repository ($whole -replace 'opam-repository$', 'opam-overlays'), $whole
        ([regex]'(?m)^ +n\d+\[').Matches($text).Count | Should -BeGreaterThan 40
        $text | Should -Match 'subgraph .*mirage/'
        $ends = @([regex]::Matches($text, '(?m)^ +(n\d+) --> (n\d+)') | ForEach-Object { $_.Groups[1].Value; $_.Groups[2].Value })
        [regex]::Matches($text, '(?m)^ +(n\d+)\[') | ForEach-Object { $_.Groups[1].Value } | Where-Object { $_ -notin $ends } | Should -BeNullOrEmpty
    }
}
