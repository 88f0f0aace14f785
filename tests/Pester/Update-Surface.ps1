<#
.SYNOPSIS
Writes the public surface of the built module in output/UdpPS to Surface.txt, which Surface.Tests.ps1 compares it with.

.DESCRIPTION
Run it after a change of the surface that is meant, in a PowerShell of its own, and look at the diff of Surface.txt: each
change there has its line in CHANGELOG.md.

.EXAMPLE
pwsh -NoProfile -File tests/Pester/Update-Surface.ps1
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module (Join-Path $PSScriptRoot '../../output/UdpPS/UdpPS.psd1')
$lines = & (Join-Path $PSScriptRoot 'Get-Surface.ps1')

# Not by Set-Content: Windows PowerShell would add a byte order mark, and another end of line.
[System.IO.File]::WriteAllText((Join-Path $PSScriptRoot 'Surface.txt'), ($lines -join "`n") + "`n")
