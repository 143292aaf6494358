BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace -As Built
    Push-Location $workspace
    $script:image = Invoke-HillingarBuild ./dns
    # The server prints where it listens when it does.
    function Wait-Log([string] $Name) {
        Wait-Until { Get-UnikernelLog $Name }
        Get-UnikernelLog $Name
    }
}

AfterAll {
    $null = Get-Unikernel pester-* | Stop-Unikernel -Timeout 0
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Start-Unikernel' {
    It 'says what it would do' {
        Start-Unikernel ./dns -Name pester-what -WhatIf | Should -BeNullOrEmpty
        { Get-Unikernel pester-what -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5057*'
    }
    It 'starts what a project built; it is listed, read, and stopped' {
        $started = Start-Unikernel ./dns -Name pester-dns -Argument '--port', '0'
        $started.GetType().FullName | Should -Be Hillingar.Build.Running.RunningUnikernel
        $started.State | Should -Be Running
        (Get-Process -Id $started.ProcessId).Id | Should -Be $started.ProcessId
        $started | Format-Table | Out-String | Should -Match 'ProcessId'
        $started | Format-List | Out-String | Should -Match '--port 0'
        (Get-Unikernel pester-d*).Name | Should -Be pester-dns
        Wait-Log pester-dns | Should -Not -BeNullOrEmpty
        $started | Get-UnikernelLog -Tail 1 | Should -HaveCount 1
        $stopped = Get-Unikernel pester-dns | Stop-Unikernel
        $stopped.State | Should -Be Exited
        { Get-Process -Id $started.ProcessId -ErrorAction Stop } | Should -Throw
        (Get-Unikernel pester-dns).ExitCode | Should -Be $stopped.ExitCode
    }
    It 'takes images, built ones and files, and gives each its name' {
        ($image | Start-Unikernel -Name pester-image -Argument '--port', '0').Image | Should -Be $image.Path
        (Get-Item $image.Path | Start-Unikernel -Name pester-file -Argument '--port', '0').Target | Should -Be unix
        (Get-HillingarProject ./dns | Start-Unikernel -Name pester-project -Argument '--port', '0').State | Should -Be Running
        { $image | Start-Unikernel -Name pester-image -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5056*'
        (Stop-Unikernel pester-image, pester-file, pester-project).State | Sort-Object -Unique | Should -Be Exited
    }
    It 'is there for another shell, after the shell that started it has ended' {
        Invoke-Shell "(Start-Unikernel '$workspace/dns' -Name pester-other -Argument '--port', '0').State" | Should -Be Running
        (Get-Unikernel pester-other).State | Should -Be Running
        Wait-Log pester-other | Should -Not -BeNullOrEmpty
        (Stop-Unikernel pester-other).State | Should -Be Exited
    }
    It 'waits for the end, and follows the log to it' {
        $ended = Start-Unikernel ./dns -Name pester-help -Argument '--help' -Wait
        $ended.State | Should -Be Exited
        $ended.ExitCode | Should -Be 0
        Get-UnikernelLog pester-help -Wait | Select-Object -First 1 | Should -Match 'dns'
    }
    It 'tells what is wrong before anything is started' {
        { Start-Unikernel ./dns -Name pester-bad -Argument '--no-such-option' -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5058*'
        { Start-Unikernel ./dns -Name pester-bad -Network @{ service = 'tap0' } -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5054*'
        { Start-Unikernel ./dns -Name pester-bad -Target spt -ErrorAction Stop } | Should -Throw -ErrorId 'HIL6005*'
        { Start-Unikernel $image.Path -Name pester-bad -Target spt -ErrorAction Stop } | Should -Throw -ErrorId 'HIL505[23]*'
        { Start-Unikernel ./nowhere.spt -Name pester-bad -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5030*'
        { Stop-Unikernel pester-nobody -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5057*'
    }
    It 'waits for the end, but no longer than it is told' {
        $null = Start-Unikernel ./dns -Name pester-long -Argument '--port', '0'
        { Wait-Unikernel pester-long -Timeout 0 -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5095*'
        (Get-Unikernel pester-long).State | Should -Be Running
        $ended = Start-Unikernel ./dns -Name pester-brief -Argument '--help' | Wait-Unikernel
        "$($ended.Name) $($ended.State) $($ended.ExitCode)" | Should -Be 'pester-brief Exited 0'
        { Wait-Unikernel pester-brif -ErrorAction Stop } | Should -Throw '*Did you mean pester-brief?*' -ErrorId 'HIL5057*'
    }
    It 'starts one again as it was started' {
        $log = Join-Path $workspace again.log
        $first = Start-Unikernel ./dns -Name pester-again -Argument '--port', '0' -LogPath $log
        Restart-Unikernel pester-again -WhatIf
        (Get-Unikernel pester-again).ProcessId | Should -Be $first.ProcessId
        $second = Restart-Unikernel pester-again
        $second.ProcessId | Should -Not -Be $first.ProcessId
        { Get-Process -Id $first.ProcessId -ErrorAction Stop } | Should -Throw
        "$($second.State) $($second.Arguments) $($second.Image) $($second.LogPath)" | Should -Be "Running --port 0 $($first.Image) $log"
        $null = Stop-Unikernel pester-again
        ($second | Restart-Unikernel).State | Should -Be Running
        Remove-Unikernel pester-again -Force
    }
    It 'forgets one that has ended, and its log' {
        $running = Start-Unikernel ./dns -Name pester-gone -Argument '--port', '0'
        { Remove-Unikernel pester-gone -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5096*'
        Remove-Unikernel pester-gone -Force -WhatIf
        (Get-Unikernel pester-gone).State | Should -Be Running
        Remove-Unikernel pester-gone -Force
        { Get-Unikernel pester-gone -ErrorAction Stop } | Should -Throw -ErrorId 'HIL5057*'
        { Get-Process -Id $running.ProcessId -ErrorAction Stop } | Should -Throw
        $running.LogPath | Should -Not -Exist
    }
    It 'completes names' {
        $null = Start-Unikernel ./dns -Name pester-completed -Argument '--help' -Wait
        (TabExpansion2 'Stop-Unikernel pester-com' 25).CompletionMatches.CompletionText | Should -Contain pester-completed
    }
}
