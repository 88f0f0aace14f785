# Which ack belongs to which message, and what is known of a message that got none, seen from outside. Nothing here knows how the
# sender works, so these tests outlive what is under them.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $onLinux = [bool] (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore)
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"

    # A peer in Python that handles each datagram as a script says, which has s, payload, source, and later(seconds, payload).
    function Start-PythonPeer([string] $Handle, [string] $TestHost) {
        $port = Get-FreePort
        $program = "
import heapq, select, socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
s.bind(('127.0.0.1', $port))
due = []
def later(seconds, payload): heapq.heappush(due, (time.monotonic() + seconds, payload, source))
print('up', flush=True)
while True:
    wait = max(0, due[0][0] - time.monotonic()) if due else 60
    if select.select([s], [], [], wait)[0]:
        payload, source = s.recvfrom(65535)
        $Handle
    while due and due[0][0] <= time.monotonic():
        moment, answer, to = heapq.heappop(due)
        s.sendto(answer, to)
"
        if (-not (Get-Command python3 -CommandType Application -ErrorAction Ignore)) {
            Skip-Leg peers 'python3 is not installed'
        }

        $start = New-Object System.Diagnostics.ProcessStartInfo python3
        $start.Arguments = '-'
        $start.UseShellExecute = $false
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $process = [System.Diagnostics.Process]::Start($start)
        $processes.Add($process)
        $process.StandardInput.Write($program)
        $process.StandardInput.Close()
        $line = $process.StandardOutput.ReadLineAsync()
        Wait-Until { $line.IsCompleted }
        $port
    }

    function Get-SocketCount {
        @(Get-ChildItem /proc/self/fd -ErrorAction Ignore | Where-Object { "$($_.LinkTarget)" -like 'socket:*' }).Count
    }
}

Describe 'Messages that are kept' {
    AfterEach {
        Clear-TestResource
    }

    It 'have their acks, though others were filtered out before' {
        Skip-OnWine Slow
        $job = Start-TestListener
        $kept = 1..1000 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Where-Object { [int] $_.Message -gt 500 }
        $settled = @($kept | Receive-UdpAck -PassThru)
        $settled.Status | Sort-Object -Unique | Should -Be Acknowledged
        $settled.Message | Should -Be (501..1000)
    }

    It 'have 4,000 acks' {
        Skip-OnWine Slow
        $job = Start-TestListener
        $kept = 1..4000 | Send-UdpMessage 127.0.0.1 $job.LocalPort
        Wait-Until { $job.Statistics.Acknowledged -eq 4000 }
        ($kept | Receive-UdpAck -PassThru).Status | Sort-Object -Unique | Should -Be Acknowledged
    }

    It 'have a true verdict or none, when they are 5,000' {
        Skip-OnWine Slow
        $job = Start-TestListener
        $kept = 1..5000 | Send-UdpMessage 127.0.0.1 $job.LocalPort
        Wait-Until { $job.Statistics.Acknowledged -eq 5000 }
        $settled = @($kept | Receive-UdpAck -PassThru)
        $settled | Should -HaveCount 5000
        $settled | Where-Object { $_.Status -ne 'Acknowledged' -and -not ($_.Status -eq 'Sent' -and $_.Reason) } | Should -BeNullOrEmpty
        @($settled | Where-Object Status -EQ Acknowledged).Count | Should -BeGreaterOrEqual 4096
    }

    It 'cause no collection of the whole heap, sent one by one' {
        Skip-OnWine Slow
        $peer = New-Peer
        [GC]::Collect()
        $before = [GC]::CollectionCount(2)
        $kept = for ($i = 0; $i -lt 3000; $i++) { Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) $i }
        [GC]::CollectionCount(2) - $before | Should -BeLessOrEqual 3
        $kept | Should -HaveCount 3000
    }

    It 'can be asked about from another runspace' {
        $job = Start-TestListener
        $kept = @(1..50 | Send-UdpMessage 127.0.0.1 $job.LocalPort)
        $session = Start-TestSession { param($kept) $kept | Receive-UdpAck -TimeoutSeconds 30 } $kept, $null
        @(Wait-TestSession $session).SentMessage | Should -Be (1..50)
        $kept.Status | Sort-Object -Unique | Should -Be Acknowledged
    }

    It 'are still there after a Receive-UdpAck that was stopped, and leave no more sockets than before' -Skip:(-not $onLinux) {
        $peer = New-Peer
        $kept = @(1..50 | Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer))
        $before = Get-SocketCount
        $stopped = [powershell]::Create().AddScript('param($kept, $module) Import-Module $module; $kept | Receive-UdpAck -TimeoutSeconds 300 -ThrottleLimit 50')
        $null = $stopped.AddArgument($kept).AddArgument((Get-Module UdpPS).Path)
        $run = $stopped.BeginInvoke()
        Wait-Until { $stopped.Streams.Progress.Count -gt 0 -or $run.IsCompleted }
        $stopped.Stop()
        $stopped.Dispose()
        Get-SocketCount | Should -BeLessOrEqual $before

        foreach ($message in $kept) {
            Send-Datagram $peer $message.LocalPort "ack $($message.Message)"
        }

        ($kept | Receive-UdpAck -ThrottleLimit 50).Message | Sort-Object | Should -Be (1..50 | ForEach-Object { "ack $_" } | Sort-Object)
        Get-SocketCount | Should -BeLessOrEqual ($before - 50)
    }
}

