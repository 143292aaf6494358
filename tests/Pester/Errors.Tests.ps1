BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')
    $script:workspace = New-Workspace
    Push-Location $workspace
}

AfterAll {
    Pop-Location
    Remove-Item $workspace -Recurse -Force
}

Describe 'Errors' {
    It 'can be caught by their type' {
        $caught = try { Get-OpamPackage nothing -Repository ./opam-repository -ErrorAction Stop } catch [HillingarException] { $_ }
        $caught.FullyQualifiedErrorId | Should -BeLike 'HIL7006,*'
        $caught.Exception.Diagnostic.Code | Should -Be HIL7006
        $other = try { Get-Item ./nowhere -ErrorAction Stop } catch [HillingarException] { 'ours' } catch { 'another' }
        $other | Should -Be another
    }
    It 'have a type only while the module is there' {
        Invoke-Shell '$names = { [psobject].Assembly.GetType("System.Management.Automation.TypeAccelerators")::Get.ContainsKey("HillingarException") }; Import-Module Hillingar.PowerShell; & $names; Remove-Module Hillingar.PowerShell; & $names; Import-Module Hillingar.PowerShell; & $names' |
            Should -Be 'True', 'False', 'True'
    }
    It 'leave a name alone that somebody else has' {
        Invoke-Shell '[psobject].Assembly.GetType("System.Management.Automation.TypeAccelerators")::Add("OpamVersion", [int]); Import-Module Hillingar.PowerShell; [OpamVersion].Name; Remove-Module Hillingar.PowerShell; [OpamVersion].Name' | Should -Be Int32, Int32
    }
    It 'have their place in the exception''s message' {
        Set-Content ./broken.opam.locked 'opam-version: "2.0'
        Get-HillingarLock ./broken.opam.locked -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].Exception.Message | Should -Match 'broken\.opam\.locked\(1,\d+\): '
        $errors[0].Exception.Diagnostic.Message | Should -Not -Match '^\S*broken'
        "$($errors[0])" | Should -Be $errors[0].Exception.Message
    }
    It 'keep the lines of an explanation, in a script as well, and in each view: <_>' -ForEach 'ConciseView', 'NormalView', 'CategoryView' {
        Set-Content ./explain.ps1 "`$global:ErrorView = '$_'`nUpdate-HillingarLock ./impossible`n'went on'"
        $text = Invoke-Shell 'Import-Module Hillingar.PowerShell; ./explain.ps1 2>&1 | Out-String -Width 500'
        $text[-1] + $text[-2] | Should -Match 'went on'
        if ($_ -eq 'CategoryView') { "$text" | Should -Match 'InvalidOperation' }
        else {
            $lines = @($text -replace '\e\[[\d;]*m')
            @($lines -match 'There is no stringext >= 9').Count | Should -Be 1
            # The steps and each fix stand on lines of their own.
            @($lines -match '^Any of these helps').Count | Should -Be 1
            @($lines -match '^ *- ').Count | Should -BeGreaterThan 0
            "$lines" | Should -Match 'explain\.ps1'
        }
    }
    It 'name what one types here' {
        { Invoke-HillingarBuild ./dns -ErrorAction Stop } | Should -Throw '*Restore-HillingarMonorepo*' -ErrorId 'HIL6001*'
        { Get-HillingarLock ./impossible -ErrorAction Stop } | Should -Throw '*Update-HillingarLock*' -ErrorId 'HIL7003*'
        Set-Content ./empty.opam.locked ''
        { Get-HillingarLock ./empty.opam.locked -ErrorAction Stop } | Should -Throw '*Update-HillingarLock -Force*'
        $ErrorActionPreference = 'Continue'
        $messages = foreach ($try in { Invoke-HillingarBuild ./dns }, { Get-HillingarLock ./impossible }, { Get-HillingarLock ./empty.opam.locked }, { New-HillingarFlake ./dns }) { (& $try 2>&1).Exception.Message }
        $messages.Count | Should -Be 4
        "$messages" | Should -Not -Match 'dotnet '
    }
    It 'name what is near: <Call>' -ForEach @(
        @{ Call = { Get-OpamPackage lwtt -Repository ./opam-repository }; Near = 'Did you mean lwt\?' }
        @{ Call = { Get-OpamDependent stringxt -Lock ./dns }; Near = 'Did you mean stringext\?' }
        @{ Call = { Update-HillingarLock ./dns -Package stringxt }; Near = 'Did you mean stringext\?' }
        @{ Call = { Resolve-OpamDependency stringxt -Repository ./opam-repository }; Near = 'stringext' }
        @{ Call = { Show-OpamDependency stringxt -Repository ./opam-repository }; Near = 'stringext' }
        @{ Call = { Invoke-HillingarBuild ./dns -Target unx }; Near = 'Did you mean unix\?' }
        @{ Call = { Test-HillingarEnvironment unx }; Near = 'Did you mean unix\?' }) {
        $ErrorActionPreference = 'Continue'
        $errors = @(& $Call 2>&1)
        $errors[0] | Should -BeOfType System.Management.Automation.ErrorRecord
        $errors[0].Exception.Message | Should -Match $Near
    }
    It 'offer fixes that apply, or that say they cannot' {
        Resolve-OpamDependency 'stringext>=9' -Repository ./opam-repository -ErrorVariable conflict -ErrorAction SilentlyContinue
        $fixes = $conflict[0].TargetObject.Fixes
        $fixes.Count | Should -BeGreaterThan 0
        { $fixes | Update-HillingarLock -ErrorAction Stop } | Should -Throw '*no project*' -ErrorId 'HIL7004*'
        # From another folder, and from another shell.
        Update-HillingarLock ./impossible -ErrorVariable conflict -ErrorAction SilentlyContinue
        $conflict[0].TargetObject.Fixes | Export-Clixml ./fixes.xml
        Push-Location /
        try { (Import-Clixml (Join-Path $workspace fixes.xml) | Update-HillingarLock -PassThru).Name | Should -Be impossible } finally { Pop-Location }
        Get-Content ./impossible/impossible.csproj -Raw | Should -Not -Match '&gt;= 9'
    }
    It 'keep together, on their way through a file, what one fix has to change' {
        Set-Content ./impossible/impossible.csproj ((Get-Content ./dns/dns.csproj -Raw) -replace '<DnsZone[^>]*>', '' -replace 'Include="lwt" Version="[^"]*"', 'Include="lwt" Version="&gt;= 99"' -replace 'Include="stringext" Version="[^"]*"', 'Include="stringext" Version="&gt;= 9"')
        Update-HillingarLock ./impossible -ErrorVariable conflict -ErrorAction SilentlyContinue
        $fix = $conflict[0].TargetObject.Fixes | Where-Object { $_.Also.Count -gt 0 } | Select-Object -First 1
        $fix.Also.Count | Should -Be 1
        $fix | Export-Clixml ./fixes.xml -Depth 1
        { Import-Clixml ./fixes.xml | Update-HillingarLock -ErrorAction Stop } | Should -Throw -ErrorId 'HIL7004*'
        Get-Content ./impossible/impossible.csproj -Raw | Should -Match '&gt;= 99[\s\S]*&gt;= 9"'
        $fix | Export-Clixml ./fixes.xml
        (Import-Clixml ./fixes.xml | Update-HillingarLock -PassThru).Name | Should -Be dns
        Get-Content ./impossible/impossible.csproj -Raw | Should -Not -Match '&gt;= 99?"'
    }
}
