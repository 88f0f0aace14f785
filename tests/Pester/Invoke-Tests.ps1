<#
.SYNOPSIS
Runs the tests in this folder against the built module in output/UdpPS.

.DESCRIPTION
Takes the newest Pester from version 5 on, and says so where there is none. The exit code is the number of failures.

.EXAMPLE
pwsh -NoProfile -File tests/Pester/Invoke-Tests.ps1
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$pester = Get-Module Pester -ListAvailable | Where-Object Version -GE '5.0' | Sort-Object Version | Select-Object -Last 1
if (-not $pester) {
    Write-Host 'Pester: not run, because version 5 or later is not installed. Install-Module Pester gets it.'
    exit 0
}

Import-Module $pester.Path
Invoke-Pester -Configuration ([PesterConfiguration] @{ Run = @{ Path = $PSScriptRoot; Exit = $true } })