Describe 'A reply' {
    AfterEach {
        Clear-TestResource
    }

    It 'of a peer that replies twice, the second time a second later, acknowledges no other message of 12,000' {
        $port = Start-PythonPeer 'later(0.003, b"ack " + payload); later(1, b"done " + payload)'
        $acks = @(1..12000 | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck -ThrottleLimit 16)
        $acks | Should -HaveCount 12000
        @($acks | Where-Object { $_.Message -ne "ack $($_.SentMessage)" }) | Should -HaveCount 0
    }

    It 'to each of 20,000 equal texts means that it was delivered, inside a duplicate window too' {
        Skip-OnWine Slow
        $job = Start-TestListener -DuplicateWindowSeconds 120 -QueueLength 30000
        $verdicts = @(1..20000 | ForEach-Object { 'beat' } | Send-UdpMessage 127.0.0.1 $job.LocalPort | Receive-UdpAck -Quiet)
        @($verdicts | Where-Object { $_ }) | Should -HaveCount 20000
        $job.Statistics.Delivered | Should -Be 20000
    }

    It 'to a message to one host comes from that host alone, with -Broadcast too' {
        $peer = New-Peer 127.0.0.2
        $stranger = New-Peer
        $sent = Send-UdpMessage 127.0.0.2 (Get-PeerPort $peer) 'hi' -Broadcast
        Send-Datagram $stranger $sent.LocalPort 'mine'
        Send-Datagram $peer $sent.LocalPort 'its'

        ($sent | Receive-UdpAck).Message | Should -Be 'its'
    }

    It 'that is there before anybody looks has the time at which it came' -Tag LinuxSockets -Skip:(-not $onLinux) {
        $port = Start-PythonPeer 'later(0.001, b"ack")'
        $acks = @(1..4 | Send-UdpMessage 127.0.0.1 $port -Delay 0.3 | Receive-UdpAck -ThrottleLimit 4 -PassThru)
        $acks | Should -HaveCount 4
        foreach ($message in $acks) {
            $late = ($message.Ack.ReceivedAt - $message.SentAt).TotalMilliseconds - $message.RoundTripMilliseconds
            [math]::Abs($late) | Should -BeLessThan 150 -Because 'the first is looked at 900 ms after it came'
        }
    }

    # Linux begins to note the times a moment after it is asked to, by a socket.
    It 'is timed from the first of a session on: Linux is asked for that before the message is made' -Tag LinuxSockets -Skip:(-not $onLinux) {
        $session = Start-ModuleProcess '
            function Measure-Socket { @(& ls -l /proc/$PID/fd | Where-Object { $_ -match "socket:" }).Count }
            $before = Measure-Socket
            $sent = 1 | ForEach-Object { Measure-Socket } | Send-UdpMessage 127.0.0.1 4010
            "$($sent.Message - $before)"'
        (Wait-TestProcess $session).Output.Trim() | Should -Be 1
    }

    It 'is found by a slow pipeline in any order' {
        $port = Start-PythonPeer 'later(0.2 / (1 + int(payload)), b"ack " + payload)'
        $acks = @(0..9 | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck -ThrottleLimit 10)
        $acks | ForEach-Object { $_.Message | Should -Be "ack $($_.SentMessage)" }
        $acks | Should -HaveCount 10
    }

    It 'leaves half of the descriptors to others where nobody asks for it' -Skip:(-not $onLinux) {
        $output = Invoke-OnHost (New-LoneHost) '
            & prlimit --pid $PID --nofile=600:
            $silent = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 4010))
            $sent = @(1..1000 | Send-UdpMessage 127.0.0.1)
            @($sent | Where-Object Status -EQ Sent).Count
            @(Get-ChildItem /proc/self/fd).Count -lt 600'
        $output | Should -Be '1000', 'True'
    }

    Context 'Where the system has ten ports' {
        BeforeEach {
            $name = New-LoneHost
            & ip netns exec $name sysctl -qw 'net.ipv4.ip_local_port_range=40000 40009'
        }

        It 'comes to each of 30 one by one' {
            $listener = Start-ModuleProcess 'Start-UdpListener | Out-Null' -Launcher (Get-HostLauncher $name)
            Read-ProcessLine $listener | Should -Be 'UDP listener up on 127.0.0.1:4010'
            $output = Invoke-OnHost $name '
                $sent = 1..30 | ForEach-Object { Send-UdpMessage 127.0.0.1 4010 $_ | Receive-UdpAck -PassThru -TimeoutSeconds 30 }
                @($sent | Where-Object Status -eq Acknowledged).Count
                @($sent.LocalPort | Sort-Object -Unique).Count'
            $output | Should -Be '30', '10'
        }

        It 'never comes to a port that the system reserves' {
            & ip netns exec $name sysctl -qw 'net.ipv4.ip_local_reserved_ports=40001,40004-40008'
            $output = Invoke-OnHost $name '
                $silent = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 4010))
                1..4 | Send-UdpMessage 127.0.0.1 4010 | Sort-Object LocalPort | ForEach-Object LocalPort'
            $output | Should -Be '40000', '40002', '40003', '40009'
        }

        It 'is unknown of the oldest of 30 that are kept, and says so' {
            $output = Invoke-OnHost $name '
                $silent = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 4010))
                $sent = @(1..30 | Send-UdpMessage 127.0.0.1 4010)
                $settled = @($sent | Receive-UdpAck -PassThru -TimeoutSeconds 0.05)
                $settled | Group-Object Status, Reason | ForEach-Object { "$($_.Count) $($_.Name)" }
                $sent[0] | Receive-UdpAck -Quiet
                $null = $sent[0] | Receive-UdpAck -ErrorVariable failure -ErrorAction SilentlyContinue
                "$($failure.FullyQualifiedErrorId) $($failure.CategoryInfo.Category) $($failure.TargetObject -eq $sent[0])"'
            $output | Should -Be @(
                '28 Sent, nobody had asked for its ack when later messages needed its port'
                '2 NoReply'
                'False'
                'UdpAckExpired,UdpPS.Commands.ReceiveUdpAckCommand ResourceUnavailable True'
            )
        }

        It 'cannot come to more than ten at once, and the others are errors that say what to do' {
            $output = Invoke-OnHost $name '
                $silent = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 4010))
                $sent = @(1..12 | Send-UdpMessage 127.0.0.1 4010 -ErrorVariable failures -ErrorAction SilentlyContinue |
                    Receive-UdpAck -PassThru -ThrottleLimit 20 -TimeoutSeconds 5)
                $sent | Group-Object Status | Sort-Object Name | ForEach-Object { "$($_.Count) $($_.Name)" }
                "$($failures[0].FullyQualifiedErrorId) $($failures[0].TargetObject)"
                $failures[0].Exception.Message'
            $output | Should -Be @(
                '10 NoReply'
                '2 NotSent'
                'UdpNoFreePort,UdpPS.Commands.SendUdpMessageCommand 127.0.0.1:4010'
                'No port is free to send to 127.0.0.1:4010 from: each of the 10 that this machine has for it is in use.'
            )
        }
    }
}

