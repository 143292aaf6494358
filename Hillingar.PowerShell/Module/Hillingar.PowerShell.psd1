@{
    RootModule           = 'Hillingar.PowerShell.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '5a3f2f0e-3b5b-4c1f-9f5e-6c0f7c9f3d61'
    Author               = 'The Hillingar contributors'
    CompanyName          = 'The Hillingar contributors'
    Copyright            = 'Copyright (c) The Hillingar contributors. MIT licence.'
    Description          = 'Locks, vendors and builds MirageOS unikernels: a solver for opam''s version constraints, and what pipelines need around it. Objects pipe from one stage to the next.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.6'
    FormatsToProcess     = @('Hillingar.PowerShell.format.ps1xml')
    TypesToProcess       = @('Hillingar.PowerShell.types.ps1xml')
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    CmdletsToExport      = @(
        'Add-OpamDependency'
        'Clear-HillingarStore'
        'Compare-HillingarLock'
        'Find-OpamPackage'
        'Get-HillingarLock'
        'Get-HillingarProject'
        'Get-HillingarStore'
        'Get-OpamDependent'
        'Get-OpamPackage'
        'Get-OpamRepository'
        'Get-Unikernel'
        'Get-UnikernelImage'
        'Get-UnikernelLog'
        'Import-HillingarSource'
        'Install-HillingarSystemPackage'
        'Invoke-HillingarBuild'
        'New-HillingarFlake'
        'Publish-OpamPackage'
        'Publish-Unikernel'
        'Register-OpamRepository'
        'Remove-OpamDependency'
        'Remove-Unikernel'
        'Resolve-OpamDependency'
        'Restart-Unikernel'
        'Restore-HillingarMonorepo'
        'Save-HillingarSource'
        'Show-OpamDependency'
        'Start-Unikernel'
        'Stop-Unikernel'
        'Test-HillingarEnvironment'
        'Test-HillingarLock'
        'Test-HillingarReproducible'
        'Test-HillingarStore'
        'Unregister-OpamRepository'
        'Update-HillingarLock'
        'Wait-Unikernel'
    )
    PrivateData          = @{
        PSData = @{
            Tags         = @('MirageOS', 'unikernel', 'OCaml', 'opam', 'dune', 'solver', 'lockfile', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            # ProjectUri and IconUri are added when the module is laid out: git's remote says where the project is.
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'The first version: projects, locks, builds for the target unix, packages, graphs, sources. See CHANGELOG.md.'
        }
    }
}
