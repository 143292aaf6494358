# Runs the suite on the module on PSModulePath, and writes what came of it as JSON. Started by './build.sh test'.
param(
    [Parameter(Mandatory)] [string] $Report,
    [Parameter(Mandatory)] [string] $Feed,
    [Parameter(Mandatory)] [string] $SdkVersion,
    [Parameter(Mandatory)] [string] $Sources,
    [string[]] $Only = '*'
)
$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.0
Import-Module Hillingar.PowerShell
Import-Module (Join-Path $PSScriptRoot 'Workspace.psm1')

$scratch = Join-Path ([System.IO.Path]::GetTempPath()) "hillingar-pester-$PID"
try {
    $env:HILLINGAR_PESTER_TEMPLATE = Join-Path $scratch 'template'
    Initialize-Template -Path $env:HILLINGAR_PESTER_TEMPLATE -Feed $Feed -SdkVersion $SdkVersion -Sources $Sources

    $configuration = New-PesterConfiguration
    $configuration.Run.Path = @(foreach ($pattern in $Only) { Join-Path $PSScriptRoot "$pattern.Tests.ps1" })
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'Normal'
    $configuration.Output.StackTraceVerbosity = 'FirstLine'
    $result = Invoke-Pester -Configuration $configuration
    @{
        passed  = $result.PassedCount
        # A file or a block that breaks counts no test of its own.
        failed  = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
        skipped = $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
        reasons = @($result.Skipped | ForEach-Object { "$($_.ExpandedPath): $($_.ErrorRecord)" })
        files   = @($result.Containers | ForEach-Object { @{ name = [System.IO.Path]::GetFileName($_.Item); passed = $_.PassedCount; failed = $_.FailedCount; skipped = $_.SkippedCount } })
    } | ConvertTo-Json -Depth 4 | Set-Content $Report
}
finally {
    Remove-Item $scratch -Recurse -Force -ErrorAction Ignore
}
