
Describe 'Test-HillingarEnvironment' {
    It 'tells what is there, with versions' {
        $items = Test-HillingarEnvironment
        $items[0].GetType().FullName | Should -Be Hillingar.Build.MachineItem
        ($items | Where-Object Name -EQ dotnet).Version | Should -Match '^10\.'
        ($items | Where-Object Name -EQ ocamlopt).IsPresent | Should -BeTrue
        ($items | Where-Object Area -EQ 'target unix').IsPresent | Should -BeTrue
        $items | Format-Table | Out-String | Should -Match 'Area +Name +IsPresent'
    }
    It 'tells what a target lacks and how to get it' {
        $item = Test-HillingarEnvironment spt | Select-Object -Last 1
        $item.Area | Should -Be 'target spt'
        $item.IsPresent | Should -BeFalse
        $item.Advice | Should -Not -BeNullOrEmpty
    }
    It 'answers yes or no' {
        Test-HillingarEnvironment unix -Quiet | Should -BeTrue
        Test-HillingarEnvironment unix, spt -Quiet | Should -BeFalse
        { Test-HillingarEnvironment windows -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6011*'
    }
}
