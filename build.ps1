<#
.SYNOPSIS
Builds, tests, packages, installs, uninstalls or cleans UdpPS.

.DESCRIPTION
A thin front for the dotnet command, which does all building, and stages the importable module in output/UdpPS.

.PARAMETER Task
Build      builds everything.
Test       builds everything, and runs all tests: those of dotnet test, and those in tests/Pester in this PowerShell.
Package    builds the module, and makes the package for the PowerShell Gallery, output/UdpPS.<version>.nupkg.
Install    builds the module, and copies it to where this PowerShell finds the current user's modules.
Uninstall  removes every version that Install put there, and none that came from a gallery.
Clean      removes everything that the other tasks made in this folder.

.PARAMETER Configuration
Release, the default, or Debug.

.PARAMETER NoBuild
Tests, packages or installs what was built before, as it is.

.EXAMPLE
./build.ps1 -Task Install

Builds the module, and installs it for the current user.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Package', 'Install', 'Uninstall', 'Clean')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [switch] $NoBuild
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$output = Join-Path $PSScriptRoot 'output'
$module = Join-Path $output 'UdpPS'
$manifest = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'module/UdpPS.psd1')

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

    # In a process of its own: a session that has loaded the module's assembly keeps it, and on Windows locks it.
    Invoke-Program (& tests/Pester/Get-PowerShellPath.ps1) -NoProfile -File tests/Pester/Invoke-Tests.ps1
}

function New-GalleryPackage {
    # By these tags the gallery finds modules by what they export.
    $tags = 'PSModule', 'PSIncludes_Cmdlet'
    $tags += $manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_", "PSCommand_$_" }
    $tags += $manifest.PrivateData.PSData.Tags

    $metadata = [ordered] @{
        id          = 'UdpPS'
        version     = $manifest.ModuleVersion
        authors     = $manifest.Author
        copyright   = $manifest.Copyright
        description = $manifest.Description
        licenseUrl  = $manifest.PrivateData.PSData.LicenseUri
        tags        = $tags -join ' '
    }
    $elements = $metadata.Keys | ForEach-Object {
        "    <$_>$([System.Security.SecurityElement]::Escape($metadata[$_]))</$_>"
    }
    $nuspec = Join-Path $output 'UdpPS.nuspec'
    Set-Content -LiteralPath $nuspec -Encoding utf8 -Value @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">'
        '  <metadata>'
        $elements
        '  </metadata>'
        '  <files>'
        '    <file src="UdpPS/**" />'
        '  </files>'
        '</package>'
    )

    # The analysis would ask for a lib folder, which a PowerShell module does not have.
    Invoke-Program dotnet pack src/UdpPS/UdpPS.csproj -c $Configuration --no-build -o $output "-p:NuspecFile=$nuspec" `
        "-p:NuspecBasePath=$output" '-p:NoPackageAnalysis=true'
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
        'Install' { Invoke-Build src/UdpPS; Install-UdpPS }
        'Uninstall' { Uninstall-UdpPS }
        'Clean' { Clear-Output }
    }
}
finally {
    Pop-Location
}
