
Describe 'Test-HillingarEnvironment' {
    BeforeAll {
        # All programs of this machine but make, with which a cross compiler is built. What are folders, as Debian's X11, which leads to where it lies, would have no end for Pester.
        $script:before = $env:PATH
        $script:without = New-Item -ItemType Directory (Join-Path $TestDrive without)
        foreach ($folder in $env:PATH -split [System.IO.Path]::PathSeparator | Where-Object { Test-Path $_ }) { & sh -c 'ln -s "$1"/* "$2" 2>/dev/null; true' sh (Resolve-Path $folder).ProviderPath $without.FullName }
        & find -L $without.FullName -mindepth 1 -maxdepth 1 -type d -exec rm '{}' ';'
        Remove-Item (Join-Path $without make)
    }
    AfterEach { $env:PATH = $before }

    It 'tells what is there, with versions' {
        $items = Test-HillingarEnvironment
        $items[0].GetType().FullName | Should -Be Hillingar.Build.Health.MachineItem
        ($items | Where-Object Name -EQ dotnet).Version | Should -Match '^10\.'
        ($items | Where-Object Name -EQ ocamlopt).IsPresent | Should -BeTrue
        ($items | Where-Object Area -EQ 'target unix').IsPresent | Should -BeTrue
        $items | Format-Table | Out-String | Should -Match 'Area +Name +IsPresent'
    }
    It 'tells what a target lacks and how to get it' {
        $env:PATH = $without.FullName
        $item = Test-HillingarEnvironment spt | Select-Object -Last 1
        $item.Area | Should -Be 'target spt'
        $item.IsPresent | Should -BeFalse
        $item.Advice | Should -Not -BeNullOrEmpty
    }
    It 'answers yes or no' {
        Test-HillingarEnvironment unix -Quiet | Should -BeTrue
        $env:PATH = $without.FullName
        Test-HillingarEnvironment unix, spt -Quiet | Should -BeFalse
        { Test-HillingarEnvironment windows -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6011*'
    }
}
