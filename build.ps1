<#
.SYNOPSIS
Builds, tests, packages, publishes, installs, uninstalls or cleans UdpPS.

.DESCRIPTION
A thin front for the dotnet command, which does all building, and stages the importable module in output/UdpPS.

.PARAMETER Task
Build      builds everything.
Test       builds everything, and runs all tests: those of dotnet test, and those in tests/Pester in this PowerShell.
Package    builds the module, and makes the package for the PowerShell Gallery, output/UdpPS.<version>.nupkg.
TestPackage
           puts what is in that package in the place of the built module, and runs the tests in tests/Pester in this
           PowerShell. Needs the folder output that Build and Package left on any machine, and no .NET SDK.
Publish    makes the package, and publishes it, if this commit has the tag v<version> and CHANGELOG.md says when it was released.
Install    builds the module, and copies it to where this PowerShell finds the current user's modules.
Uninstall  removes every version that Install put there, and none that came from a gallery.
Mutate     changes the code in small ways, one at a time, and counts those that no test of dotnet test sees. Takes long. What it
           changes, and by which tests it is judged, is in tests/UdpPS.Tests/mutation.json; a report of each part is in
           output/mutation.
Clean      removes everything that the other tasks made in this folder.

.PARAMETER Configuration
Release, the default, or Debug.

.PARAMETER NoBuild
Tests, packages or installs what was built before, as it is. Publishes the package that was made before.

.PARAMETER PowerShellVersion
The PowerShell that Test and TestPackage run the tests in tests/Pester in, such as 7.4.*, or * for the newest. It is downloaded
as a .NET tool to the folder output, and needs the .NET that it was made for. The default is the PowerShell that runs this script.

.PARAMETER ProjectUri
The address of the project's own page, for the package's metadata and for Get-Help -Online. The default is none.

.PARAMETER Repository
Where Publish publishes to: the name of a repository that Register-PSResourceRepository registered. The default is PSGallery.
Its API key, where it wants one, is in the environment variable UDPPS_API_KEY.

.EXAMPLE
./build.ps1 -Task Install

Builds the module, and installs it for the current user.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package', 'TestPackage', 'Publish', 'Install', 'Uninstall', 'Mutate', 'Clean')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [switch] $NoBuild,

    [string] $PowerShellVersion,

    [ValidateScript({ $_.IsAbsoluteUri -and $_.Scheme -like 'http*' })]
    [uri] $ProjectUri,

    [string] $Repository = 'PSGallery'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$output = Join-Path $PSScriptRoot 'output'
$module = Join-Path $output 'UdpPS'
$manifestSource = Join-Path $PSScriptRoot 'module/UdpPS.psd1'
$manifest = Import-PowerShellDataFile $manifestSource
$package = Join-Path $output "UdpPS.$($manifest.ModuleVersion).nupkg"

function Invoke-Program {
    $program, $arguments = $args
    & $program @arguments
    if ($LASTEXITCODE -ne 0) {
        throw "'$args' failed with exit code $LASTEXITCODE."
    }
}

function Invoke-Build([string] $Project) {
    if (-not $NoBuild) {
        Invoke-Program dotnet build $Project -c $Configuration
    }
    elseif (-not (Test-Path -LiteralPath $module)) {
        throw "There is nothing in $module, so it has to be built."
    }
}

function Invoke-Test {
    Invoke-Program dotnet test --no-build -c $Configuration
    if (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore) {
        # Once more over the sockets of every other system, but for what only Linux's can do.
        $env:UDPPS_SOCKETS = 'portable'
        try {
            Invoke-Program dotnet test --no-build -c $Configuration --filter-not-trait Sockets=Linux
        }
        finally {
            Remove-Item Env:UDPPS_SOCKETS
        }
    }

    Invoke-PesterTest
}

