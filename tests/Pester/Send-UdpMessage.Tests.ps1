BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $hasIPv6 = Test-IPv6
    $hasMulticast = Test-LoopbackMulticast
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
}

Describe 'Send-UdpMessage' {
    BeforeEach {
        $peer = New-Peer
        $port = Get-PeerPort $peer
    }

    AfterEach {
        Clear-TestResource
    }

    Context 'What it emits' {
        It 'emits one object per message, which says what was sent from where to where' {
            $sent = Send-UdpMessage -Server localhost -Port $port -Message 'hello' -IPv4
            $datagram = Read-Datagram $peer

            $sent | Should -BeOfType ([UdpPS.UdpSentMessage])
            $sent.Server | Should -Be 'localhost'
            $sent.RemoteAddress | Should -Be '127.0.0.1'
            $sent.Port | Should -Be $port
            $sent.LocalPort | Should -Be $datagram.Port
            $sent.Message | Should -BeExactly 'hello'
            $sent.Bytes | Should -Be $datagram.Bytes
            $sent.Length | Should -Be 5
            $sent.SentAt.Kind | Should -Be 'Local'
            $sent.Status | Should -Be 'Sent'
            $sent.Attempts | Should -Be 1
            $sent.RoundTripMilliseconds | Should -BeNullOrEmpty
            $sent.Ack | Should -BeNullOrEmpty
        }

        It 'emits objects that can be exported and serialized' {
            $sent = Send-UdpMessage 127.0.0.1 $port 'hello'

            ($sent | ConvertTo-Json | ConvertFrom-Json).Message | Should -Be 'hello'
            ($sent | ConvertTo-Csv | ConvertFrom-Csv).Status | Should -Be 'Sent'
        }

        It 'works in strict mode' {
            Set-StrictMode -Version Latest

            (Send-UdpMessage 127.0.0.1 $port 'hello').Message | Should -Be 'hello'
        }
    }

    Context 'What it sends' {
        It 'sends <Name> as <Expected>' -ForEach @(
            @{ Name = 'text'; Message = 'hello'; Expected = 'hello' }
            @{ Name = 'an empty text'; Message = ''; Expected = '' }
            @{ Name = 'text with spaces and quotes'; Message = ' "a b" '; Expected = ' "a b" ' }
            @{ Name = 'a number'; Message = 42; Expected = '42' }
            @{ Name = 'a fraction'; Message = 1.5; Expected = '1.5' }
            @{ Name = 'a version'; Message = [version] '1.2.3'; Expected = '1.2.3' }
            @{ Name = '$true'; Message = $true; Expected = 'True' }
        ) {
            $null = Send-UdpMessage 127.0.0.1 $port $Message
            $null = $Message | Send-UdpMessage 127.0.0.1 $port

            (Read-Datagram $peer).Text | Should -BeExactly $Expected -Because 'it was an argument'
            (Read-Datagram $peer).Text | Should -BeExactly $Expected -Because 'it came down the pipeline'
        }

        It 'sends bytes as they are' {
            $bytes = [byte[]] (0, 255, 27, 128)

            $null = Send-UdpMessage 127.0.0.1 $port $bytes
            $null = , $bytes | Send-UdpMessage 127.0.0.1 $port

            (Read-Datagram $peer).Bytes | Should -Be $bytes
            (Read-Datagram $peer).Bytes | Should -Be $bytes
        }

        It 'sends each element of a list as a message of its own, in order' {
            $sent = Send-UdpMessage 127.0.0.1 $port -Message 'a', 'b'
            $sent += 'c', 'd' | Send-UdpMessage 127.0.0.1 $port

            $sent | ForEach-Object Message | Should -Be 'a', 'b', 'c', 'd'
            1..4 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'a', 'b', 'c', 'd'
        }

        It 'sends nothing for an empty list' {
            Send-UdpMessage 127.0.0.1 $port -Message @() | Should -BeNullOrEmpty
        }

        It 'encodes text in <Name>' -ForEach @(
            @{ Name = 'utf8, the default'; Parameters = @{}; Bytes = 0xC3, 0xA9 }
            @{ Name = 'a name, without byte order mark'; Parameters = @{ Encoding = 'utf8BOM' }; Bytes = 0xC3, 0xA9 }
            @{ Name = 'the number of a code page'; Parameters = @{ Encoding = 28591 }; Bytes = , 0xE9 }
            @{ Name = 'an Encoding object'; Parameters = @{ Encoding = [System.Text.Encoding]::Unicode }; Bytes = 0xE9, 0x00 }
        ) {
            $null = Send-UdpMessage 127.0.0.1 $port ([string] [char] 0xE9) @Parameters

            (Read-Datagram $peer).Bytes | Should -Be $Bytes
        }

        It 'sends the longest message that a datagram can carry' -Skip:([bool] $IsMacOS) {
            $sent = Send-UdpMessage 127.0.0.1 $port (New-Object byte[] 65507)

            $sent.Length | Should -Be 65507
            (Read-Datagram $peer).Bytes.Length | Should -Be 65507
            Send-UdpMessage 127.0.0.1 $port (New-Object byte[] 65507) -NoAck
            (Read-Datagram $peer).Bytes.Length | Should -Be 65507
        }

        It 'sends each message -Count times' {
            $sent = 'a', 'b' | Send-UdpMessage 127.0.0.1 $port -Count 2

            $sent | Should -HaveCount 4
            1..4 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'a', 'a', 'b', 'b'
        }

        It 'waits at least -Delay seconds between two sends' {
            $sent = 'a', 'b' | Send-UdpMessage 127.0.0.1 $port -Count 2 -Delay 0.1

            $sent | ForEach-Object Message | Should -Be 'a', 'a', 'b', 'b'
            ($sent[3].SentAt - $sent[0].SentAt).TotalSeconds | Should -BeGreaterOrEqual 0.29
        }

        It 'asks for messages with -Interactive until <Name>' -ForEach @(
            @{ Name = 'one is "exit"'; Lines = 'hello', '', 'exits', 'EXIT', 'not sent' }
            @{ Name = 'the end of input'; Lines = 'hello', '', 'exits' }
        ) {
            $manifest = (Get-Module UdpPS).ModuleBase + '/UdpPS.psd1'
            $command = "Import-Module '$manifest'; Send-UdpMessage 127.0.0.1 $port -Interactive | Select-Object -First 9 | ForEach-Object Length"

            # What it asks for stands before what it writes.
            $output = $Lines | & $powerShellPath -NoProfile -Command $command | Out-String

            [regex]::Matches($output, "Enter message to send to server \(type 'exit' to quit\): ").Count | Should -Be 4
            [regex]::Matches($output, '\d+').Value | Should -Be 5, 0, 5
            1..3 | ForEach-Object { (Read-Datagram $peer).Text } | Should -BeExactly 'hello', '', 'exits'
            $peer.Available | Should -Be 0
        }
    }

    Context 'What it takes from the pipeline' {
        It 'takes Server, Port and Message from the rows of a CSV' {
            $rows = 'Server,Port,Message', "127.0.0.1,$port,first", "localhost,$port,second" | ConvertFrom-Csv

            $sent = $rows | Send-UdpMessage -IPv4

            $sent | ForEach-Object Server | Should -Be '127.0.0.1', 'localhost'
            1..2 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'first', 'second'
        }

        It 'sends the -Message of the command line to the targets of the rows' {
            $rows = 'Server,Port,Note', "127.0.0.1,$port,x", "127.0.0.1,$port,y" | ConvertFrom-Csv

            $null = $rows | Send-UdpMessage -Message 'ping'

            1..2 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'ping', 'ping'
        }

        It 'sends the Message of each row to the -Server of the command line' {
            $rows = [pscustomobject]@{ Message = 'first' }, [pscustomobject]@{ Message = '' }

            $null = $rows | Send-UdpMessage 127.0.0.1 $port

            1..2 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'first', ''
        }

        It 'takes the server from a property <Name>' -ForEach @(
            @{ Name = 'ComputerName' }
            @{ Name = 'CN' }
            @{ Name = 'HostName' }
            @{ Name = 'TargetName' }
            @{ Name = 'RemoteAddress' }
            @{ Name = 'Address' }
            @{ Name = 'IPAddress' }
        ) {
            $target = [pscustomobject]@{ $Name = '127.0.0.1'; Message = 'hello' }

            ($target | Send-UdpMessage -Port $port).Server | Should -Be '127.0.0.1'
            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'writes UdpMessageMissing for a row without message, and goes on with the next' {
            $rows = [pscustomobject]@{ Server = '127.0.0.1' }, [pscustomobject]@{ Server = '127.0.0.1'; Message = 'hello' }

            $sent = $rows | Send-UdpMessage -Port $port -ErrorVariable failures -ErrorAction SilentlyContinue

            $failures | Should -HaveCount 1
            Assert-UdpError $failures[0] UdpMessageMissing InvalidData $rows[0]
            $sent | ForEach-Object { "$($_.Status) $($_.Message)" } | Should -Be 'NotSent ', 'Sent hello'
        }

        It 'relays a received message with its exact bytes' {
            $job = Start-TestListener
            Send-Datagram (New-Peer) $job.LocalPort ([byte[]] (0xC3, 0x28, 0x00))

            $null = Read-Message $job | Send-UdpMessage 127.0.0.1 $port

            (Read-Datagram $peer).Bytes | Should -Be 0xC3, 0x28, 0x00
        }

        It 'relays to port 4010 of a server given without port, and not to the port the message came from' {
            $job = Start-TestListener
            Send-Datagram (New-Peer) $job.LocalPort 'hello'

            (Read-Message $job | Send-UdpMessage -Server 127.0.0.1).Port | Should -Be 4010
        }

        It 'sends a received message back to whom it came from when no server is given' {
            $job = Start-TestListener -NoAck
            Send-Datagram $peer $job.LocalPort 'echo'

            $null = Read-Message $job | Send-UdpMessage

            (Read-Datagram $peer).Text | Should -Be 'echo'
        }

        It 'answers a received message with -Message' {
            $job = Start-TestListener -NoAck
            Send-Datagram $peer $job.LocalPort 'question'

            $null = Read-Message $job | Send-UdpMessage -Message 'answer'

            (Read-Datagram $peer).Text | Should -Be 'answer'
        }
    }

    Context 'Where it sends to and from' {
        It 'sends each message to each of several servers' {
            $sent = 'a', 'b' | Send-UdpMessage 127.0.0.1, localhost $port -IPv4

            $sent | ForEach-Object { "$($_.Message) $($_.Server)" } |
                Should -Be 'a 127.0.0.1', 'a localhost', 'b 127.0.0.1', 'b localhost'
            1..4 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'a', 'a', 'b', 'b'
        }

        It 'goes on with the next server when one cannot be resolved' {
            $sent = Send-UdpMessage nosuch.invalid, 127.0.0.1 $port 'hello' -ErrorVariable failures -ErrorAction SilentlyContinue

            $failures | Should -HaveCount 1
            Assert-UdpError $failures[0] UdpHostNotFound ObjectNotFound 'nosuch.invalid'
            $sent | Sort-Object Server | ForEach-Object { "$($_.Server) $($_.Status)" } | Should -Be '127.0.0.1 Sent', 'nosuch.invalid NotSent'
        }

        It 'sends port 4010 when no port is given' {
            (Send-UdpMessage 127.0.0.1 -Message 'hello').Port | Should -Be 4010
        }

        It 'sends over IPv6' -Skip:(-not $hasIPv6) {
            $peer = New-Peer '::1'

            $sent = Send-UdpMessage ::1 (Get-PeerPort $peer) 'hello' -IPv6

            $sent.RemoteAddress | Should -Be '::1'
            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'prefers IPv4 for a name that has both' {
            (Send-UdpMessage localhost $port 'hello').RemoteAddress | Should -Be '127.0.0.1'
        }

        It 'sends from the -LocalAddress and -LocalPort given' {
            $localPort = Get-ClosedPort

            $sent = 'a', 'b' | Send-UdpMessage 127.0.0.1 $port -LocalAddress 127.0.0.1 -LocalPort $localPort

            $sent | ForEach-Object LocalPort | Should -Be $localPort, $localPort
            1..2 | ForEach-Object { (Read-Datagram $peer).Port } | Should -Be $localPort, $localPort
        }

        It 'sends with -MaxHops and -DontFragment' {
            $null = Send-UdpMessage 127.0.0.1 $port 'hello' -MaxHops 1 -DontFragment

            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'sends to a multicast group from the interface of -LocalAddress' -Skip:(-not $hasMulticast) {
            $peer = New-Peer '0.0.0.0'
            $peer.JoinMulticastGroup([System.Net.IPAddress]::Parse('239.255.40.10'), [System.Net.IPAddress]::Loopback)

            $null = Send-UdpMessage 239.255.40.10 (Get-PeerPort $peer) 'hello' -LocalAddress 127.0.0.1 -Ttl 1

            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'sends to a broadcast address with -Broadcast' -Skip:(-not $IsLinux) {
            $peer = New-Peer '0.0.0.0'

            $null = Send-UdpMessage 127.255.255.255 (Get-PeerPort $peer) 'hello' -Broadcast

            (Read-Datagram $peer).Text | Should -Be 'hello'
        }
    }

    Context 'Errors' {
        It 'writes UdpMessageTooLong for 65508 bytes, sends nothing and goes on' {
            $tooLong = 'x' * 65508

            $sent = $tooLong, 'hello' | Send-UdpMessage 127.0.0.1 $port -ErrorVariable failures -ErrorAction SilentlyContinue

            $failures | Should -HaveCount 1
            Assert-UdpError $failures[0] UdpMessageTooLong LimitsExceeded $tooLong
            $sent | ForEach-Object Status | Should -Be 'NotSent', 'Sent'
            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'writes UdpBroadcastNotAllowed for a broadcast address without -Broadcast' -Skip:(-not $IsLinux) {
            $failure = Get-ErrorOf { Send-UdpMessage 127.255.255.255 $port 'hello' }

            Assert-UdpError $failure UdpBroadcastNotAllowed PermissionDenied '127.255.255.255'
        }

        It 'writes UdpAddressFamilyMismatch for <Script>' -ForEach @(
            @{ Script = { Send-UdpMessage 127.0.0.1 $port 'hello' -IPv6 }; Target = '127.0.0.1' }
            @{ Script = { Send-UdpMessage ::1 $port 'hello' -IPv4 }; Target = '::1' }
            @{ Script = { Send-UdpMessage 127.0.0.1 $port 'hello' -LocalAddress ::1 }; Target = '127.0.0.1' }
            @{ Script = { Send-UdpMessage 127.0.0.1 $port 'hello' -IPv4 -IPv6 }; Target = '-IPv4 -IPv6' }
        ) {
            Assert-UdpError (Get-ErrorOf $Script) UdpAddressFamilyMismatch InvalidArgument $Target
        }

        It 'writes UdpAddressNotAvailable for a -LocalAddress that this machine does not have' {
            $failure = Get-ErrorOf { Send-UdpMessage 127.0.0.1 $port 'hello' -LocalAddress 192.0.2.1 }

            Assert-UdpError $failure UdpAddressNotAvailable InvalidArgument '192.0.2.1'
            $failure.ErrorDetails.RecommendedAction | Should -Be 'Give -LocalAddress an address that this machine has, or leave it out: the system then chooses.'
        }

        It 'asks for the scope of a -LocalAddress of one link' -Skip:(-not $IsLinux) {
            $failure = Get-ErrorOf { Send-UdpMessage ::1 $port 'hello' -LocalAddress fe80::1 }

            Assert-UdpError $failure UdpAddressNotAvailable InvalidArgument 'fe80::1'
            $failure.Exception.Message | Should -Match 'needs the scope'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'behind a percent sign'
        }

        It 'writes UdpMessageNotText for a text that the -Encoding cannot write' {
            $ascii = [System.Text.Encoding]::GetEncoding('us-ascii', [System.Text.EncoderFallback]::ExceptionFallback,
                [System.Text.DecoderFallback]::ExceptionFallback)
            $failure = Get-ErrorOf { Send-UdpMessage 127.0.0.1 $port "caf$([char] 0xE9)" -Encoding $ascii }

            Assert-UdpError $failure UdpMessageNotText InvalidData "caf$([char] 0xE9)"
            $failure.Exception.Message | Should -Match 'characters that the -Encoding cannot write'
            $failure.ErrorDetails.RecommendedAction | Should -Be 'Give another -Encoding, or another message.'
        }

        It 'writes UdpAddressInUse for a -LocalPort that is taken' {
            $failure = Get-ErrorOf { Send-UdpMessage 127.0.0.1 $port 'hello' -LocalAddress 127.0.0.1 -LocalPort $port }

            Assert-UdpError $failure UdpAddressInUse ResourceBusy "127.0.0.1:$port"
        }

        It 'refuses <Name> <Value>' -ForEach @(
            @{ Name = 'LocalPort'; Value = 65536 }
            @{ Name = 'Count'; Value = 0 }
            @{ Name = 'Delay'; Value = -1 }
            @{ Name = 'MaxHops'; Value = 0 }
            @{ Name = 'MaxHops'; Value = 256 }
        ) {
            $parameters = @{ $Name = $Value }

            $failure = Get-ErrorOf { Send-UdpMessage -Server 127.0.0.1 -Message 'hello' @parameters }

            $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        }

        It 'refuses an encoding that there is not' {
            $failure = Get-ErrorOf { Send-UdpMessage 127.0.0.1 $port 'hello' -Encoding klingon }

            $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        }
    }
}
