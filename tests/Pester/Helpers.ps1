# What the test files share. Dot-source it in BeforeAll, and call Clear-TestResource in AfterEach.

# Met only when something is broken, however slow the machine is.
$deadlineSeconds = 30

# A slow machine must not make an ack late; tests that expect silence give a short time themselves.
$PSDefaultParameterValues = @{ 'Receive-UdpAck:TimeoutSeconds' = $deadlineSeconds }

# How many times longer than usual attacks go on; by hand, for hours if need be.
$attackScale = if ($env:UDPPS_ATTACK_SCALE) { [int] $env:UDPPS_ATTACK_SCALE } else { 1 }

$powerShellPath = & "$PSScriptRoot/Get-PowerShellPath.ps1"
$existingJobIds = @(Get-Job | ForEach-Object Id)
$disposables = New-Object 'System.Collections.Generic.List[System.IDisposable]'
$processes = New-Object 'System.Collections.Generic.List[System.Diagnostics.Process]'
$namespaces = New-Object 'System.Collections.Generic.List[string]'

function Clear-TestResource {
    Get-Job | Where-Object Id -NotIn $existingJobIds | Remove-Job -Force
    foreach ($process in $processes) {
        Stop-TestProcess $process
        $process.Dispose()
    }

    foreach ($disposable in $disposables) {
        $disposable.Dispose()
    }

    foreach ($namespace in $namespaces) {
        Invoke-Ip netns del $namespace
        Remove-Item "/etc/netns/$namespace" -Recurse -Force -ErrorAction Ignore
    }

    $processes.Clear()
    $disposables.Clear()
    $namespaces.Clear()
}

# Skips a test on a machine that lacks what it needs, and says why. Where the environment variable UDPPS_REQUIRE names that
# leg of the tests, as a list with commas, it fails instead.
function Skip-Leg([string] $Leg, [string] $Reason) {
    if ("$env:UDPPS_REQUIRE" -split ',' -contains $Leg) {
        throw "$Reason, and UDPPS_REQUIRE names $Leg."
    }

    Set-ItResult -Skipped -Because $Reason
}

