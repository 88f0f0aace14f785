# What the test files share. Dot-source it in BeforeAll, and call Clear-TestResource in AfterEach.

# Met only when something is broken, however slow the machine is.
$deadlineSeconds = 30

# A slow machine must not make an ack late; tests that expect silence give a short time themselves.
$PSDefaultParameterValues = @{ 'Receive-UdpAck:TimeoutSeconds' = $deadlineSeconds }

$existingJobIds = @(Get-Job | ForEach-Object Id)
$disposables = New-Object 'System.Collections.Generic.List[System.IDisposable]'

function Clear-TestResource {
    Get-Job | Where-Object Id -NotIn $existingJobIds | Remove-Job -Force
    foreach ($disposable in $disposables) {
        $disposable.Dispose()
    }

    $disposables.Clear()
}

function Wait-Until([scriptblock] $State) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $State)) {
        if ($clock.Elapsed.TotalSeconds -gt $deadlineSeconds) {
            throw "Not within $deadlineSeconds s: $State"
        }

        $null = [System.Threading.Thread]::Yield()
    }
}

# A listener in the background, on a free port. Takes what Start-UdpListener takes.
function Start-TestListener {
    Start-UdpListener -AsJob -Port 0 @args
}

# Takes from a listener job until so many messages have come.
function Read-Message($Job, [int] $Count = 1) {
    $messages = New-Object 'System.Collections.Generic.List[object]'
    Wait-Until {
        Receive-Job $Job | ForEach-Object { $messages.Add($_) }
        $messages.Count -ge $Count
    }

    $messages
}

# A peer that does just what a test tells it, and is silent until then.
function New-Peer([string] $Address = '127.0.0.1', [int] $Port = 0) {
    $endPoint = New-Object System.Net.IPEndPoint ([System.Net.IPAddress]::Parse($Address)), $Port
    $peer = New-Object System.Net.Sockets.UdpClient $endPoint
    $peer.Client.ReceiveTimeout = $deadlineSeconds * 1000
    $disposables.Add($peer)
    $peer
}

function Get-PeerPort($Peer) {
    $Peer.Client.LocalEndPoint.Port
}

# A port of 127.0.0.1 that was free a moment ago.
function Get-ClosedPort {
    $peer = New-Peer
    Get-PeerPort $peer
    $peer.Dispose()
}

# Waits for one datagram: its Bytes, its Text, and the Address and Port it came from.
function Read-Datagram($Peer) {
    $from = New-Object System.Net.IPEndPoint ([System.Net.IPAddress]::Any), 0
    $bytes = $Peer.Receive([ref] $from)
    [pscustomobject]@{
        Bytes   = $bytes
        Text    = [System.Text.Encoding]::UTF8.GetString($bytes)
        Address = $from.Address.ToString()
        Port    = $from.Port
    }
}

# Sends text, or bytes as they are.
function Send-Datagram($Peer, [int] $Port, $Content, [string] $Address = '127.0.0.1') {
    if ($Content -is [string]) {
        $Content = [System.Text.Encoding]::UTF8.GetBytes($Content)
    }

    $null = $Peer.Send([byte[]] $Content, $Content.Length, $Address, $Port)
}

# Runs a pipeline that begins with a listener on port 0 in a session of its own, so that the test can talk to it, and
# returns when it is up.
function Start-TestPipeline([scriptblock] $Script, [object[]] $ArgumentList = @()) {
    $state = [initialsessionstate]::CreateDefault()
    $null = $state.ImportPSModule((Join-Path (Get-Module UdpPS).ModuleBase 'UdpPS.psd1'))
    $powerShell = [powershell]::Create($state)
    $disposables.Add($powerShell)
    $null = $powerShell.AddScript($Script)
    foreach ($argument in $ArgumentList) {
        $null = $powerShell.AddArgument($argument)
    }

    $run = $powerShell.BeginInvoke()
    Wait-Until { $run.IsCompleted -or $powerShell.Streams.Information.Count -gt 0 }
    [pscustomobject]@{
        PowerShell = $powerShell
        Run        = $run
        Port       = [int] [regex]::Match([string] $powerShell.Streams.Information[0], '\d+$').Value
    }
}

# Waits until the pipeline has ended, and puts out what it put out. What it threw is thrown.
function Wait-TestPipeline($Pipeline) {
    Wait-Until { $Pipeline.Run.IsCompleted }
    $Pipeline.PowerShell.EndInvoke($Pipeline.Run)
}

# The one error that a script writes, or ends in.
function Get-ErrorOf([scriptblock] $Script) {
    try {
        $errors = @(& $Script 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
    }
    catch {
        $errors = @($_)
    }

    $errors | Should -HaveCount 1
    $errors[0]
}

function Assert-UdpError($ErrorRecord, [string] $Id, [string] $Category, $Target) {
    $ErrorRecord.FullyQualifiedErrorId | Should -BeLike "$Id,UdpPS.Commands.*"
    $ErrorRecord.CategoryInfo.Category | Should -Be $Category
    $ErrorRecord.TargetObject | Should -Be $Target
    $ErrorRecord.ErrorDetails.Message | Should -Not -BeNullOrEmpty
    $ErrorRecord.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
}

# An IPv4 address of this machine that others can reach it by; nothing where there is none.
function Get-OwnAddress {
    [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces() |
        Where-Object { $_.OperationalStatus -eq 'Up' -and $_.NetworkInterfaceType -ne 'Loopback' } |
        ForEach-Object { $_.GetIPProperties().UnicastAddresses.Address } |
        Where-Object AddressFamily -EQ 'InterNetwork' | Select-Object -First 1 | ForEach-Object ToString
}

# Whether this machine has IPv6: containers often do not.
function Test-IPv6 {
    try {
        (New-Peer '::1').Dispose()
        $true
    }
    catch [System.Net.Sockets.SocketException] {
        $false
    }
}

# Whether a datagram sent to a group comes back on this machine's loopback interface.
function Test-LoopbackMulticast {
    $loopback = [System.Net.IPAddress]::Loopback
    $group = [System.Net.IPAddress]::Parse('239.255.40.11')
    $peer = New-Peer '0.0.0.0'
    try {
        $peer.JoinMulticastGroup($group, $loopback)
        $peer.Client.SetSocketOption('IP', 'MulticastInterface', $loopback.GetAddressBytes())
        Send-Datagram $peer (Get-PeerPort $peer) 'probe' $group
        $peer.Client.Poll(1000000, 'SelectRead')
    }
    catch [System.Net.Sockets.SocketException] {
        $false
    }
    finally {
        $peer.Dispose()
    }
}