Describe 'A message to oneself' {
    AfterEach {
        Clear-TestResource
    }

    It 'is not acknowledged by its own datagram' {
        $port = Get-FreePort
        $sent = Send-UdpMessage 127.0.0.1 $port hi -LocalPort $port -LocalAddress 127.0.0.1 | Receive-UdpAck -PassThru -TimeoutSeconds 0.2
        $sent.Status | Should -Be NoReply
        $sent.Reason | Should -Be 'the message itself came back, which acknowledges nothing'
    }

    It 'is not acknowledged by a broadcast that comes back' -Skip:(-not $onLinux) {
        $name = New-TestHost
        $other = New-TestHost
        Connect-TestHost $name 192.0.2.1/24 $other 192.0.2.2/24
        $output = Invoke-OnHost $name '
            $sent = Send-UdpMessage 192.0.2.255 6455 hi -LocalPort 6455 -Broadcast | Receive-UdpAck -PassThru -TimeoutSeconds 0.5
            "$($sent.Status): $($sent.Reason)"'
        $output | Should -Be 'NoReply: the message itself came back, which acknowledges nothing'
    }
}

Describe 'A port that the user fixes' {
    AfterEach {
        Clear-TestResource
    }

    It 'serves 20 commands, whose messages are kept' {
        $job = Start-TestListener
        $fixed = Get-FreePort
        $sent = @(1..20 | ForEach-Object { $x = Send-UdpMessage 127.0.0.1 $job.LocalPort "t$_" -LocalPort $fixed; $x })
        $sent.Status | Sort-Object -Unique | Should -Be Sent
        $sent.LocalPort | Sort-Object -Unique | Should -Be $fixed
        (Read-Message $job 20).RemotePort | Sort-Object -Unique | Should -Be $fixed
    }

    It 'serves 20 commands one by one, each with its ack, and is free then' {
        $port = Start-PythonPeer 's.sendto(b"ack " + payload, source)'
        $fixed = Get-FreePort
        $acks = @(1..20 | ForEach-Object { Send-UdpMessage 127.0.0.1 $port $_ -LocalPort $fixed | Receive-UdpAck })
        $acks.Message | Should -Be (1..20 | ForEach-Object { "ack $_" })
        { (New-Peer 0.0.0.0 $fixed).Dispose() } | Should -Not -Throw
    }

    It 'does not let a late reply acknowledge the next message of another command' {
        $peer = New-Peer
        $fixed = Get-FreePort
        $first = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) first -LocalPort $fixed | Receive-UdpAck -PassThru -TimeoutSeconds 0.05
        $first.Status | Should -Be NoReply
        $second = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) second -LocalPort $fixed
        Send-Datagram $peer $fixed 'ack first'
        $null = $second | Receive-UdpAck -TimeoutSeconds 0.3 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -BeLike 'UdpAckTimeout,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-LocalPort'
        $second.Reason | Should -BeLike "a reply came to port $fixed that may belong to another message*"
    }

    It 'is in nobody''s way after a stop' {
        $peer = New-Peer
        $fixed = Get-FreePort
        $stopped = [powershell]::Create().AddScript('param($port, $fixed, $module) Import-Module $module; Send-UdpMessage 127.0.0.1 $port hi -LocalPort $fixed | Receive-UdpAck -TimeoutSeconds 300')
        $null = $stopped.AddArgument((Get-PeerPort $peer)).AddArgument($fixed).AddArgument((Get-Module UdpPS).Path)
        $null = $stopped.BeginInvoke()
        $null = Read-Datagram $peer
        $stopped.Stop()
        $stopped.Dispose()
        (Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) again -LocalPort $fixed).Status | Should -Be Sent
    }

    It 'is taken over by a listener, and what nobody has asked about there expires' {
        $peer = New-Peer
        $fixed = Get-FreePort
        $sent = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) hi -LocalPort $fixed
        $job = Start-UdpListener -Port $fixed -AsJob
        $job.LocalPort | Should -Be $fixed
        Send-UdpMessage 127.0.0.1 $fixed hello | Receive-UdpAck -Quiet | Should -BeTrue
        $sent.Reason | Should -Be 'a listener has taken over its port'
        $sent | Receive-UdpAck -Quiet | Should -BeFalse
    }

    It 'matches no wrong reply of a lossy, doubling and delaying path in 150 steps' {
        Skip-OnWine Slow
        # Each step asks for the next id, as an SNMP walk does. A tenth of the requests and of the replies are lost, and a tenth of
        # the replies come late. The first step is answered for sure: after one that is left unanswered no reply can be told from a
        # late one.
        $port = Start-PythonPeer 'import random; r = 1 if payload == b"id 0" else random.random(); (None if r < 0.1 else later(0.15, payload) if r < 0.2 else None if r < 0.3 else s.sendto(payload, source))'
        $fixed = Get-FreePort
        $wrong = $right = 0
        for ($id = 0; $id -lt 150; $id++) {
            foreach ($ack in Send-UdpMessage 127.0.0.1 $port "id $id" -LocalPort $fixed |
                    Receive-UdpAck -TimeoutSeconds $(if ($id) { 0.02 } else { 60 }) -MaximumRetryCount 1 -ErrorAction SilentlyContinue) {
                if ($ack.Message -eq "id $id") { $right++ } else { $wrong++ }
            }
        }

        $wrong | Should -Be 0
        $right | Should -BeGreaterThan 0
    }

    It 'is shared by two runspaces' {
        $port = Start-PythonPeer 's.sendto(b"ack " + payload, source)'
        $other = Start-PythonPeer 's.sendto(b"other " + payload, source)'
        $fixed = Get-FreePort
        $ask = { param($port, $fixed) 1..200 | Send-UdpMessage 127.0.0.1 $port -LocalPort $fixed | Receive-UdpAck -TimeoutSeconds 30 }
        $sessions = (Start-TestSession $ask $port, $fixed), (Start-TestSession $ask $other, $fixed)
        @(Wait-TestSession $sessions[0]).Message | Should -Be (1..200 | ForEach-Object { "ack $_" })
        @(Wait-TestSession $sessions[1]).Message | Should -Be (1..200 | ForEach-Object { "other $_" })
    }

    It 'may be one that a message had which nobody has asked about' {
        $peer = New-Peer
        $first = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) first

        (Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) second -LocalPort $first.LocalPort).Status | Should -Be Sent
        $first.Reason | Should -Be 'its port was wanted for something else'
    }

    It 'of a message that was reported on is given up with what the report said' -Skip:(-not $onLinux) {
        $first = Send-UdpMessage 127.0.0.1 (Get-ClosedPort) first
        $null = Send-UdpMessage 127.0.0.1 (Get-PeerPort (New-Peer)) second -LocalPort $first.LocalPort

        $first | Receive-UdpAck -PassThru | ForEach-Object { "$($_.Status): $($_.Reason)" } | Should -Be 'PortClosed: port unreachable'
    }

    It 'takes the replies of all responders of a broadcast' -Skip:(-not $onLinux) {
        $hearing = New-Peer '0.0.0.0'
        $other = New-Peer
        $fixed = Get-FreePort
        $sent = Send-UdpMessage 127.255.255.255 (Get-PeerPort $hearing) 'who?' -Broadcast -LocalPort $fixed
        Send-Datagram $hearing $fixed 'one'
        Send-Datagram $other $fixed 'two'

        ($sent | Receive-UdpAck -All -TimeoutSeconds 0.5).Message | Should -Be 'one', 'two'
    }

    It 'is another one on another address: the message of neither loses its ack' {
        $peer = New-Peer
        $fixed = Get-FreePort
        $first = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) first -LocalAddress 127.0.0.2 -LocalPort $fixed
        $second = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) second -LocalAddress 127.0.0.3 -LocalPort $fixed
        1..2 | ForEach-Object {
            $question = Read-Datagram $peer
            Send-Datagram $peer $question.Port "re: $($question.Text)" $question.Address
        }

        ($first, $second | Receive-UdpAck).Message | Should -Be 're: first', 're: second'
    }

    It 'tells a closed port, and no other peer loses its message by that' -Tag LinuxSockets -Skip:(-not $onLinux) {
        $closed = Get-ClosedPort
        $job = Start-TestListener
        $fixed = Get-FreePort
        # One at a time: of two that are open to one peer there, nobody knows which is acknowledged.
        $sent = @(1..50 | ForEach-Object { Send-UdpMessage 127.0.0.1 $closed, $job.LocalPort $_ -LocalPort $fixed } | Receive-UdpAck -PassThru)
        @($sent | Where-Object Status -EQ Acknowledged) | Should -HaveCount 50
        @($sent | Where-Object { $_.Port -eq $closed -and $_.Status -ne 'PortClosed' }) | Should -HaveCount 0
        (Read-Message $job 50).Message | Should -Be (1..50)
    }
}

