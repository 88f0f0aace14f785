# What the tests of a module that is installed share. Dot-source it in BeforeAll, after Helpers.ps1.

$root = (Resolve-Path "$PSScriptRoot/../..").Path
$manifest = Join-Path $root 'output/UdpPS/UdpPS.psd1'
$content = Import-PowerShellDataFile $manifest

# A home of its own for a user, as environment variables: what is installed for this user does not touch the real one. Without
# the folder .config, NuGet would write its configuration to the current folder.
function New-UserHome {
    $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
    $null = New-Item -ItemType Directory (Join-Path $folder '.config')
    @{ HOME = $folder; XDG_DATA_HOME = ''; XDG_CONFIG_HOME = ''; XDG_CACHE_HOME = '' }
}

# Runs a task of build.ps1, with further parameters as text, over what was built before.
function Invoke-BuildScript([string] $Task, [hashtable] $Environment = @{}, [string] $Parameters = '') {
    Invoke-Process "`$ErrorActionPreference = 'Stop'`n& '$root/build.ps1' -Task $Task -NoBuild $Parameters" $Environment
}

# The files below a folder, as a manifest lists them.
function Get-FileList([string] $Folder) {
    Get-ChildItem -LiteralPath $Folder -Recurse -File | ForEach-Object {
        $_.FullName.Substring($Folder.Length + 1).Replace('\', '/')
    } | Sort-Object
}

# What a module found by its name does, start to end.
$mainJob = {
    Set-StrictMode -Version Latest
    $ErrorActionPreference = 'Stop'
    $job = Start-UdpListener -Port 0 -AsJob
    $ack = Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -TimeoutSeconds 30
    $message = Receive-Job $job
    Remove-Job $job -Force
    ConvertTo-Json -Compress @{
        Base     = (Get-Module UdpPS).ModuleBase
        Version  = [string] (Get-Module UdpPS).Version
        Ack      = $ack.Message
        Message  = $message.Message
        AckTable = ($ack | Out-String)
        List     = ($message | Format-List | Out-String)
        Record   = ($message | ForEach-Object ToRecord).Bytes
        Help     = [string] (Get-Help Receive-UdpAck).Synopsis
        About    = (Get-Help about_UdpPS | Out-String)
        Manifest = (Test-ModuleManifest (Join-Path (Get-Module UdpPS).ModuleBase 'UdpPS.psd1')).Name
    }
}

function Assert-MainJob($Json, [string] $Folder, [string] $Version = $content.ModuleVersion) {
    $did = $Json | ConvertFrom-Json
    $did.Base | Should -Be $Folder
    $did.Version | Should -Be $Version
    $did.Ack | Should -BeExactly 'Message received'
    $did.Message | Should -BeExactly 'hello'
    $did.AckTable | Should -MatchExactly 'Server +RemoteAddress +Port +RTT\(ms\) Message'
    $did.List | Should -MatchExactly 'ReceivedAt +: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\r?\n'
    $did.Record | Should -Be '68656c6c6f'
    $did.Help | Should -BeLike 'Waits for *'
    $did.About | Should -Match 'SHORT DESCRIPTION'
    $did.Manifest | Should -Be 'UdpPS'
}
