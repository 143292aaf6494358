# The assembly is loaded twice: here, in the shell's context, it only opens our own one, where the cmdlets are; see OwnContext.
# Add-Type would do the same, and takes longer.
$context = [System.Reflection.Assembly]::LoadFrom([System.IO.Path]::Combine($PSScriptRoot, 'lib', 'Hillingar.PowerShell.dll')).GetType('Hillingar.PowerShell.Hosting.OwnContext')
Import-Module -Assembly ($context::Load())

# Types of that context go by a name only while they have one here. Who has such a name already keeps it.
$accelerators = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')
$ours = $context::Named()
foreach ($name in $ours.Keys) {
    if (-not $accelerators::Get.ContainsKey($name)) { $accelerators::Add($name, $ours[$name]) }
}
$ExecutionContext.SessionState.Module.OnRemove = {
    foreach ($name in $ours.Keys) {
        if ($accelerators::Get[$name] -eq $ours[$name]) { $null = $accelerators::Remove($name) }
    }
}
