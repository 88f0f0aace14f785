<#
.SYNOPSIS
Runs the tests in this folder against the built module in output/UdpPS, in the PowerShell that runs this script.

.DESCRIPTION
Takes Pester from output/Pester, where the build of tests/UdpPS.Tests puts it. The exit code is the number of failures.

.PARAMETER PesterVersion
One of the versions in output/Pester. The default is the newest.

.PARAMETER Name
The names of test files, with wildcards, and with commas between them. The default is all of them.

.EXAMPLE
pwsh -NoProfile -File tests/Pester/Invoke-Tests.ps1 -Name Send*
#>
[CmdletBinding()]
param(
    [version] $PesterVersion,

    [string[]] $Name = '*'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$folder = Join-Path $PSScriptRoot '../../output/Pester'
if (-not $PesterVersion) {
    $PesterVersion = Get-ChildItem -LiteralPath $folder -Directory | ForEach-Object { [version] $_.Name } |
        Sort-Object | Select-Object -Last 1
}

Import-Module (Join-Path $folder "$PesterVersion/Pester.psd1")
$files = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1' | Where-Object {
        $file = $_.Name
        $Name -split ',' | Where-Object { $file -like "$_.Tests.ps1" }
    } | ForEach-Object FullName)
Write-Host "Pester $PesterVersion, PowerShell $($PSVersionTable.PSVersion), sockets: $(
    if ($env:UDPPS_SOCKETS) { $env:UDPPS_SOCKETS } else { 'the best of this system' })"

# Nothing else ends a test that hangs: Pester has no time limit. A thread of its own looks whether anything happens, and Pester tells
# a plugin what does.
$watch = @{ Limit = [timespan]::FromMinutes(5); News = New-Object System.Threading.AutoResetEvent $false; Test = 'the discovery'; IsOver = $false }
$watcher = [powershell]::Create().AddScript({
        param($watch)
        while ($watch.News.WaitOne($watch.Limit)) {
            if ($watch.IsOver) { return }
        }

        [Console]::Out.WriteLine("[-] $($watch.Test): it was not done within $($watch.Limit.TotalMinutes) minutes, and ended the run.")
        [System.Diagnostics.Process]::GetCurrentProcess().Kill()
    }).AddArgument($watch)
$null = $watcher.BeginInvoke()
& (Get-Module Pester) {
    param($watch)
    $note = {
        param($Context)
        $watch.Test = "$($Context.Block.ExpandedPath).$($Context.Test.Name)".TrimStart('.')
        $null = $watch.News.Set()
    }.GetNewClosure()
    $script:additionalPlugins = New-PluginObject -Name TimeLimit -EachBlockSetupStart $note -EachTestSetupStart $note -EachTestTeardownEnd $note
} $watch

# What only Linux's own sockets can do is not asked of the portable ones.
$excluded = @(if ($env:UDPPS_SOCKETS -eq 'portable') { 'LinuxSockets' })
try {
    Invoke-Pester -Configuration ([PesterConfiguration] @{
            Run    = @{ Path = $files; Exit = $true }
            Filter = @{ ExcludeTag = $excluded }
        })
}
finally {
    # This PowerShell does not end before all that runs in it.
    $watch.IsOver = $true
    $null = $watch.News.Set()
}