function Get-TestPowerShell {
    if (-not $PowerShellVersion) {
        return & tests/Pester/Get-PowerShellPath.ps1
    }

    $folder = Join-Path $output "PowerShell $PowerShellVersion".Replace('*', 'newest')
    if (-not (Test-Path -LiteralPath $folder)) {
        Invoke-Program dotnet tool install PowerShell --tool-path $folder --version $PowerShellVersion | Out-Host
    }

    Join-Path $folder 'pwsh'
}

function Invoke-PesterTest {
    # In a process of its own: a session that has loaded the module's assembly keeps it, and on Windows locks it.
    Invoke-Program (Get-TestPowerShell) -NoProfile -File tests/Pester/Invoke-Tests.ps1
}

# The section of this version in CHANGELOG.md: its heading, and what follows it.
function Get-Release {
    $text = (Get-Content -Raw -Encoding UTF8 -LiteralPath (Join-Path $PSScriptRoot 'CHANGELOG.md')) -replace '\r'
    $version = [regex]::Escape($manifest.ModuleVersion)
    $section = [regex]::Match($text, "(?ms)^## \[$version\] - (?<date>[^\n]+)\n(?<notes>.*?)(?=^## |\z)")
    if (-not $section.Success) {
        throw "CHANGELOG.md has no section '## [$($manifest.ModuleVersion)] - <date>'."
    }

    @{ Date = $section.Groups['date'].Value.Trim(); Notes = $section.Groups['notes'].Value.Trim() }
}

