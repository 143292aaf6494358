# Runs the suite on the module on PSModulePath, several files at a time, and writes what came of it as JSON. Started by './build.sh test'.
param(
    [Parameter(Mandatory)] [string] $Report,
    [Parameter(Mandatory)] [string] $Feed,
    [Parameter(Mandatory)] [string] $SdkVersion,
    [Parameter(Mandatory)] [string] $Sources,
    # The program that is this shell: its process may be named otherwise.
    [Parameter(Mandatory)] [string] $Shell,
    [string] $Pester = 'Pester',
    [string[]] $Only = '*',
    [int] $Jobs = [Math]::Max(2, [Environment]::ProcessorCount)
)
$ErrorActionPreference = 'Stop'
Import-Module Hillingar.PowerShell
Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')

$scratch = Join-Path ([System.IO.Path]::GetTempPath()) "hillingar-pester-$PID"
try {
    $env:HILLINGAR_PESTER_SHELL = $Shell
    $env:HILLINGAR_PESTER_TEMPLATE = Join-Path $scratch 'template'
    Write-Host 'Making the project that the tests share'
    Initialize-Template -Path $env:HILLINGAR_PESTER_TEMPLATE -Feed $Feed -SdkVersion $SdkVersion -Sources $Sources

    # Those that take longest come first, so that no worker is left alone with one at the end. Examples of the help stop and forget all unikernels: the tests that start some wait for them.
    $long = 'Help', 'Start-Unikernel', 'Objects', 'Test-HillingarReproducible', 'Invoke-HillingarBuild', 'Limits'
    $names = @(foreach ($pattern in $Only -split ',') { Get-ChildItem $PSScriptRoot -Filter "$pattern.Tests.ps1" | ForEach-Object { $_.Name -replace '\.Tests\.ps1$' } }) | Select-Object -Unique
    $names = @($long | Where-Object { $_ -in $names }) + @($names | Where-Object { $_ -notin $long })
    if (-not $names) { throw "No file is named like $Only." }
    $tasks = ($names -join ',') -replace '^Help,Start-Unikernel,Objects', 'Help+Start-Unikernel+Objects'
    $queue = (New-Item -ItemType Directory (Join-Path $scratch 'queue')).FullName
    Write-Host "Running $($names.Count) files, $Jobs at a time"
    1..$Jobs | ForEach-Object -ThrottleLimit $Jobs -Parallel {
        # What a program of a test's writes to standard error is text, and no error of ours that stops everything.
        & $using:Shell -NoProfile -NonInteractive -File (Join-Path $using:PSScriptRoot 'Worker.ps1') -Queue $using:queue -Pester $using:Pester -Tasks $using:tasks 2>&1 | ForEach-Object { "$_" }
    } | Out-Host

    $results = foreach ($name in $names) {
        $file = Join-Path $queue "$name.json"
        if (Test-Path $file) { Get-Content $file -Raw | ConvertFrom-Json }
        else {
            Write-Host "error: $name.Tests.ps1 was not run to its end."
            [pscustomobject]@{ name = $name; passed = 0; failed = 1; skipped = 0; reasons = @() }
        }
    }
    [ordered]@{
        passed  = [int]($results | Measure-Object passed -Sum).Sum
        failed  = [int]($results | Measure-Object failed -Sum).Sum
        skipped = [int]($results | Measure-Object skipped -Sum).Sum
        reasons = @($results | ForEach-Object reasons)
    } | ConvertTo-Json | Set-Content $Report
}
finally {
    Remove-Item $scratch -Recurse -Force -ErrorAction Ignore
}
