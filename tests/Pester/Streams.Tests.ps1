BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

# What goes where, whatever the cmdlet: output, errors, warnings, verbose and debug text, information, progress.
Describe 'Streams' {
    It 'writes objects to the output only' {
        $all = Find-OpamPackage lwt -Repository ./opam-repository *>&1
        $all.GetType().FullName | Should -Be Hillingar.Build.Repositories.FoundPackage
    }
    It 'honours -ErrorAction' {
        $Error.Clear()
        Get-OpamPackage nothing -Repository ./opam-repository -ErrorAction Ignore | Should -BeNullOrEmpty
        $Error.Count | Should -Be 0
        Get-OpamPackage nothing -Repository ./opam-repository -ErrorAction SilentlyContinue
        $Error[0].FullyQualifiedErrorId | Should -BeLike 'HIL7006,*'
        { Get-OpamPackage nothing -Repository ./opam-repository -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7006*'
        (Get-OpamPackage nothing, lwt -Repository ./opam-repository -ErrorAction Continue 2>$null).Count | Should -Be 2
    }
    It 'writes error records with code, category, target and place' {
        Set-Content ./broken.opam.locked 'opam-version: "2.0'
        $record = Save-HillingarSource x.tar -Lock ./broken.opam.locked -ErrorAction Continue 2>&1
        $record | Should -BeOfType System.Management.Automation.ErrorRecord
        $record.FullyQualifiedErrorId | Should -Be 'HIL3001,Hillingar.PowerShell.Commands.SaveHillingarSourceCommand'
        $record.CategoryInfo.Category | Should -Be InvalidData
        $record.ErrorDetails.Message | Should -Match 'broken\.opam\.locked\(1,\d+\): '
        $record.TargetObject | Should -Be ./broken.opam.locked
    }
    It 'writes warnings with their codes' {
        $warnings = Show-OpamDependency -Lock ./dns -Repository ./dns/../advisories/../opam-repository 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }
        $warnings | Should -BeNullOrEmpty
        $null = New-Item -ItemType Directory ./bare/packages
        (Show-OpamDependency -Lock ./dns -Repository ./bare 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })[0].Message | Should -Match '^HIL7008: '
    }
    It 'tells steps when verbose, and what programs print when debugging' {
        $records = Restore-HillingarMonorepo ./dns -Verbose 4>&1 3>$null
        $records | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object Message | Should -Contain 'Unpacking stringext.1.6.0 to duniverse/stringext'
        # dune prints nothing about what goes well; what it does, it says of what does not.
        Add-Content ./dns/dns.ml 'let unused = '
        $records = Invoke-HillingarBuild ./dns -Debug -ErrorAction SilentlyContinue 5>&1
        $records | Where-Object { $_ -is [System.Management.Automation.DebugRecord] } | ForEach-Object Message | Should -Contain 'Error: Syntax error'
        & git checkout -q -- dns
    }
    It 'tells what changed in a lock as information' {
        Remove-Item ./dns/dns.opam.locked
        $records = Update-HillingarLock ./dns 6>&1
        $records[0] | Should -BeOfType System.Management.Automation.InformationRecord
        $records[0].Tags | Should -Contain Hillingar
        $records.MessageData.Change | Select-Object -Unique | Should -Be Added
    }
    It 'shows progress with counts, and takes it away' {
        Remove-Item ./dns/obj -Recurse -Force
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module Hillingar.PowerShell; Restore-HillingarMonorepo '$workspace/dns'").Invoke()
        $bars = $shell.Streams.Progress
        $bars.Activity | Should -Contain Vendoring
        ($bars | Where-Object Activity -EQ Vendoring).StatusDescription | Should -Contain '6 of 6: dune_' -Because "$($bars.StatusDescription)"
        ($bars | Where-Object RecordType -EQ Completed).Activity | Should -Contain Vendoring
        $shell.Dispose()
    }
    It 'says in its progress which phase it is in, and how long a step has taken' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module Hillingar.PowerShell; Invoke-HillingarBuild '$workspace/dns'").Invoke()
        $bars = $shell.Streams.Progress
        $bars.StatusDescription -match '^dune( \(\d+ s\))?$' | Should -Not -BeNullOrEmpty -Because "$($bars.StatusDescription | Select-Object -Unique)"
        $bars.StatusDescription -match ' \(\d+ s\)$' | Should -Not -BeNullOrEmpty -Because "$($bars.StatusDescription | Select-Object -Unique)"
        $shell.Dispose()
    }
}
