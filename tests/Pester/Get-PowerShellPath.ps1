<#
.SYNOPSIS
Gets the program that starts another PowerShell like the one that runs this script.

.DESCRIPTION
The program of the current process is not always the answer: where PowerShell is a .NET tool, that is dotnet. PowerShell's
own folder has the right one, in the tool too; there it needs to know where .NET is.
#>
[CmdletBinding()]
[OutputType([string])]
param()

$current = (Get-Process -Id $PID).Path
if (-not $env:DOTNET_ROOT -and (Split-Path -Leaf $current) -match '^dotnet(\.exe)?$') {
    $env:DOTNET_ROOT = Split-Path $current
}

$name = if ($PSVersionTable.PSEdition -eq 'Desktop') { 'powershell' } else { 'pwsh' }
(Get-Command (Join-Path $PSHOME $name) -CommandType Application).Source
