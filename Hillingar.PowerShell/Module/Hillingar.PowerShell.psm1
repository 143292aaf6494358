# The assembly is loaded twice: here, in the shell's context, it only opens our own one, where the cmdlets are; see OwnContext.
Add-Type -LiteralPath ([System.IO.Path]::Combine($PSScriptRoot, 'lib', 'Hillingar.PowerShell.dll'))
Import-Module -Assembly ([Hillingar.PowerShell.Hosting.OwnContext]::Load())
