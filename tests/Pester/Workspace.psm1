# What the tests work on: copies of samples/dns and its repository, bound to the SDK that was packed for this run.

$script:Root = [System.IO.Path]::GetFullPath((Join-Path $PSScriptRoot '../..'))

# The first copy, from which each test file takes its own. Its lock is committed twice: first with another lwt.
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

    Update-HillingarLock (Join-Path $Path 'dns')
    $lock = Join-Path $Path 'dns/dns.opam.locked'
    $current = Get-Content $lock -Raw
    & git -C $Path init -q
    Set-Content (Join-Path $Path '.gitignore') "bin/`nobj/`nsources/"
    foreach ($text in ($current -replace '"lwt" \{= "[^"]+"', '"lwt" {= "5.0.0"' -replace '"lwt\.[^"]+"', '"lwt.5.0.0"'), $current) {
        Set-Content $lock $text -NoNewline
        & git -C $Path add -A
        & git -C $Path -c user.name=test -c user.email=test@example.org commit -q -m 'lock'
    }
}

# A copy for one test file.
function New-Workspace {
    $path = Join-Path ([System.IO.Path]::GetTempPath()) "hillingar-pester-$([guid]::NewGuid().ToString('N'))"
    Copy-Item $env:HILLINGAR_PESTER_TEMPLATE $path -Recurse -Force
    $path
}

# The corpora that lie beside the repository.
function Get-TestData {
    $folder = if ($env:HILLINGAR_TEST_DATA) { $env:HILLINGAR_TEST_DATA } else { Join-Path $script:Root '../shared/data' }
    if (Test-Path $folder) { (Resolve-Path $folder).ProviderPath }
}

# The whole opam repository, unpacked once for a run; nothing where the corpora are missing.
function Get-WholeRepository {
    $data = Get-TestData
    if (-not $data) { return }
    $path = Join-Path (Split-Path $env:HILLINGAR_PESTER_TEMPLATE) 'data'
    foreach ($name in 'opam-repository', 'opam-overlays') {
        if (-not (Test-Path (Join-Path $path $name))) {
            $null = New-Item -ItemType Directory -Force $path
            & tar -xzf (Join-Path $data "$name.tar.gz") -C $path
        }
    }
    Join-Path $path 'opam-repository'
}
