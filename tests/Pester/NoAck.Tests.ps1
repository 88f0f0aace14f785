# Send-UdpMessage -NoAck, seen from outside: messages that nobody will ask about.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $onLinux = [bool] (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore)
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
}

Describe 'Send-UdpMessage -NoAck' {
    AfterEach {
        Clear-TestResource
    }

    It 'emits nothing, and all of <What> arrive once, in order, from one port' -ForEach @(
        @{ What = 'a pipeline'; Send = { param($port) 1..3000 | Send-UdpMessage 127.0.0.1 $port -NoAck } }
        @{ What = 'a list'; Send = { param($port) Send-UdpMessage 127.0.0.1 $port (1..3000) -NoAck } }
    ) {
        $job = Start-TestListener -NoAck
        & $Send $job.LocalPort | Should -BeNullOrEmpty
        $messages = @(Read-Message $job 3000)
        $messages.Message | Should -Be (1..3000)
        @($messages.RemotePort | Sort-Object -Unique) | Should -HaveCount 1
    }

    It 'has sent everything when it returns, and leaves no socket open' -Skip:(-not $onLinux) {
        $peer = New-Peer
        Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) warm -NoAck
        $before = @(Get-ChildItem /proc/self/fd -ErrorAction Ignore).Count
        1..20 | ForEach-Object { Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) $_ -NoAck }
        $peer.Available | Should -BeGreaterThan 0
        @(Get-ChildItem /proc/self/fd -ErrorAction Ignore).Count | Should -BeLessOrEqual $before
    }

    It 'sends a message at once, whatever comes later' {
        $peer = New-Peer
        $session = Start-TestSession { param($port) Send-UdpMessage 127.0.0.1 $port first -NoAck -Count 2 -Delay 3600 } (Get-PeerPort $peer)
        (Read-Datagram $peer).Text | Should -Be 'first'
        $session.PowerShell.Stop()
        $session.Run.IsCompleted | Should -BeTrue
    }

    It 'sends the content that a buffer had, though a script uses it again' {
        $job = Start-TestListener -NoAck
        $buffer = [byte[]] 0
        1..200 | ForEach-Object { $buffer[0] = $_; , $buffer } | Send-UdpMessage 127.0.0.1 $job.LocalPort -NoAck
        (Read-Message $job 200 | ForEach-Object { $_.Bytes[0] }) | Should -Be (1..200)

        # So do messages with an ack, also when they are sent again.
        $sent = @(1..3 | ForEach-Object { $buffer[0] = $_; , $buffer } | Send-UdpMessage 127.0.0.1 $job.LocalPort)
        ($sent | ForEach-Object { $_.Bytes[0] }) | Should -Be 1, 2, 3
    }

    It 'sends to more destinations than it has sockets for' -Skip:(-not $onLinux) {
        $job = Start-TestListener -NoAck -LocalAddress Any
        $addresses = 1..600 | ForEach-Object { "127.1.$([math]::Floor($_ / 200)).$($_ % 200 + 1)" }
        $rows = $addresses + $addresses | ForEach-Object { [pscustomobject]@{ Server = $_; Port = $job.LocalPort; Message = $_ } }
        $rows | Send-UdpMessage -NoAck
        $messages = @(Read-Message $job 1200)
        @($messages | Where-Object { $_.LocalAddress -ne $_.Message }) | Should -HaveCount 0
        @($messages.Message | Group-Object | Where-Object Count -NE 2) | Should -HaveCount 0
    }

    It 'leaves from a port that the user fixes' {
        $job = Start-TestListener -NoAck
        $fixed = Get-FreePort
        1..100 | Send-UdpMessage 127.0.0.1 $job.LocalPort -NoAck -LocalPort $fixed
        $messages = @(Read-Message $job 100)
        $messages.Message | Should -Be (1..100)
        $messages.RemotePort | Sort-Object -Unique | Should -Be $fixed
        { (New-Peer 0.0.0.0 $fixed).Dispose() } | Should -Not -Throw
    }

    It 'writes an error for <What>, and sends the others' -ForEach @(
        @{ What = 'a message that is too long'; Bad = { @{ Message = 'x' * 70000 } }; Id = 'UdpMessageTooLong'; Target = '127.0.0.1:PORT' }
        @{ What = 'an object without a text'; Bad = { @{ Message = [xml] '<a/>' } }; Id = 'UdpMessageNotText'; Target = '127.0.0.1:PORT' }
        @{ What = 'a port that is none'; Bad = { @{ Message = 'no'; Port = 'x' } }; Id = 'UdpInvalidPort'; Target = '127.0.0.1' }
        @{ What = 'a server that is none'; Bad = { @{ Message = 'no'; Server = '10.1' } }; Id = 'UdpInvalidServer'; Target = '10.1' }
    ) {
        $job = Start-TestListener -NoAck
        $rows = foreach ($row in @{ Message = 'a' }, (& $Bad), @{ Message = 'b' }) {
            $whole = @{ Server = '127.0.0.1'; Port = $job.LocalPort }
            $row.Keys | ForEach-Object { $whole[$_] = $row[$_] }
            [pscustomobject] $whole
        }

        $rows | Send-UdpMessage -NoAck -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        @($failures).Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $failures[0].CategoryInfo.TargetName | Should -Be $Target.Replace('PORT', $job.LocalPort)
        (Read-Message $job 2).Message | Should -Be 'a', 'b'
    }

    It 'loses nothing at the live one by the reports of a closed port' {
        $job = Start-TestListener -NoAck
        $closed = Get-ClosedPort
        1..500 | Send-UdpMessage 127.0.0.1 $closed, $job.LocalPort -NoAck
        (Read-Message $job 500).Message | Should -Be (1..500)
    }

    It 'sends all 1,000 to a live machine without a gap, beside two that are not there' -Skip:(-not $onLinux) {
        $senderHost = New-TestHost
        $liveHost = New-TestHost
        Connect-TestHost $senderHost 192.0.2.1/24 $liveHost 192.0.2.2/24
        $listener = Start-ModuleProcess -Launcher (Get-HostLauncher $liveHost) '
            $messages = @(Start-UdpListener -LocalAddress Any -NoAck -Count 1000)
            $gaps = for ($i = 1; $i -lt 1000; $i++) { ($messages[$i].ReceivedAt - $messages[$i - 1].ReceivedAt).TotalSeconds }
            "$(($gaps | Measure-Object -Maximum).Maximum -lt 0.5) $(($messages.Message -join ",") -eq ((1..1000) -join ","))"'
        Read-ProcessLine $listener | Should -Be 'UDP listener up on Any:4010'

        # The address of the live one is found first.
        $output = Invoke-OnHost $senderHost '
            Send-UdpMessage 192.0.2.2 4011 warm | Receive-UdpAck -Quiet -TimeoutSeconds 5 | Out-Null
            1..1000 | Send-UdpMessage 192.0.2.2, 192.0.2.77, 192.0.2.78 4010 -NoAck -ErrorVariable failures -ErrorAction SilentlyContinue
            @($failures | Where-Object { $_.Exception.Message -notmatch "192\.0\.2\.7[78]" }).Count'
        $output | Should -Be '0'
        Read-ProcessLine $listener | Should -Be 'True True'
    }
}
