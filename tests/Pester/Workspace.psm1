# What the tests work on: copies of samples/dns and its repository, bound to the SDK that was packed for this run. The project
# is locked, vendored and built once; a test file that needs a built one takes that along.

$script:Root = [System.IO.Path]::GetFullPath((Join-Path $PSScriptRoot '../..'))

# The first copies, from which each test file takes its own: Path, Path-built and Path-small. The lock is committed twice: first with another lwt.
function Initialize-Template {
    param([string] $Path, [string] $Feed, [string] $SdkVersion, [string] $Sources)

    $null = New-Item -ItemType Directory -Force $Path
    foreach ($sample in 'dns', 'opam-repository') {
        Copy-Item (Join-Path $script:Root 'samples' $sample) $Path -Recurse
        foreach ($made in 'bin', 'obj') {
            Remove-Item (Join-Path $Path $sample $made) -Recurse -Force -ErrorAction Ignore
        }
    }
    Remove-Item (Join-Path $Path 'dns/*.locked') -ErrorAction Ignore
    Set-Content (Join-Path $Path 'NuGet.config') "<configuration><packageSources><clear /><add key=`"feed`" value=`"$Feed`" /></packageSources></configuration>"

    # Advisories of our own, as others cannot be had everywhere: one about a package that is locked.
    $null = New-Item -ItemType Directory (Join-Path $Path 'advisories/2026')
    Set-Content (Join-Path $Path 'advisories/2026/OSEC-2026-01.md') @'
```
id: OSEC-2026-01
modified: "2026-01-01T00:00:00Z"
published: "2026-01-01T00:00:00Z"
aliases: [ CVE-2026-00001 ]
severity_score: "7.5 (High)"
affected: "lwt" {< "5.7.0"}
```

# A made-up fault

It is none.
'@
    $project = Join-Path $Path 'dns/dns.csproj'
    $text = (Get-Content $project -Raw).Replace('Hillingar.Sdk/0.1.0', "Hillingar.Sdk/$SdkVersion").Replace('<MirageTargets>', '<HillingarAuditSource>../advisories</HillingarAuditSource><MirageTargets>')
    Set-Content $project $text -NoNewline

    $null = New-Item -ItemType Directory (Join-Path $Path 'impossible')
    Set-Content (Join-Path $Path 'impossible/impossible.csproj') "<Project Sdk=`"Hillingar.Sdk/$SdkVersion`">`n  <ItemGroup>`n    <OpamRepository Include=`"../opam-repository`" />`n    <OpamDependency Include=`"stringext`" Version=`"&gt;= 9`" />`n  </ItemGroup>`n</Project>"

    # A library to publish.
    $library = Join-Path $Path 'lib-1.0'
    $null = New-Item -ItemType Directory $library
    Set-Content (Join-Path $library 'lib.opam') "opam-version: `"2.0`"`nsynopsis: `"A library`"`ndepends: [`"dune`"]`nbuild: [`"dune`" `"build`"]"
    & tar -czf (Join-Path $Path 'lib-1.0.tar.gz') -C $Path 'lib-1.0'
    Remove-Item $library -Recurse

    $null = New-Item -ItemType Directory (Join-Path $Path 'sources')
    Get-ChildItem $Sources -Filter *.tar.* -File | Copy-Item -Destination (Join-Path $Path 'sources')
    $null = Import-HillingarSource (Join-Path $Path 'sources/*')

    Update-HillingarLock (Join-Path $Path 'dns') -InformationAction Ignore
    $lock = Join-Path $Path 'dns/dns.opam.locked'
    $current = Get-Content $lock -Raw
    & git -C $Path init -q
    Set-Content (Join-Path $Path '.gitignore') "bin/`nobj/`nsources/"
    foreach ($text in ($current -replace '"lwt" \{= "[^"]+"', '"lwt" {= "5.0.0"' -replace '"lwt\.[^"]+"', '"lwt.5.0.0"'), $current) {
        Set-Content $lock $text -NoNewline
        & git -C $Path add -A
        & git -C $Path -c user.name=test -c user.email=test@example.org commit -q -m 'lock'
    }
    & cp -a $Path "$Path-built"
    $image = Restore-HillingarMonorepo (Join-Path "$Path-built" 'dns') -WarningAction SilentlyContinue | Invoke-HillingarBuild
    if (-not (Test-Path $image.Path)) { throw 'The project that the tests share was not built.' }
    & cp -a $Path "$Path-small"
    Initialize-SmallProject (Join-Path "$Path-small" 'dns') -SdkVersion $SdkVersion
    Initialize-WholeRepository
}

# A project of the same name that needs nothing but dune: for what is built again and again.
function Initialize-SmallProject {
    param([string] $Path, [string] $SdkVersion)

    & git -C $Path rm -q -r .
    $null = New-Item -ItemType Directory -Force $Path
    Set-Content (Join-Path $Path 'dns.csproj') "<Project Sdk=`"Hillingar.Sdk/$SdkVersion`">`n  <PropertyGroup>`n    <UnikernelName>dns</UnikernelName>`n    <HillingarAuditSource>../advisories</HillingarAuditSource>`n    <MirageTargets>unix</MirageTargets>`n  </PropertyGroup>`n  <ItemGroup>`n    <OpamRepository Include=`"../opam-repository`" />`n  </ItemGroup>`n</Project>"
    Set-Content (Join-Path $Path 'dune-project') '(lang dune 2.0)'
    Set-Content (Join-Path $Path 'dune') '(executable (name dns) (modules dns))'
    Set-Content (Join-Path $Path 'dns.ml') 'let () = print_endline "dns"'
    Update-HillingarLock $Path -InformationAction Ignore
    & git -C $Path add -A .
    & git -C $Path -c user.name=test -c user.email=test@example.org commit -q -m 'small'
}

# A copy for one test file: with its lock only, as it was built, or with the small project. Times stay, so that nothing is built anew.
function New-Workspace {
    param([ValidateSet('Locked', 'Built', 'Small')] [string] $As = 'Locked')

    $path = Join-Path ([System.IO.Path]::GetTempPath()) "hillingar-pester-$([guid]::NewGuid().ToString('N'))"
    & cp -a ($As -eq 'Locked' ? $env:HILLINGAR_PESTER_TEMPLATE : "$env:HILLINGAR_PESTER_TEMPLATE-$($As.ToLowerInvariant())") $path
    $path
}

# Waits until a script gives something; for two minutes, as nobody should have to wait so long on a machine that is busy.
function Wait-Until {
    param([Parameter(Mandatory)] [scriptblock] $Script)

    $end = [datetime]::UtcNow.AddMinutes(2)
    while (-not (& $Script) -and [datetime]::UtcNow -lt $end) { Start-Sleep -Milliseconds 50 }
}

# Runs a script in a shell of its own, in the current folder.
function Invoke-Shell {
    param([Parameter(Mandatory)] [string] $Script)

    & $env:HILLINGAR_PESTER_SHELL -NoProfile -NonInteractive -Command "Set-Location '$($PWD.ProviderPath)'; $Script"
}

# The same with a store of its own: the variable counts when the module is loaded.
function Invoke-WithStore {
    param([Parameter(Mandatory)] [string] $Script)

    $before = $env:HILLINGAR_CACHE
    $env:HILLINGAR_CACHE = Join-Path $PWD.ProviderPath store
    try { Invoke-Shell "Import-Module Hillingar.PowerShell; $Script" } finally { $env:HILLINGAR_CACHE = $before }
}

# The corpora that lie beside the repository.
function Get-TestData {
    $folder = if ($env:HILLINGAR_TEST_DATA) { $env:HILLINGAR_TEST_DATA } else { Join-Path $script:Root '../shared/data' }
    if (Test-Path $folder) { (Resolve-Path $folder).ProviderPath }
}

function Get-DataFolder { Join-Path (Split-Path $env:HILLINGAR_PESTER_TEMPLATE) 'data' }

# Unpacks the whole opam repository and mirage's overlays, where the corpora are there.
function Initialize-WholeRepository {
    $data = Get-TestData
    if (-not $data) { return }
    $folder = (New-Item -ItemType Directory (Get-DataFolder)).FullName
    foreach ($name in 'opam-repository', 'opam-overlays') { & tar -xzf (Join-Path $data "$name.tar.gz") -C $folder }
    # Its index is made once, for all shells.
    $null = Find-OpamPackage mirage -Repository (Join-Path $folder 'opam-repository'), (Join-Path $folder 'opam-overlays')
}

# The whole opam repository; nothing where the corpora are missing.
function Get-WholeRepository {
    $path = Join-Path (Get-DataFolder) 'opam-repository'
    if (Test-Path $path) { $path }
}
