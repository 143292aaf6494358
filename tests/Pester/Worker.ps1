# One of the shells that run the suite: takes the next task, a file or several joined by +, that none has taken, until all are. Started by Run.ps1.
param(
    [Parameter(Mandatory)] [string] $Queue,
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $Tasks
)
$ErrorActionPreference = 'Stop'
Import-Module $Pester
Import-Module Hillingar.PowerShell
# What a file sets for the whole shell must not reach the next.
$preferences = $global:PSDefaultParameterValues.Clone()
$confirm = $global:ConfirmPreference

function Invoke-File([string] $Name) {
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = Join-Path $PSScriptRoot "$Name.Tests.ps1"
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = $env:HILLINGAR_PESTER_VERBOSITY ?? 'Normal'
    $configuration.Output.StackTraceVerbosity = 'FirstLine'
    $configuration.Output.RenderMode = 'Plaintext'
    # What a file says is said in one piece: a line where all is well.
    $said, $results = (Invoke-Pester -Configuration $configuration 6>&1).Where({ $_ -is [System.Management.Automation.InformationRecord] }, 'Split')
    $result = $results | Select-Object -Last 1
    $global:PSDefaultParameterValues = $preferences.Clone()
    $global:ConfirmPreference = $confirm
    $text = -join ($said | ForEach-Object { "$($_.MessageData.Message)$(if (-not $_.MessageData.NoNewLine) { "`n" })" })
    $lines = @($text -split "`n" | Where-Object { $_ -and $_ -notmatch '^(Starting discovery|Discovery found|Running tests|Tests completed|Tests Passed)' })
    [Console]::Out.Write(-join ($lines | ForEach-Object { "$_`n" }))
    @{
        name    = $Name
        passed  = $result.PassedCount
        # A file or a block that breaks counts no test of its own; a file without a test is a fault, too.
        failed  = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount + [int]($result.TotalCount -eq 0)
        skipped = $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
        reasons = @($result.Skipped | ForEach-Object { "$($_.ExpandedPath): $($_.ErrorRecord)" })
    } | ConvertTo-Json -Depth 4 | Set-Content (Join-Path $Queue "$Name.json.new")
    Move-Item (Join-Path $Queue "$Name.json.new") (Join-Path $Queue "$Name.json")
}

foreach ($task in $Tasks -split ',') {
    # Who makes the file has taken the task.
    try { [System.IO.File]::Open((Join-Path $Queue "$task.taken"), 'CreateNew').Dispose() } catch [System.IO.IOException] { continue }
    foreach ($name in $task -split '\+') { Invoke-File $name }
}