# The manifest of the package is that of the module with what only the package can say.
function Write-PackageManifest([string] $Path, [string] $Notes) {
    $entries = [ordered] @{ ReleaseNotes = $Notes }
    if ($ProjectUri) {
        $entries.ProjectUri = $ProjectUri.AbsoluteUri
    }

    $lines = $entries.Keys | ForEach-Object {
        $value = [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($entries[$_])
        "            $_ = '$value'"
    }
    $text = Get-Content -Raw -Encoding UTF8 -LiteralPath $manifestSource
    $end = $text.IndexOf("`n", $text.IndexOf('LicenseUri')) + 1
    Set-Content -LiteralPath $Path -Encoding UTF8 -NoNewline -Value $text.Insert($end, ($lines -join "`n") + "`n")
    $null = Test-ModuleManifest $Path
}

# The page that Get-Help -Online opens. Without an address the help says that there is none.
function Write-OnlineAddress([string] $Path) {
    $text = Get-Content -Raw -Encoding UTF8 -LiteralPath $Path
    $address = [System.Security.SecurityElement]::Escape($ProjectUri.AbsoluteUri).Replace('$', '$$')
    $text = $text -replace '(?<=Online version:</maml:linkText><maml:uri>)[^<]*', $address
    Set-Content -LiteralPath $Path -Encoding UTF8 -NoNewline -Value $text
}

function New-GalleryPackage {
    $stage = Join-Path $output 'package'
    if (Test-Path -LiteralPath $stage) {
        Remove-Item -LiteralPath $stage -Recurse -Force
    }

    $null = New-Item -ItemType Directory -Path $stage
    Copy-Item -LiteralPath $module -Destination $stage -Recurse
    $release = Get-Release
    Write-PackageManifest (Join-Path $stage 'UdpPS/UdpPS.psd1') $release.Notes
    if ($ProjectUri) {
        Write-OnlineAddress (Join-Path $stage 'UdpPS/en-US/UdpPS.dll-Help.xml')
    }

    # By these tags the gallery finds modules by what they export.
    $tags = 'PSModule', 'PSIncludes_Cmdlet'
    $tags += $manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_", "PSCommand_$_" }
    $tags += $manifest.PrivateData.PSData.Tags

    $metadata = [ordered] @{
        id           = 'UdpPS'
        version      = $manifest.ModuleVersion
        authors      = $manifest.Author
        copyright    = $manifest.Copyright
        description  = $manifest.Description
        releaseNotes = $release.Notes
        tags         = $tags -join ' '
    }
    if ($ProjectUri) {
        $metadata.projectUrl = $ProjectUri.AbsoluteUri
    }

    $elements = $metadata.Keys | ForEach-Object {
        "    <$_>$([System.Security.SecurityElement]::Escape($metadata[$_]))</$_>"
    }
    $nuspec = Join-Path $stage 'UdpPS.nuspec'
    Set-Content -LiteralPath $nuspec -Encoding utf8 -Value @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">'
        '  <metadata>'
        $elements
        '    <license type="expression">MIT</license>'
        '  </metadata>'
        '  <files>'
        '    <file src="UdpPS/**" />'
        '  </files>'
        '</package>'
    )

    # The analysis would ask for a lib folder, which a PowerShell module does not have.
    Invoke-Program dotnet pack src/UdpPS/UdpPS.csproj -c $Configuration --no-build -o $output "-p:NuspecFile=$nuspec" `
        "-p:NuspecBasePath=$stage" '-p:NoPackageAnalysis=true'
}

function Assert-Package {
    if (-not (Test-Path -LiteralPath $package)) {
        throw "There is no $package. -Task Package makes it."
    }
}

# As the clients of the gallery do, without the package's own files.
function Expand-GalleryPackage {
    Assert-Package
    if (Test-Path -LiteralPath $module) {
        Remove-Item -LiteralPath $module -Recurse -Force
    }

    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [System.IO.Compression.ZipFile]::ExtractToDirectory($package, $module)
    '_rels', 'package', '[Content_Types].xml', 'UdpPS.nuspec' | ForEach-Object {
        Remove-Item -LiteralPath (Join-Path $module $_) -Recurse -Force
    }
}

function Publish-GalleryPackage {
    Assert-Package
    $date = (Get-Release).Date
    if ($date -notmatch '^\d{4}-\d\d-\d\d$') {
        throw "CHANGELOG.md says '$date' of $($manifest.ModuleVersion). What is published has the date of its release there."
    }

    $tag = "v$($manifest.ModuleVersion)"
    if (@(Invoke-Program git tag --points-at HEAD) -cnotcontains $tag) {
        throw "This commit does not have the tag $tag."
    }

    if (-not (Get-Command Publish-PSResource -ErrorAction Ignore)) {
        throw 'This PowerShell has no Publish-PSResource. PowerShell 7.4 and later have it.'
    }

    # Not by a program that takes the key as an argument: everyone on the machine could read it there.
    $key = if ($env:UDPPS_API_KEY) { @{ ApiKey = $env:UDPPS_API_KEY } } else { @{} }
    Publish-PSResource -NupkgPath $package -Repository $Repository @key
    Write-Host "Published $(Split-Path -Leaf $package) to $Repository"
}

# Where this PowerShell finds the current user's modules, UdpPS among them.
function Get-UserModuleFolder {
    $userFolders = $HOME, [Environment]::GetFolderPath('MyDocuments'), $env:XDG_DATA_HOME | Where-Object { $_ } |
        ForEach-Object { Join-Path $_ '' }
    $modules = $env:PSModulePath -split [System.IO.Path]::PathSeparator | Where-Object {
        $folder = $_
        $userFolders | Where-Object { $folder.StartsWith($_, 'OrdinalIgnoreCase') }
    } | Select-Object -First 1
    if (-not $modules) {
        throw 'PSModulePath has no folder of the current user.'
    }

    Join-Path $modules 'UdpPS'
}

function Install-UdpPS {
    $target = Join-Path (Get-UserModuleFolder) $manifest.ModuleVersion
    if (Test-Path -LiteralPath $target) {
        Remove-Item -LiteralPath $target -Recurse -Force
    }

    $null = New-Item -ItemType Directory -Path $target
    Copy-Item -Path (Join-Path $module '*') -Destination $target -Recurse
    Write-Host "Installed UdpPS $($manifest.ModuleVersion) in $target"
}

function Uninstall-UdpPS {
    $folder = Get-UserModuleFolder

    # What comes from a gallery has this file, and is the business of Uninstall-PSResource.
    $installed = Get-ChildItem -LiteralPath $folder -Directory -ErrorAction Ignore | Where-Object {
        (Test-Path -LiteralPath (Join-Path $_.FullName 'UdpPS.psd1')) -and
        -not (Test-Path -LiteralPath (Join-Path $_.FullName 'PSGetModuleInfo.xml'))
    }
    if (-not $installed) {
        Write-Host "Install has put no UdpPS in $folder"
        return
    }

    foreach ($version in $installed) {
        Remove-Item -LiteralPath $version.FullName -Recurse -Force
        Write-Host "Uninstalled UdpPS $($version.Name) from $($version.FullName)"
    }

    if (-not (Get-ChildItem -LiteralPath $folder -Force)) {
        Remove-Item -LiteralPath $folder
    }
}

# Each part is changed by itself, since every change is judged by all tests of its part.
function Invoke-Mutation {
    $reports = Join-Path $output 'mutation'
    $parts = (Get-Content -Raw -LiteralPath tests/UdpPS.Tests/mutation.json | ConvertFrom-Json).PSObject.Properties
    $scores = foreach ($part in $parts) {
        $tests = '(' + (($part.Value.tests | ForEach-Object { "FullyQualifiedName~.$_." }) -join '|') + ')'
        if ($part.Value.PSObject.Properties['without']) {
            $tests += -join ($part.Value.without | ForEach-Object { "&FullyQualifiedName!~$_" })
        }

        $arguments = $part.Value.files | ForEach-Object { '--mutate', $_ }
        $folder = Join-Path $reports $part.Name
        # There is its own list of tools: what every clone and every check restores stays small.
        Push-Location tests/UdpPS.Tests
        try {
            Invoke-Program dotnet tool restore | Out-Host
            Invoke-Program dotnet stryker --skip-version-check --test-case-filter $tests --output $folder @arguments | Out-Host
        }
        finally {
            Pop-Location
        }

        $report = Get-Content -Raw -LiteralPath (Join-Path $folder 'reports/mutation-report.json') | ConvertFrom-Json
        $changes = @($report.files.PSObject.Properties.Value.mutants)
        $seen = @($changes | Where-Object status -In 'Killed', 'Timeout').Count
        $unseen = @($changes | Where-Object status -In 'Survived', 'NoCoverage').Count
        [pscustomobject] @{ Part = $part.Name; Seen = $seen; Unseen = $unseen }
    }

    $seen = ($scores | Measure-Object Seen -Sum).Sum
    $all = $seen + ($scores | Measure-Object Unseen -Sum).Sum
    $scores | Format-Table | Out-Host
    Write-Host "Tests saw $seen of $all changes, $(($seen / $all).ToString('P0', [cultureinfo]::InvariantCulture))."
}

function Clear-Output {
    $output, 'TestResults', 'src/*/bin', 'src/*/obj', 'tests/*/bin', 'tests/*/obj' | Where-Object { Test-Path $_ } |
        Remove-Item -Recurse -Force
}

# dotnet finds global.json from the current folder upwards.
Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' { Invoke-Build UdpPS.sln }
        'Test' { Invoke-Build UdpPS.sln; Invoke-Test }
        'Package' { Invoke-Build src/UdpPS; New-GalleryPackage }
        'TestPackage' { Expand-GalleryPackage; Invoke-PesterTest }
        'Publish' {
            if (-not $NoBuild) {
                Invoke-Build src/UdpPS
                New-GalleryPackage
            }

            Publish-GalleryPackage
        }
        'Install' { Invoke-Build src/UdpPS; Install-UdpPS }
        'Uninstall' { Uninstall-UdpPS }
        'Mutate' { Invoke-Mutation }
        'Clean' { Clear-Output }
    }
}
finally {
    Pop-Location
}