Describe 'What the network reports, on <Family>' -Tag LinuxSockets -Skip:(-not $onLinux) -ForEach @(
    @{ Family = 'IPv4'; Router = '192.0.2.1'; Sender = '192.0.2.2/24'; Far = '198.51.100.1/24'; Peer = '198.51.100.2'; Dead = '192.0.2.77'; Nowhere = '203.0.113.1'; Length = 24; Default = 'default' }
    @{ Family = 'IPv6'; Router = '2001:db8:1::1'; Sender = '2001:db8:1::2/64'; Far = '2001:db8:2::1/64'; Peer = '2001:db8:2::2'; Dead = '2001:db8:1::77'; Nowhere = '2001:db8:3::1'; Length = 64; Default = '::/0' }
) {
    BeforeAll {
        $peerHost = New-TestHost
        $routerHost = New-TestHost
        $senderHost = New-TestHost
        Connect-TestHost $senderHost $Sender $routerHost "$Router/$Length" near
        Connect-TestHost $routerHost $Far $peerHost "$Peer/$Length" far

        # icmp_ratelimit=0 would not do: with it, each report keeps Linux from telling for a second that it knows no way.
        & ip netns exec $routerHost sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratemask=0 net.ipv6.icmp.ratelimit=0
        Invoke-Ip -n $senderHost route add $Default via $Router
        Invoke-Ip -n $peerHost route add $Default via ($Far -replace '/.*')
        Invoke-Ip -n $routerHost link set far mtu 1280
        $listener = Start-ModuleProcess "Start-UdpListener -LocalAddress Any -AckMessage ok | Out-Null" -Launcher (Get-HostLauncher $peerHost)
        Read-ProcessLine $listener | Should -Be 'UDP listener up on Any:4010'
        $report = '| Receive-UdpAck -PassThru -TimeoutSeconds 20 | ForEach-Object { "$($_.Status): $($_.Reason)" }'

        # The first packet to a neighbor may be lost while its address is found.
        Invoke-OnHost $senderHost "Send-UdpMessage $Peer 4010 hi | Receive-UdpAck -Quiet -TimeoutSeconds 10 -MaximumRetryCount 2" | Should -Be 'True'
    }

    AfterAll {
        Clear-TestResource
    }

    AfterEach {
        & ip netns exec $routerHost nft flush ruleset 2> $null
    }

    It '"<Rule>" of a firewall is "<Verdict>", with its sender' -ForEach @(
        @{ Rule = 'icmpx admin-prohibited'; Verdict = 'Unreachable: administratively prohibited' }
        @{ Rule = 'icmpx host-unreachable'; Verdict = 'Unreachable: host unreachable' }
        @{ Rule = 'icmpx no-route'; Verdict = 'Unreachable: network unreachable' }
        @{ Rule = 'icmpx port-unreachable'; Verdict = 'PortClosed: port unreachable' }
    ) {
        if (-not (Get-Command nft -CommandType Application -ErrorAction Ignore)) {
            Skip-Leg netns 'The program nft is not installed'
        }

        & ip netns exec $routerHost nft "add table inet t; add chain inet t c { type filter hook forward priority 0; }; add rule inet t c meta l4proto udp reject with $Rule"
        Invoke-OnHost $senderHost "Send-UdpMessage $Peer 4010 hi $report" | Should -Be "$Verdict, reported by $Router"
    }

    It 'is a hint: an ack to a later attempt counts' {
        if (-not (Get-Command nft -CommandType Application -ErrorAction Ignore)) {
            Skip-Leg netns 'The program nft is not installed'
        }

        # It rejects the first, and lets the others through.
        & ip netns exec $routerHost nft "add table inet t; add chain inet t c { type filter hook forward priority 0; }; add rule inet t c meta l4proto udp numgen inc mod 1000 0 reject"
        Invoke-OnHost $senderHost "Send-UdpMessage $Peer 4010 hi | Receive-UdpAck -TimeoutSeconds 0.5 -MaximumRetryCount 3 | ForEach-Object { `"`$(`$_.Message) `$(`$_.Attempts) `$(`$_.RoundTripMilliseconds -gt 0)`" }" |
            Should -Be 'ok 2 True'
    }

    It 'is that a neighbor is not there' {
        Invoke-OnHost $senderHost "Send-UdpMessage $Dead 4010 hi $report" |
            Should -Be 'Unreachable: host unreachable, reported by this machine: nobody on its network has that address'
    }

    It 'is that the hop limit is exceeded' {
        Invoke-OnHost $senderHost "Send-UdpMessage $Peer 4010 hi -MaxHops 1 $report" | Should -Be "Unreachable: time to live exceeded, reported by $Router"
        Invoke-OnHost $senderHost "Send-UdpMessage $Peer 4010 hi -MaxHops 2 $report" | Should -Be 'Acknowledged:'
    }

    It 'leads to a remedy of its own: <Remedy>' -ForEach @(
        @{ Remedy = 'Raise -MaxHops'; To = 'Peer'; Hops = 1 }
        @{ Remedy = 'Check the address and the routing table'; To = 'Nowhere'; Hops = 9 }
    ) {
        $address = if ($To -eq 'Peer') { $Peer } else { $Nowhere }
        Invoke-OnHost $senderHost "
            Send-UdpMessage $address 4010 hi -MaxHops $Hops | Receive-UdpAck -TimeoutSeconds 20 -ErrorVariable failure -ErrorAction SilentlyContinue
            `$failure.ErrorDetails.RecommendedAction" | Should -Match "^$Remedy"
    }

    It 'is that the router knows no way' {
        Invoke-OnHost $senderHost "Send-UdpMessage $Nowhere 4010 hi $report" | Should -Be "Unreachable: network unreachable, reported by $Router"
    }

    It 'is what the path takes: <Bytes> bytes arrive all the same, but not with -DontFragment' -ForEach @{ Bytes = 1400 }, @{ Bytes = 20000 } {
        # What is known of the path is forgotten.
        Invoke-Ip -n $senderHost route flush cache
        Invoke-Ip -n $senderHost -6 route flush cache
        $attempts = if ($Family -eq 'IPv4') { 1 } else { 2 }
        Invoke-OnHost $senderHost "Send-UdpMessage $Peer 4010 ('x' * $Bytes) | Receive-UdpAck -TimeoutSeconds 20 | ForEach-Object { `"`$(`$_.Message) `$(`$_.Attempts) `$(`$_.RoundTripMilliseconds -gt 0)`" }" |
            Should -Be "ok $attempts True"
        Invoke-Ip -n $senderHost route flush cache
        Invoke-Ip -n $senderHost -6 route flush cache
        if ($Bytes -lt 1500) {
            $output = Invoke-OnHost $senderHost "
                `$text = 'x' * $Bytes
                Send-UdpMessage $Peer 4010 `$text -DontFragment -OutVariable sent | Receive-UdpAck -TimeoutSeconds 20 -ErrorVariable first -ErrorAction SilentlyContinue
                `"`$(`$sent.Status): `$(`$sent.Reason)`"
                `"`$(`$first.FullyQualifiedErrorId) `$(`$first.Exception.Message)`"
                `$next = Send-UdpMessage $Peer 4010 `$text -DontFragment -ErrorVariable second -ErrorAction SilentlyContinue
                `"`$(`$next.Status) `$(`$second.FullyQualifiedErrorId)`"
                `$second.Exception.Message"
            $payload = if ($Family -eq 'IPv4') { 1252 } else { 1232 }
            $endPoint = if ($Family -eq 'IPv4') { "${Peer}:4010" } else { "[$Peer]:4010" }
            $text = "The message has $Bytes bytes, and the path to $endPoint takes no datagram of that size unfragmented (path MTU 1280: at most $payload bytes)."
            $output | Should -Be @(
                "Unreachable: fragmentation needed: the path takes 1280 bytes, reported by $Router"
                "UdpMessageTooLong,UdpPS.Commands.ReceiveUdpAckCommand $text A router on the way dropped it."
                'NotSent UdpMessageTooLong,UdpPS.Commands.SendUdpMessageCommand'
                "$text Nothing was sent."
            )
        }
    }

    It 'is what the path takes, from a port that the user fixes and without an ack too: <Options>' -ForEach @(
        @{ Options = '' }, @{ Options = '-LocalPort 5000' }, @{ Options = '-NoAck' }, @{ Options = '-LocalPort 5000 -NoAck' }
    ) {
        Invoke-Ip -n $senderHost link set near mtu 1400
        try {
            Invoke-OnHost $senderHost "
                `$null = Send-UdpMessage $Router 4010 ('x' * 2000) -DontFragment $Options -ErrorVariable failure -ErrorAction SilentlyContinue
                `$failure.Count
                `$failure[0].Exception.Message" | Should -Be 1, $(
                "The message has 2000 bytes, and the path to $(if ($Family -eq 'IPv4') { $Router } else { "[$Router]" }):4010 takes no datagram of that size " +
                "unfragmented (path MTU 1400: at most $(if ($Family -eq 'IPv4') { 1372 } else { 1352 }) bytes). Nothing was sent.")
        }
        finally {
            Invoke-Ip -n $senderHost link set near mtu 1500
        }
    }

    It 'is what the path takes of an ack too: it arrives at the first time, or on IPv6 at the retry' {
        $port = Read-ProcessLine ($wordy = Start-ModuleProcess -Launcher (Get-HostLauncher $peerHost) "
            `$job = Start-UdpListener -Port 0 -LocalAddress Any -AllowFrom 192.0.2.0/24, 2001:db8:1::/64 -AckMessage ('x' * 1400) -AsJob
            `$job.LocalPort
            `$null = [Console]::In.ReadLine()")
        $report = '| Receive-UdpAck -TimeoutSeconds 10 -MaximumRetryCount 3 | ForEach-Object { "$($_.Length) $($_.Attempts)" }'

        # Now the way back is the narrow one.
        Invoke-Ip -n $routerHost link set far mtu 1500
        Invoke-Ip -n $routerHost link set near mtu 1280
        try {
            Invoke-OnHost $senderHost "Send-UdpMessage $Peer $port hi $report" |
                Should -Be "1400 $(if ($Family -eq 'IPv4') { 1 } else { 2 })"
        }
        finally {
            Invoke-Ip -n $routerHost link set near mtu 1500
            Invoke-Ip -n $routerHost link set far mtu 1280
            Write-ProcessLine $wordy end
        }
    }

    It 'concerns the dead alone: the live one gets every message in between' {
        $output = Invoke-OnHost $senderHost "
            `$sent = @(1..100 | Send-UdpMessage $Dead, $Peer 4010 | Receive-UdpAck -PassThru -ThrottleLimit 1000 -TimeoutSeconds 8)
            `$sent | Group-Object RemoteAddress, Status | Sort-Object Name | ForEach-Object { `"`$(`$_.Count) `$(`$_.Name)`" }"

        # A system makes so many reports at once, and no more (icmp_msgs_burst).
        $output | Should -Contain "100 $Peer, Acknowledged"
        $output -match "^\d+ $Dead, Unreachable" | Should -HaveCount 1
        $output -notmatch "^\d+ ($Peer, Acknowledged|$Dead, (Unreachable|NoReply))$" | Should -HaveCount 0
    }
}
