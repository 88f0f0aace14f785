BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $hasIPv6 = Test-IPv6
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
}

Describe 'Receive-UdpAck' {
    BeforeEach {
        $listener = Start-TestListener
        $port = $listener.LocalPort
        $silentPeer = New-Peer
        $silentPort = Get-PeerPort $silentPeer
    }

    AfterEach {
        Clear-TestResource
    }

    Context 'What it emits' {
        It 'emits one ack per message, which says who answered what' {
            $ack = Send-UdpMessage localhost $port 'hello' -IPv4 | Receive-UdpAck

            $ack | Should -BeOfType ([UdpPS.UdpAck])
            $ack.Server | Should -Be 'localhost'
            $ack.RemoteAddress | Should -Be '127.0.0.1'
            $ack.Port | Should -Be $port
            $ack.Message | Should -BeExactly 'Message received'
            [System.Text.Encoding]::ASCII.GetString($ack.Bytes) | Should -BeExactly 'Message received'
            $ack.Length | Should -Be 16
            $ack.Attempts | Should -Be 1
            $ack.ReceivedAt.Kind | Should -Be 'Local'
            $ack.SentMessage | Should -BeExactly 'hello'
        }

        It 'tells the round trip, of the first message of a session too' -Tag LinuxSockets {
            if (-not (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore)) {
                Set-ItResult -Skipped -Because ('only Linux tells when an ack came. Elsewhere it is known where the socket was read a ' +
                    'millisecond before, which the sending engine does not do while PowerShell compiles the first pipeline')
            }

            $process = Start-ModuleProcess "(Send-UdpMessage 127.0.0.1 $port hello | Receive-UdpAck).RoundTripMilliseconds"
            [double] (Read-ProcessLine $process) | Should -BeGreaterThan 0
        }

        It 'settles the sent message' {
            $sent = Send-UdpMessage 127.0.0.1 $port 'hello'

            $ack = $sent | Receive-UdpAck

            $sent.Status | Should -Be 'Acknowledged'
            $sent.Ack | Should -Be $ack
            $sent.RoundTripMilliseconds | Should -Be $ack.RoundTripMilliseconds
        }

        It 'keeps acks and messages together' {
            $echo = Start-TestListener -AckScript { "re: $($_.Message)" }

            $acks = 1..20 | Send-UdpMessage 127.0.0.1 $echo.LocalPort | Receive-UdpAck

            $acks | Should -HaveCount 20
            $acks | ForEach-Object { $_.Message | Should -Be "re: $($_.SentMessage)" }
        }

        It 'reads acks in the -Encoding given' {
            $latin1 = Start-TestListener -Encoding 28591 -AckMessage ([string] [char] 0xE9)

            $ack = Send-UdpMessage 127.0.0.1 $latin1.LocalPort 'hello' | Receive-UdpAck -Encoding iso-8859-1

            $ack.Message | Should -BeExactly ([string] [char] 0xE9)
        }

        It 'receives acks over IPv6' -Skip:(-not $hasIPv6) {
            $listener = Start-TestListener -LocalAddress ::1

            (Send-UdpMessage ::1 $listener.LocalPort 'hello' | Receive-UdpAck).RemoteAddress | Should -Be '::1'
        }

        It 'emits objects that can be exported and serialized, with -PassThru too' {
            $ack = Send-UdpMessage 127.0.0.1 $port 'hello' | Receive-UdpAck
            $settled = Send-UdpMessage 127.0.0.1 $port 'hello' | Receive-UdpAck -PassThru

            ($ack | ConvertTo-Json | ConvertFrom-Json).SentMessage | Should -Be 'hello'
            ($ack | ConvertTo-Csv | ConvertFrom-Csv).Message | Should -Be 'Message received'
            ($settled | ConvertTo-Json | ConvertFrom-Json).Ack.Message | Should -Be 'Message received'
            ($settled | ConvertTo-Csv | ConvertFrom-Csv).Status | Should -Be 'Acknowledged'
        }

        It 'works in strict mode' {
            Set-StrictMode -Version Latest

            (Send-UdpMessage 127.0.0.1 $port 'hello' | Receive-UdpAck).Message | Should -Be 'Message received'
        }
    }

    Context 'Switches' {
        It 'emits every message, settled, with -PassThru, and writes no error' {
            $closedPort = Get-ClosedPort

            $sent = $port, $silentPort, $closedPort | ForEach-Object { Send-UdpMessage 127.0.0.1 $_ 'hello' }
            Wait-Until { $listener.Statistics.Acknowledged -eq 1 }

            $settled = $sent | Receive-UdpAck -PassThru -TimeoutSeconds 0.05 -ErrorVariable failures

            $settled | Should -BeOfType ([UdpPS.UdpSentMessage])
            $settled | ForEach-Object Status | Should -Be 'Acknowledged', 'NoReply', 'PortClosed'
            $settled | ForEach-Object { $null -ne $_.Ack } | Should -Be $true, $false, $false
            $failures | Should -BeNullOrEmpty
        }

        It 'emits $true or $false per message with -Quiet, and writes no error' {
            $sent = $port, $silentPort | ForEach-Object { Send-UdpMessage 127.0.0.1 $_ 'hello' }
            Wait-Until { $listener.Statistics.Acknowledged -eq 1 }

            $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 -ErrorVariable failures | Should -Be $true, $false
            $failures | Should -BeNullOrEmpty
        }

        It 'emits every answer with -All, one per responder' {
            Skip-OnWine Broadcast
            $sent = Send-UdpMessage 127.255.255.255 $silentPort 'anyone?' -Broadcast
            $responders = (New-Peer), (New-Peer)
            foreach ($responder in $responders + $responders[0]) {
                Send-Datagram $responder $sent.LocalPort 'here'
            }

            $acks = $sent | Receive-UdpAck -All -TimeoutSeconds 0.2

            $acks | ForEach-Object Port | Should -Be ($responders | ForEach-Object { Get-PeerPort $_ })
            $acks | ForEach-Object Server | Should -Be '127.255.255.255', '127.255.255.255'
            $sent.Status | Should -Be 'Acknowledged'
        }

        It 'writes an error with -All when nobody answers' {
            $sent = Send-UdpMessage 127.0.0.1 $silentPort 'anyone?'

            $failure = Get-ErrorOf { $sent | Receive-UdpAck -All -TimeoutSeconds 0.1 }

            Assert-UdpError $failure UdpAckTimeout OperationTimeout $sent
        }

        It 'does not take -Quiet and -PassThru together' {
            $sent = Send-UdpMessage 127.0.0.1 $port 'hello'

            (Get-ErrorOf { $sent | Receive-UdpAck -Quiet -PassThru }).FullyQualifiedErrorId |
                Should -BeLike 'AmbiguousParameterSet,*'
        }
    }

    Context 'Waiting and retrying' {
        It 'waits -TimeoutSeconds, and not less' {
            $sent = Send-UdpMessage 127.0.0.1 $silentPort 'hello'

            (Measure-Command { $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.3 }).TotalSeconds |
                Should -BeGreaterOrEqual 0.3
        }

        It 'waits twice as long for each retry as for the one before, and not less' {
            $sent = Send-UdpMessage 127.0.0.1 $silentPort 'hello'

            # 0.1, 0.2, 0.4 and 0.8
            (Measure-Command { $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.1 -MaximumRetryCount 3 }).TotalSeconds |
                Should -BeGreaterOrEqual 1.5
        }

        It 'waits as long as it takes with -TimeoutSeconds 0' {
            $gate = New-Object System.Threading.ManualResetEventSlim
            $disposables.Add($gate)
            $slow = Start-TestListener -AckScript { $null = ($using:gate).Wait(300); 'at last' }

            $ack = Send-UdpMessage 127.0.0.1 $slow.LocalPort 'hello' | Receive-UdpAck -TimeoutSeconds 0

            $ack.Message | Should -Be 'at last'
        }

        It 'sends again up to -MaximumRetryCount times, and gives up then' {
            $sent = Send-UdpMessage 127.0.0.1 $silentPort 'hello'
            $sentAt = $sent.SentAt
            $settled = $sent | Receive-UdpAck -PassThru -TimeoutSeconds 0.05 -MaximumRetryCount 2

            $settled.SentAt | Should -Be $sentAt -Because 'it is the time of the first attempt'
            $settled.Status | Should -Be 'NoReply'
            $settled.Attempts | Should -Be 3
            1..3 | ForEach-Object { (Read-Datagram $silentPeer).Text } | Should -Be 'hello', 'hello', 'hello'
            $silentPeer.Available | Should -Be 0
        }

        It 'does not know the round trip of a message that was sent twice' {
            $deafAtFirst = Start-TestListener -AckScript { if (++$global:heard -gt 1) { 'what?' } }

            $ack = Send-UdpMessage 127.0.0.1 $deafAtFirst.LocalPort 'hello' |
                Receive-UdpAck -TimeoutSeconds 0.2 -MaximumRetryCount 8

            $ack.Message | Should -Be 'what?'
            $ack.Attempts | Should -BeGreaterThan 1
            $ack.RoundTripMilliseconds | Should -BeNullOrEmpty
        }

        It 'does not take a late ack for the answer to the next message' {
            $late = Send-UdpMessage 127.0.0.1 $silentPort 'first'
            $late | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
            $next = Send-UdpMessage 127.0.0.1 $silentPort 'second'
            Send-Datagram $silentPeer $late.LocalPort 'too late'
            Send-Datagram $silentPeer $next.LocalPort 'in time'

            ($next | Receive-UdpAck).Message | Should -Be 'in time'
        }

        It 'takes answers from nobody but the one addressed' {
            $sent = Send-UdpMessage 127.0.0.1 $silentPort 'hello'
            Send-Datagram (New-Peer) $sent.LocalPort 'forged'

            $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.1 | Should -BeFalse
        }

        It 'finds the acks of messages that were stored first, however late' {
            $sent = 'a', 'b', 'c' | ForEach-Object { Send-UdpMessage 127.0.0.1 $port $_ }
            Wait-Until { $listener.Statistics.Acknowledged -eq 3 }

            $acks = $sent | Receive-UdpAck -TimeoutSeconds 0.1

            $acks | ForEach-Object SentMessage | Should -Be 'a', 'b', 'c'
        }

        It 'finds the acks of messages that one command sent and a variable kept' {
            $sent = 'a', 'b', 'c' | Send-UdpMessage 127.0.0.1 $port

            $acks = Receive-UdpAck -InputObject $sent

            $acks | ForEach-Object SentMessage | Should -Be 'a', 'b', 'c'
        }

        It 'emits the same again for a message that is settled' {
            $sent = Send-UdpMessage 127.0.0.1 $port 'hello'
            $ack = $sent | Receive-UdpAck
            Stop-Job $listener

            $sent | Receive-UdpAck | Should -Be $ack
            $sent | Receive-UdpAck -Quiet | Should -BeTrue
        }

        It 'awaits many acks at once with -ThrottleLimit, and loses none' {
            $acks = 1..500 | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck -ThrottleLimit 64

            $acks | ForEach-Object { [int] $_.SentMessage } | Sort-Object | Should -Be (1..500)
        }

        It 'emits what settles first, first, with -ThrottleLimit' {
            $first = Send-UdpMessage 127.0.0.1 $silentPort 'unanswered'
            $second = Send-UdpMessage 127.0.0.1 $port 'answered'
            Wait-Until { $listener.Statistics.Acknowledged -eq 1 }

            $first, $second | Receive-UdpAck -PassThru -ThrottleLimit 2 -TimeoutSeconds 0.1 |
                Should -Be $second, $first
        }

        It 'ends when it is stopped, as by Ctrl+C, between two attempts' {
            $sent = Send-UdpMessage 127.0.0.1 $silentPort 'hello'
            $powerShell = [powershell]::Create()
            $disposables.Add($powerShell)
            $null = $powerShell.AddCommand((Get-Command Receive-UdpAck)).AddParameter('InputObject', $sent)
            $null = $powerShell.AddParameter('TimeoutSeconds', 0.1).AddParameter('MaximumRetryCount', 20).BeginInvoke()
            1..2 | ForEach-Object { (Read-Datagram $silentPeer).Text } | Should -Be 'hello', 'hello'

            $powerShell.Stop()

            $powerShell.InvocationStateInfo.State | Should -Be 'Stopped'
            $sent.Status | Should -Be 'Sent'
        }
    }

    Context 'Errors' {
        It 'writes UdpAckTimeout when no ack comes, with the message as target, and goes on' {
            $sent = $silentPort, $port | ForEach-Object { Send-UdpMessage 127.0.0.1 $_ 'hello' }
            Wait-Until { $listener.Statistics.Acknowledged -eq 1 }

            $acks = $sent | Receive-UdpAck -TimeoutSeconds 0.05 -ErrorVariable failures -ErrorAction SilentlyContinue

            $failures | Should -HaveCount 1
            Assert-UdpError $failures[0] UdpAckTimeout OperationTimeout $sent[0]
            $failures[0].ErrorDetails.Message | Should -Match "127\.0\.0\.1:$silentPort \(1 attempt\)"
            $acks.Port | Should -Be $port
        }

        It 'writes UdpPortClosed at once when nothing listens' {
            $closedPort = Get-ClosedPort
            $sent = Send-UdpMessage 127.0.0.1 $closedPort 'hello'

            $failure = Get-ErrorOf { $sent | Receive-UdpAck }

            Assert-UdpError $failure UdpPortClosed ConnectionError $sent
            $sent.Status | Should -Be 'PortClosed'
        }

        It 'ends the script with -ErrorAction Stop' {
            { Send-UdpMessage 127.0.0.1 $silentPort 'hello' | Receive-UdpAck -TimeoutSeconds 0.05 -ErrorAction Stop } |
                Should -Throw -ErrorId 'UdpAckTimeout,UdpPS.Commands.ReceiveUdpAckCommand'
        }

        It 'takes nothing but messages that were sent' {
            (Get-ErrorOf { 'hello' | Receive-UdpAck }).FullyQualifiedErrorId | Should -BeLike 'InputObjectNotBound,*'
        }

        It 'refuses <Name> <Value>' -ForEach @(
            @{ Name = 'TimeoutSeconds'; Value = -1 }
            @{ Name = 'MaximumRetryCount'; Value = -1 }
            @{ Name = 'ThrottleLimit'; Value = 0 }
        ) {
            $parameters = @{ InputObject = Send-UdpMessage 127.0.0.1 $port 'hello'; $Name = $Value }

            $failure = Get-ErrorOf { Receive-UdpAck @parameters }

            $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        }
    }
}