# Skips a test that Wine cannot judge, by a fault of its own: a name in tests/wine.json, which has the reason.
function Skip-OnWine([string] $Fault) {
    $isWindowsSystem = $PSVersionTable.PSEdition -eq 'Desktop' -or $IsWindows
    if ($isWindowsSystem -and (Test-Path HKCU:\Software\Wine)) {
        $reasons = Get-Content -Raw -LiteralPath "$PSScriptRoot/../wine.json" | ConvertFrom-Json
        Set-ItResult -Skipped -Because $reasons.$Fault
    }
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

# Starts a script in a session of its own with the module imported. What it outputs is in Output at once.
function Start-TestSession([scriptblock] $Script, [object[]] $ArgumentList = @()) {
    $state = [initialsessionstate]::CreateDefault()
    $null = $state.ImportPSModule((Join-Path (Get-Module UdpPS).ModuleBase 'UdpPS.psd1'))
    $powerShell = [powershell]::Create($state)
    $disposables.Add($powerShell)
    $null = $powerShell.AddScript($Script)
    foreach ($argument in $ArgumentList) {
        $null = $powerShell.AddArgument($argument)
    }

    $nothing = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
    $nothing.Complete()
    $output = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
    [pscustomobject]@{ PowerShell = $powerShell; Output = $output; Run = $powerShell.BeginInvoke($nothing, $output) }
}

# Waits until the script has ended, and returns what it wrote. What it threw is thrown.
function Wait-TestSession($Session) {
    Wait-Until { $Session.Run.IsCompleted }
    $null = $Session.PowerShell.EndInvoke($Session.Run)
    $Session.Output.ReadAll()
}

# The same for a pipeline that begins with a listener on port 0, so that the test can talk to it: returns when it is up.
function Start-TestPipeline([scriptblock] $Script, [object[]] $ArgumentList = @()) {
    $pipeline = Start-TestSession $Script $ArgumentList
    $information = $pipeline.PowerShell.Streams.Information
    Wait-Until { $pipeline.Run.IsCompleted -or $information.Count -gt 0 }
    $port = [int] [regex]::Match([string] $information[0], '\d+$').Value
    $pipeline | Add-Member -NotePropertyName Port -NotePropertyValue $port -PassThru
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
    # One full stop at its end: what it quotes of the system has one on Windows, and none elsewhere.
    $ErrorRecord.ErrorDetails.Message | Should -Match '[^.][.!?]$'
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

# A PowerShell in a process of its own that runs a script, with these environment variables, behind a launcher if there is
# one: a program and arguments that run what follows them. Its standard streams are this test's.
function Start-TestProcess([string] $Script, [hashtable] $Environment = @{}, [string[]] $Launcher = @()) {
    $text = "`$ProgressPreference = 'SilentlyContinue'`n$Script`nexit 0"
    $command = @($Launcher) + $powerShellPath + '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text', '-EncodedCommand',
        [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($text))
    $start = New-Object System.Diagnostics.ProcessStartInfo $command[0]
    $start.Arguments = ($command | Select-Object -Skip 1 | ForEach-Object { "`"$_`"" }) -join ' '
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.EnvironmentVariables['NO_COLOR'] = '1'
    foreach ($name in $Environment.Keys) {
        $start.EnvironmentVariables[$name] = $Environment[$name]
    }

    $process = [System.Diagnostics.Process]::Start($start)
    $processes.Add($process)

    # Read all along: a process that writes many errors would block on a full pipe.
    $process | Add-Member -NotePropertyName Errors -NotePropertyValue $process.StandardError.ReadToEndAsync()
    $process
}

# The same with the module imported. A listener writes where it listens, though nobody sees a terminal.
function Start-ModuleProcess([string] $Script, [string[]] $Launcher = @()) {
    Start-TestProcess "Import-Module '$((Get-Module UdpPS).ModuleBase.Replace("'", "''"))/UdpPS.psd1'`n`$InformationPreference = 'Continue'`n$Script" -Launcher $Launcher
}

# Waits for the next line that a process writes.
function Read-ProcessLine($Process) {
    $line = $Process.StandardOutput.ReadLineAsync()
    Wait-Until { $line.IsCompleted }
    if ($null -eq $line.Result) {
        throw "It ended without another line. $($Process.Errors.Result)"
    }

    $line.Result
}

function Write-ProcessLine($Process, [string] $Line) {
    $Process.StandardInput.Write("$Line`n")
    $Process.StandardInput.Flush()
}

# Waits for the end of a process: what it wrote that has not been read yet, its errors, and its exit code.
function Wait-TestProcess($Process, [double] $Seconds = 240) {
    $output = $Process.StandardOutput.ReadToEndAsync()
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    if (-not ($output.Wait([int] ($Seconds * 1000)) -and $Process.WaitForExit([int] ($Seconds * 1000)))) {
        throw "Not within $($clock.Elapsed.TotalSeconds) s: the process ends."
    }

    [pscustomobject]@{ Output = $output.Result.TrimEnd(); Errors = $Process.Errors.Result; ExitCode = $Process.ExitCode }
}

# Ends a process without giving it a chance to clean up, and waits until it is gone.
function Stop-TestProcess($Process) {
    if (-not $Process.HasExited) {
        $Process.Kill()
        $Process.WaitForExit()
    }
}

# Runs a script in a PowerShell of its own, with these environment variables, and returns what it writes. Its failure is one.
function Invoke-Process([string] $Script, [hashtable] $Environment = @{}) {
    $process = Start-TestProcess $Script $Environment
    try {
        $process.StandardInput.Close()
        $result = Wait-TestProcess $process
        if ($result.ExitCode -ne 0) {
            throw "$($result.Output)$($result.Errors)"
        }

        $result.Output
    }
    finally {
        Stop-TestProcess $process
    }
}

# A port of 127.0.0.1 that stays free while nobody has it: it is below those that systems pick for senders.
function Get-FreePort {
    while ($true) {
        $port = Get-Random -Minimum 20000 -Maximum 30000
        try {
            (New-Peer '0.0.0.0' $port).Dispose()
            return $port
        }
        catch [System.Net.Sockets.SocketException] {
            # Somebody has it.
        }
    }
}

function Invoke-Ip {
    $output = & ip @args 2>&1
    if ($LASTEXITCODE -ne 0) {
        throw "ip $args failed: $output"
    }

    $output
}

# A network namespace of its own, which is a host for tests that need a network. The test is skipped where there are none.
function New-TestHost {
    if (-not (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore) -or (& id -u) -ne 0) {
        Skip-Leg netns 'Network namespaces are made on Linux, by root only'
    }

    if (-not (Get-Command ip -CommandType Application -ErrorAction Ignore)) {
        Skip-Leg netns 'The program ip is not installed'
    }

    $name = "udpps-$([guid]::NewGuid().ToString('n'))"
    try {
        Invoke-Ip netns add $name
    }
    catch {
        Skip-Leg netns "No network namespace can be made here. $_"
    }

    $namespaces.Add($name)
    Invoke-Ip -n $name link set lo up
    $name
}

# A cable between two of these hosts: at each end an interface of this name with this address.
function Connect-TestHost([string] $First, [string] $FirstAddress, [string] $Second, [string] $SecondAddress, [string] $Interface = 'cable') {
    Invoke-Ip link add $Interface netns $First type veth peer name $Interface netns $Second
    foreach ($end in @($First, $FirstAddress), @($Second, $SecondAddress)) {
        Invoke-Ip -n $end[0] address add $end[1] dev $Interface nodad
        Invoke-Ip -n $end[0] link set $Interface up
    }
}

# Gives one of these hosts a file in /etc of its own, such as hosts or resolv.conf. Programs that start afterwards see it.
function Set-HostFile([string] $TestHost, [string] $Name, [string[]] $Line) {
    $null = New-Item -ItemType Directory "/etc/netns/$TestHost" -Force
    [System.IO.File]::WriteAllLines("/etc/netns/$TestHost/$Name", $Line)
}

# What runs a program on one of these hosts.
function Get-HostLauncher([string] $TestHost) {
    'ip', 'netns', 'exec', $TestHost
}

# What runs a program that this script writes to the standard input of Python, on one of these hosts.
function Invoke-Python([string] $TestHost, [string] $Program) {
    if (-not (Get-Command python3 -CommandType Application -ErrorAction Ignore)) {
        Skip-Leg peers 'python3 is not installed'
    }

    $Program | & ip netns exec $TestHost python3 -
    if ($LASTEXITCODE -ne 0) {
        throw "python3 failed: $Program"
    }
}

# Sends datagrams whose source is made up, from one of these hosts. Both endpoints are Address,Port.
function Send-ForgedDatagram([string] $TestHost, [object[]] $From, [object[]] $To, [string] $Text, [int] $Count = 1) {
    Invoke-Python $TestHost "
import socket, struct
source, target, payload = ('$($From[0])', $($From[1])), ('$($To[0])', $($To[1])), b'$Text'
family = socket.AF_INET6 if ':' in target[0] else socket.AF_INET
addresses = socket.inet_pton(family, source[0]) + socket.inet_pton(family, target[0])
length = 8 + len(payload)
udp = struct.pack('!HHHH', source[1], target[1], length, 0) + payload
pseudo = addresses + struct.pack('!LL', length, socket.IPPROTO_UDP) + udp + b'\0' * (length % 2)
total = sum(struct.unpack('!%dH' % (len(pseudo) // 2), pseudo))
while total >> 16: total = (total & 0xffff) + (total >> 16)
udp = udp[:6] + struct.pack('!H', (~total & 0xffff) or 0xffff) + payload
if family == socket.AF_INET:
    raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    packet = struct.pack('!BBHHHBBH', 0x45, 0, 20 + length, 0, 0, 64, socket.IPPROTO_UDP, 0) + addresses + udp
    where = (target[0], 0)
else:
    raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    packet = struct.pack('!LHBB', 0x60000000, length, socket.IPPROTO_UDP, 64) + addresses + udp
    where = (target[0], 0)
for i in range($Count): raw.sendto(packet, where)
"
}

# Starts a Python program on one of these hosts, which goes on until it ends or the test does.
function Start-Python([string] $TestHost, [string] $Program) {
    if (-not (Get-Command python3 -CommandType Application -ErrorAction Ignore)) {
        Skip-Leg peers 'python3 is not installed'
    }

    $start = New-Object System.Diagnostics.ProcessStartInfo ip
    $start.Arguments = "netns exec $TestHost python3 -"
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $processes.Add($process)
    $process.StandardInput.Write($Program)
    $process.StandardInput.Close()
    $process
}

# A host with an address that is not loopback's, though nothing leaves it.
function New-LoneHost([string[]] $Address = '192.0.2.1/32') {
    $name = New-TestHost
    foreach ($one in $Address) {
        Invoke-Ip -n $name address add $one dev lo
    }

    $name
}

# Runs a script on a host, with the module imported, to its end: its output.
function Invoke-OnHost([string] $TestHost, [string] $Script) {
    $process = Start-ModuleProcess $Script -Launcher (Get-HostLauncher $TestHost)
    $process.StandardInput.Close()
    $result = Wait-TestProcess $process
    if ($result.Errors -or $result.ExitCode -ne 0) {
        throw "$($result.Output) $($result.Errors)"
    }

    $result.Output -split '\r?\n'
}
