BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $hasIPv6 = Test-IPv6
    $hasMulticast = Test-LoopbackMulticast
    $hasOwnAddress = [bool] (Get-OwnAddress)
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
}

Describe 'Start-UdpListener' {
    AfterEach {
        Clear-TestResource
    }

    Context 'What it emits' {
        It 'streams one message per datagram, with where it came from and where to' {
            $job = Start-TestListener
            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort 'hello'

            $message = Read-Message $job

            $message | Should -BeOfType ([UdpPS.UdpMessage])
            $message.Message | Should -BeExactly 'hello'
            $message.Length | Should -Be 5
            $message.RemoteAddress | Should -Be '127.0.0.1'
            $message.RemotePort | Should -Be (Get-PeerPort $peer)
            $message.LocalAddress | Should -Be '127.0.0.1'
            $message.LocalPort | Should -Be $job.LocalPort
            $message.Sequence | Should -Be 1
            $message.ReceivedAt.Kind | Should -Be 'Local'
        }

        It 'keeps the bytes exact, whatever they are as text' {
            $job = Start-TestListener
            Send-Datagram (New-Peer) $job.LocalPort ([byte[]] (0, 255, 27, 128))

            $message = Read-Message $job

            $message.Bytes -join ' ' | Should -Be '0 255 27 128'
        }

        It 'takes an empty datagram for a message' {
            $job = Start-TestListener
            Send-Datagram (New-Peer) $job.LocalPort ''

            $message = Read-Message $job

            $message.Length | Should -Be 0
            $message.Message | Should -BeExactly ''
        }

        It 'never truncates: the longest datagram comes whole' -Skip:([bool] $IsMacOS) {
            $job = Start-TestListener
            $bytes = New-Object byte[] 65507
            $bytes[65506] = 42
            Send-Datagram (New-Peer) $job.LocalPort $bytes

            $message = Read-Message $job

            $message.Length | Should -Be 65507
            $message.Bytes[65506] | Should -Be 42
        }

        It 'emits objects that can be exported and serialized' {
            $job = Start-TestListener
            Send-Datagram (New-Peer) $job.LocalPort 'hello'

            $message = Read-Message $job

            ($message | ConvertTo-Json | ConvertFrom-Json).Message | Should -Be 'hello'
            ($message | ConvertTo-Csv | ConvertFrom-Csv).RemotePort | Should -Be $message.RemotePort
        }

        It 'shows what would drive the terminal as visible text, and keeps the property exact' {
            $escape, $visibleEscape = [char] 0x1B, [char] 0x241B
            $job = Start-TestListener
            Send-Datagram (New-Peer) $job.LocalPort "$escape[31mred"

            $message = Read-Message $job

            $message.Message | Should -BeExactly "$escape[31mred"
            $message | Format-Table | Out-String | Should -Match "$visibleEscape\[31mred"
            $message | Format-List | Out-String | Should -Match "$visibleEscape\[31mred"
        }

        It 'says on the information stream that it is up, and nothing in the output' {
            Start-UdpListener -Port 0 -TimeoutSeconds 0.05 6> $null | Should -BeNullOrEmpty

            $records = @(Start-UdpListener -Port 0 -TimeoutSeconds 0.05 6>&1)

            "$($records[0])" | Should -Match '^UDP listener up on 127\.0\.0\.1:\d+$'
            "$($records[1])" | Should -Match '-LocalAddress Any'
        }

        It 'does not tell how to open a listener that is open' {
            $records = @(Start-UdpListener -Port 0 -LocalAddress Any -TimeoutSeconds 0.05 6>&1)

            $records | Should -HaveCount 1
            "$records" | Should -Match '^UDP listener up on Any:\d+$'
        }

        It 'nor one on an address of a network' {
            Invoke-OnHost (New-LoneHost) 'Start-UdpListener -Port 4010 -LocalAddress 192.0.2.1 -TimeoutSeconds 0.05' |
                Should -Be 'UDP listener up on 192.0.2.1:4010'
        }

        It 'tells of each message, each ack and the totals with -Verbose' {
            $pipeline = Start-TestPipeline { Start-UdpListener -Port 0 -Count 1 -Verbose }
            $peer = New-Peer
            Send-Datagram $peer $pipeline.Port 'hello'
            $null = Wait-TestSession $pipeline

            $verbose = @($pipeline.PowerShell.Streams.Verbose | ForEach-Object Message)

            $verbose | Should -Contain "Message from 127.0.0.1:$(Get-PeerPort $peer)"
            $verbose | Should -Contain "Acknowledgment sent to 127.0.0.1:$(Get-PeerPort $peer)"
            $verbose[-1] | Should -Match '^1 received, 1 delivered, 1 acknowledged, 0 dropped'
        }
    }

    Context 'How it ends' {
        It 'ends with <Name> downstream, acknowledges the last message and frees the port' -ForEach @(
            @{ Name = 'Select-Object -First 1'; Script = { Start-UdpListener -Port 0 | Select-Object -First 1 } }
            @{ Name = 'break'; Script = { Start-UdpListener -Port 0 | ForEach-Object { $_; break } } }
        ) {
            $pipeline = Start-TestPipeline $Script
            $ack = Send-UdpMessage 127.0.0.1 $pipeline.Port 'last' | Receive-UdpAck
            $output = Wait-TestSession $pipeline

            $ack.Message | Should -Be 'Message received'
            $output.Message | Should -Be 'last'
            { New-Peer -Port $pipeline.Port } | Should -Not -Throw
        }

        It 'does not acknowledge the message for which a script downstream throws' {
            $pipeline = Start-TestPipeline { Start-UdpListener -Port 0 | ForEach-Object { throw 'disk full' } }

            $sent = Send-UdpMessage 127.0.0.1 $pipeline.Port 'lost'

            { Wait-TestSession $pipeline } | Should -Throw '*disk full*'
            $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
            { New-Peer -Port $pipeline.Port } | Should -Not -Throw
        }

        It 'ends when it is stopped, as by Ctrl+C, and frees the port' {
            $pipeline = Start-TestPipeline { Start-UdpListener -Port 0 }

            $pipeline.PowerShell.Stop()

            $pipeline.PowerShell.InvocationStateInfo.State | Should -Be 'Stopped'
            { New-Peer -Port $pipeline.Port } | Should -Not -Throw
        }

        It 'ends after -Count messages, each acknowledged' {
            $job = Start-TestListener -Count 2
            $acks = 'one', 'two' | Send-UdpMessage 127.0.0.1 $job.LocalPort | Receive-UdpAck

            Wait-Job $job -Timeout $deadlineSeconds | Should -Not -BeNullOrEmpty

            $job.State | Should -Be 'Completed'
            $acks | Should -HaveCount 2
            Receive-Job $job | ForEach-Object Message | Should -Be 'one', 'two'
        }

        It 'ends after -TimeoutSeconds, and not before' {
            (Measure-Command { Start-UdpListener -Port 0 -TimeoutSeconds 0.2 6> $null }).TotalSeconds |
                Should -BeGreaterOrEqual 0.2
        }

        It 'delivers nothing more after -TimeoutSeconds, and tells how many messages were left' {
            $gate = New-Object System.Threading.SemaphoreSlim 0
            $disposables.Add($gate)
            $job = Start-TestListener -TimeoutSeconds 3 -AckScript { ($using:gate).Wait(); 'ok' }
            1..10 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Out-Null
            Wait-Until { $job.Output.Count -eq 1 }
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            Wait-Until { $job.Statistics.Received -eq 10 }
            # The first is acknowledged, and of the others, which wait together by now, the next one.
            $null = $gate.Release()
            Wait-Until { $clock.Elapsed.TotalSeconds -gt 3 }
            $null = $gate.Release(20)

            $null = Wait-Job $job -Timeout $deadlineSeconds

            $job.State | Should -Be 'Completed'
            $messages = @(Receive-Job $job -WarningVariable warnings -WarningAction SilentlyContinue)
            $messages.Count | Should -BeLessOrEqual 2
            "$warnings" | Should -Match "not delivered: $(10 - $messages.Count)\."
        }

        It 'ends after -IdleTimeoutSeconds of silence, counted anew from each message' {
            $job = Start-TestListener -IdleTimeoutSeconds 0.5
            Wait-Until {
                $null = Send-UdpMessage 127.0.0.1 $job.LocalPort 'still here'
                (Get-Date) - $job.PSBeginTime -gt [timespan]::FromSeconds(0.2)
            }

            $null = Wait-Job $job -Timeout $deadlineSeconds

            $job.State | Should -Be 'Completed'
            $last = Receive-Job $job | Select-Object -Last 1
            ($job.PSEndTime - $last.ReceivedAt).TotalSeconds | Should -BeGreaterThan 0.48 -Because 'clocks tick in 16 ms'
        }
    }

    Context 'What it answers' {
        It 'answers "Message received" when nothing else is asked for' {
            $job = Start-TestListener
            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort 'hello'

            $answer = Read-Datagram $peer

            $answer.Text | Should -BeExactly 'Message received'
            $answer.Port | Should -Be $job.LocalPort
        }

        It 'answers only after everything downstream has run for the message' {
            $peer = New-Peer
            $pipeline = Start-TestPipeline {
                param($peer)
                Start-UdpListener -Port 0 -Count 1 | ForEach-Object { $peer.Available }
            } $peer
            Send-Datagram $peer $pipeline.Port 'hello'

            (Read-Datagram $peer).Text | Should -Be 'Message received'
            Wait-TestSession $pipeline | Should -Be 0 -Because 'the ack must not be there while the pipeline runs'
        }

        It 'answers the text given with -AckMessage' {
            $job = Start-TestListener -AckMessage 'roger'

            (Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck).Message | Should -BeExactly 'roger'
        }

        It 'answers an empty datagram with an empty -AckMessage' {
            $job = Start-TestListener -AckMessage ''

            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort 'hello'
            (Read-Datagram $peer).Bytes | Should -HaveCount 0
        }

        It 'never answers with -NoAck' {
            $job = Start-TestListener -NoAck
            $sent = 'one', 'two' | ForEach-Object { Send-UdpMessage 127.0.0.1 $job.LocalPort $_ }

            Read-Message $job 2 | ForEach-Object Message | Should -Be 'one', 'two'
            $sent[0] | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
            $job.Statistics.Acknowledged | Should -Be 0
        }

        It 'does not answer a message that is its own answer' {
            $job = Start-TestListener -AckMessage 'ack'
            $sent = Send-UdpMessage 127.0.0.1 $job.LocalPort 'ack'

            (Read-Message $job).Message | Should -Be 'ack'
            Wait-Until { $job.Statistics.SuppressedAcks -eq 1 }
            $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
        }

        It 'answers not more often than -MaxAcksPerSecond, and delivers all the same' {
            $job = Start-TestListener -MaxAcksPerSecond 2
            1..50 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Out-Null

            Read-Message $job 50 | Should -HaveCount 50
            Wait-Until { $job.Statistics.Acknowledged + $job.Statistics.SuppressedAcks -eq 50 }
            $job.Statistics.Acknowledged | Should -BeGreaterOrEqual 2
            $job.Statistics.SuppressedAcks | Should -BeGreaterThan 0
        }

        It 'answers a duplicate within -DuplicateWindowSeconds again, and puts it out once' {
            $job = Start-TestListener -DuplicateWindowSeconds 60
            $peer = New-Peer
            foreach ($text in 'same', 'same', 'other') {
                Send-Datagram $peer $job.LocalPort $text
                (Read-Datagram $peer).Text | Should -Be 'Message received'
            }

            Read-Message $job 2 | ForEach-Object Message | Should -Be 'same', 'other'
            $job.Statistics.Duplicates | Should -Be 1
        }

        It 'writes UdpReplyTooLarge for an answer over three times as long, unless -AllowFrom has the sender' -Skip:(
            -not $hasOwnAddress
        ) {
            $address = Get-OwnAddress
            $open = Start-TestListener -LocalAddress $address -AckMessage ('x' * 100)
            $known = Start-TestListener -LocalAddress $address -AckMessage ('x' * 100) -AllowFrom $address
            $null = Send-UdpMessage $address $open.LocalPort 'hi'

            (Send-UdpMessage $address $known.LocalPort 'hi' | Receive-UdpAck).Length | Should -Be 100
            Wait-Until { $open.Error.Count -eq 1 }
            $open.Error[0].FullyQualifiedErrorId | Should -BeExactly 'UdpReplyTooLarge'
            $open.Error[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
            $open.Error[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            $open.Error[0].TargetObject.Message | Should -Be 'hi'
        }

        It 'answers what -AckScript emits: <Name>' -ForEach @(
            @{ Name = 'text made from $_'; Script = { "got $($_.Message)" }; Expected = [byte[]][char[]] 'got hi' }
            @{ Name = 'a byte array'; Script = { , [byte[]] (0, 255) }; Expected = [byte[]] (0, 255) }
            @{ Name = 'byte after byte'; Script = { [byte[]] (1, 2) }; Expected = [byte[]] (1, 2) }
            @{ Name = 'one byte'; Script = { [byte] 7 }; Expected = [byte[]] 7 }
            @{ Name = 'text beside $null'; Script = { $null; 'ok'; $null }; Expected = [byte[]][char[]] 'ok' }
            @{ Name = 'text of a cmdlet'; Script = { Write-Output 'ok' }; Expected = [byte[]][char[]] 'ok' }
        ) {
            $job = Start-TestListener -AckScript $Script
            $pipeline = Start-TestPipeline { param($s) Start-UdpListener -Port 0 -Count 1 -AckScript $s } $Script

            foreach ($port in $job.LocalPort, $pipeline.Port) {
                $ack = Send-UdpMessage 127.0.0.1 $port 'hi' | Receive-UdpAck
                $ack.Bytes -join ' ' | Should -Be ($Expected -join ' ')
            }
        }

        It 'does not answer when -AckScript emits nothing' {
            $job = Start-TestListener -AckScript { if ($_.Message -ne 'secret') { 'ok' } }

            $secret = Send-UdpMessage 127.0.0.1 $job.LocalPort 'secret'

            Send-UdpMessage 127.0.0.1 $job.LocalPort 'open' | Receive-UdpAck -Quiet | Should -BeTrue
            $secret | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
        }

        It 'takes the caller''s values along to the -AckScript of a job with $using:' {
            $greeting = 'welcome'
            $caller = [pscustomobject]@{ Name = 'Ada' }
            $job = Start-TestListener -AckScript { "$using:greeting $($using:caller.Name), $($_.Message)" }

            (Send-UdpMessage 127.0.0.1 $job.LocalPort 'hi' | Receive-UdpAck).Message | Should -Be 'welcome Ada, hi'
        }

        It 'sees the caller''s variables in the -AckScript of a pipeline' {
            $pipeline = Start-TestPipeline {
                $greeting = 'welcome'
                Start-UdpListener -Port 0 -Count 1 -AckScript { "$greeting, $($_.Message)" }
            }

            (Send-UdpMessage 127.0.0.1 $pipeline.Port 'hi' | Receive-UdpAck).Message | Should -Be 'welcome, hi'
        }

        It 'writes UdpAckScriptFailed when -AckScript <Name>, and goes on' -ForEach @(
            @{ Name = 'throws'; Script = { if ($_.Message -eq 'bad') { throw 'no idea' } 'ok' } }
            @{ Name = 'emits several objects'; Script = { 'ok'; if ($_.Message -eq 'bad') { 'and more' } } }
            @{ Name = 'emits what is no text'; Script = { if ($_.Message -eq 'bad') { 42 } else { 'ok' } } }
        ) {
            $job = Start-TestListener -AckScript $Script
            $pipeline = Start-TestPipeline { param($s) Start-UdpListener -Port 0 -Count 2 -AckScript $s } $Script

            foreach ($port in $job.LocalPort, $pipeline.Port) {
                $bad = Send-UdpMessage 127.0.0.1 $port 'bad'
                Send-UdpMessage 127.0.0.1 $port 'good' | Receive-UdpAck -Quiet | Should -BeTrue
                $bad | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
            }

            $messages = Wait-TestSession $pipeline
            Assert-UdpError $pipeline.PowerShell.Streams.Error[0] UdpAckScriptFailed InvalidResult $messages[0]
            $failure = Get-ErrorOf { Receive-Job $job }
            $failure.FullyQualifiedErrorId | Should -BeLike 'UdpAckScriptFailed*'
            $failure.TargetObject.Message | Should -Be 'bad'
        }
    }

    Context 'Whom it hears' {
        It 'takes messages from addresses inside -AllowFrom <Network>' -ForEach @(
            @{ Network = '127.0.0.0/8' }
            @{ Network = '127.0.0.1' }
            @{ Network = '10.0.0.0/8', '0.0.0.0/0' }
        ) {
            $job = Start-TestListener -AllowFrom $Network

            Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -Quiet | Should -BeTrue
            $job.Statistics.Denied | Should -Be 0
        }

        It 'drops messages from addresses outside -AllowFrom <Network>, and counts them' -ForEach @(
            @{ Network = '10.0.0.0/8' }
            @{ Network = '127.0.0.2', '::1' }
        ) {
            $job = Start-TestListener -AllowFrom $Network

            $sent = Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello'

            Wait-Until { $job.Statistics.Denied -eq 1 }
            $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
            $job.Statistics.Received | Should -Be 0
            Receive-Job $job | Should -BeNullOrEmpty
        }

        It 'is reached over IPv4 and IPv6 with -LocalAddress Any, and filters both' -Skip:(-not $hasIPv6) {
            $open = Start-TestListener -LocalAddress Any
            $onlyIPv6 = Start-TestListener -LocalAddress Any -AllowFrom ::1

            Send-UdpMessage 127.0.0.1, ::1 $open.LocalPort 'hello' | Receive-UdpAck | ForEach-Object RemoteAddress |
                Should -Be '127.0.0.1', '::1'
            Read-Message $open 2 | ForEach-Object RemoteAddress | Should -Be '127.0.0.1', '::1'
            Send-UdpMessage 127.0.0.1, ::1 $onlyIPv6.LocalPort 'hello' | Out-Null
            (Read-Message $onlyIPv6).RemoteAddress | Should -Be '::1'
            Wait-Until { $onlyIPv6.Statistics.Denied -eq 1 }
        }

        It 'answers from the address that was asked' -Tag LinuxSockets -Skip:(-not $IsLinux) {
            $job = Start-TestListener -LocalAddress Any

            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort 'hello' '127.0.0.2'

            (Read-Datagram $peer).Address | Should -Be '127.0.0.2'
            (Read-Message $job).LocalAddress | Should -Be '127.0.0.2'
        }

        It 'hears a broadcast, and answers it from its own address' -Skip:(-not $IsLinux) {
            $job = Start-TestListener -LocalAddress Any

            $ack = Send-UdpMessage 127.255.255.255 $job.LocalPort 'anyone?' -Broadcast |
                Receive-UdpAck -All -TimeoutSeconds 3

            $ack.RemoteAddress | Should -Be '127.0.0.1'
        }

        It 'joins a -MulticastGroup on an -Interface' -Skip:(-not $hasMulticast) {
            Skip-OnWine MulticastIndex
            $job = Start-TestListener -MulticastGroup 239.255.40.10 -Interface 127.0.0.1

            $ack = Send-UdpMessage 239.255.40.10 $job.LocalPort 'hello' -LocalAddress 127.0.0.1 | Receive-UdpAck

            $ack.RemoteAddress | Should -Be '127.0.0.1'
            (Read-Message $job).LocalAddress | Should -Be '239.255.40.10'
        }

        It 'goes on after a peer that did not wait for its answer' {
            $job = Start-TestListener
            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort 'and gone'
            $peer.Dispose()
            $null = Read-Message $job

            Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -Quiet | Should -BeTrue
        }

        It 'shares the port with -ReuseAddress' {
            $first = Start-TestListener -ReuseAddress

            $second = Start-UdpListener -Port $first.LocalPort -ReuseAddress -AsJob

            $second.LocalPort | Should -Be $first.LocalPort
        }
    }

    Context 'What -Encoding takes' {
        BeforeAll {
            $eAcute = [string] [char] 0xE9
        }

        It 'reads and answers in <Name>' -ForEach @(
            @{ Name = 'utf8, the default'; Parameters = @{}; Bytes = 0xC3, 0xA9 }
            @{ Name = 'a name'; Parameters = @{ Encoding = 'bigendianunicode' }; Bytes = 0x00, 0xE9 }
            @{ Name = 'the number of a code page'; Parameters = @{ Encoding = 28591 }; Bytes = , 0xE9 }
            @{ Name = 'the name of a code page'; Parameters = @{ Encoding = 'iso-8859-1' }; Bytes = , 0xE9 }
            @{ Name = 'an Encoding object'; Parameters = @{ Encoding = [System.Text.Encoding]::Unicode }; Bytes = 0xE9, 0x00 }
            @{ Name = 'an Encoding object from a pipeline'; Parameters = @{ Encoding = [psobject]::AsPSObject([System.Text.Encoding]::Unicode) }; Bytes = 0xE9, 0x00 }
        ) {
            $job = Start-TestListener -AckMessage "$eAcute$eAcute" @Parameters
            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort $Bytes

            (Read-Message $job).Message | Should -BeExactly $eAcute
            (Read-Datagram $peer).Bytes | Should -Be ($Bytes + $Bytes)
        }

        It 'refuses an encoding that there is not, and names those there are' {
            $failure = Get-ErrorOf { Start-UdpListener -Port 0 -Encoding klingon }

            $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
            $failure.Exception.Message | Should -Match 'klingon.*utf8NoBOM'
        }

        It 'completes names' {
            $line = 'Start-UdpListener -Encoding utf8'

            $completions = (TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText

            $completions | Should -Be 'utf8', 'utf8BOM', 'utf8NoBOM'
        }
    }

    Context 'The job' {
        It 'has bound the port, and shows it, before it is returned' {
            $job = Start-TestListener

            $job | Should -BeOfType ([UdpPS.UdpListenerJob])
            $job.LocalAddress | Should -Be '127.0.0.1'
            $job.LocalPort | Should -BeGreaterThan 0
            $job.Location | Should -Be "127.0.0.1:$($job.LocalPort)"
            { New-Peer -Port $job.LocalPort } | Should -Throw
        }

        It 'has the name given with -Name and is found by it' {
            $job = Start-TestListener -Name 'UdpPS test'

            Get-Job 'UdpPS test' | Should -Be $job
            $job.State | Should -Be 'Running'
        }

        It 'gives its messages to Receive-Job once, unless they are kept' {
            $job = Start-TestListener -Count 1
            Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -Quiet | Should -BeTrue
            $null = Wait-Job $job -Timeout $deadlineSeconds

            (Receive-Job $job -Keep).Message | Should -Be 'hello'
            (Receive-Job $job).Message | Should -Be 'hello'
            Receive-Job $job | Should -BeNullOrEmpty
        }

        It 'ends and frees the port with Stop-Job, and keeps what came' {
            $job = Start-TestListener
            Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -Quiet | Should -BeTrue

            Stop-Job $job

            $job.State | Should -Be 'Stopped'
            { New-Peer -Port $job.LocalPort } | Should -Not -Throw
            (Receive-Job $job).Message | Should -Be 'hello'
        }

        It 'counts nothing as an error that comes of being stopped' {
            # In a wait, which the stop then ends.
            foreach ($round in 1..10) {
                $job = Start-TestListener
                Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -Quiet | Should -BeTrue

                Stop-Job $job

                $job.Statistics.Errors | Should -Be 0
                $job.Error | Should -BeNullOrEmpty
                $job.JobStateInfo.Reason | Should -BeNullOrEmpty
            }
        }

        It 'frees the port with Remove-Job -Force, and is gone' {
            $job = Start-TestListener

            Remove-Job $job -Force

            Get-Job | Should -Not -Contain $job
            { New-Peer -Port $job.LocalPort } | Should -Not -Throw
        }

        It 'keeps none with -Verbose:$false, whatever the session says' {
            $VerbosePreference = 'Continue'
            $job = Start-UdpListener -Port 0 -AsJob -Count 1 -Verbose:$false
            $null = Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck
            $null = Wait-Job $job -Timeout $deadlineSeconds

            $job.Verbose | Should -HaveCount 0
        }

        It 'keeps verbose texts of its own with -Verbose' {
            $job = Start-TestListener -Count 1 -Verbose
            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort 'hello'
            $null = Wait-Job $job -Timeout $deadlineSeconds

            $job.Verbose | ForEach-Object Message | Select-Object -First 2 | Should -Be @(
                "Message from 127.0.0.1:$(Get-PeerPort $peer)"
                "Acknowledgment sent to 127.0.0.1:$(Get-PeerPort $peer)"
            )
        }

        It 'counts in Statistics' {
            $job = Start-TestListener
            1..3 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Receive-UdpAck -Quiet | Should -Be $true, $true, $true

            Wait-Until { $job.Statistics.Acknowledged -eq 3 }

            $job.Statistics.Received | Should -Be 3
            $job.Statistics.Delivered | Should -Be 3
            foreach ($other in 'Dropped', 'Denied', 'SuppressedAcks', 'Duplicates', 'Errors') {
                $job.Statistics.$other | Should -Be 0 -Because $other
            }
        }

        It 'drops what does not fit into -QueueLength, counts it and warns of it' {
            $gate = New-Object System.Threading.ManualResetEventSlim
            $disposables.Add($gate)
            $job = Start-TestListener -QueueLength 1 -AckScript { ($using:gate).Wait(); 'ok' }
            1..10 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Out-Null
            Wait-Until { $job.Statistics.Received + $job.Statistics.Dropped -eq 10 }
            $gate.Set()
            Wait-Until { $job.Statistics.Acknowledged -eq $job.Statistics.Received }
            Stop-Job $job

            $dropped = $job.Statistics.Dropped

            $dropped | Should -BeGreaterThan 7 -Because 'one message is being answered and one waits'
            $messages = @(Receive-Job $job -WarningVariable warnings -WarningAction SilentlyContinue)
            $messages | Should -HaveCount (10 - $dropped)
            "$warnings" | Should -Match "dropped.*\b$dropped\b"
        }

        It 'warns of what was dropped and of what had come and was not delivered at once' {
            $gate = New-Object System.Threading.ManualResetEventSlim
            $disposables.Add($gate)
            $job = Start-TestListener -QueueLength 2 -AckScript { ($using:gate).Wait(); 'ok' }
            1..10 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Out-Null
            Wait-Until { $job.Statistics.Received + $job.Statistics.Dropped -eq 10 }
            Stop-Job $job
            $gate.Set()
            Wait-Until { $job.State -eq 'Stopped' }

            $messages = @(Receive-Job $job -WarningVariable warnings -WarningAction SilentlyContinue)

            $dropped, $left = $job.Statistics.Dropped, ($job.Statistics.Received - $messages.Count)
            $dropped | Should -BeGreaterThan 0
            $left | Should -BeGreaterThan 0
            "$warnings" | Should -Match "dropped.*: $dropped\..* not delivered: $left\."
        }
    }

    Context 'Errors' {
        It 'writes <Id> for <Script>' -ForEach @(
            @{ Id = 'UdpAddressNotAvailable'; Category = 'InvalidArgument'; Target = '192.0.2.1'
                Script = { Start-UdpListener -Port 0 -LocalAddress 192.0.2.1 }
            }
            @{ Id = 'UdpHostNotFound'; Category = 'ObjectNotFound'; Target = 'nosuch.invalid'
                Script = { Start-UdpListener -Port 0 -LocalAddress nosuch.invalid }
            }
            @{ Id = 'UdpInvalidNetwork'; Category = 'InvalidArgument'; Target = '10.0.0.0/33'
                Script = { Start-UdpListener -Port 0 -AllowFrom 10.0.0.0/33 }
            }
            @{ Id = 'UdpInvalidMulticastGroup'; Category = 'InvalidArgument'; Target = '10.0.0.1'
                Script = { Start-UdpListener -Port 0 -MulticastGroup 10.0.0.1 }
            }
            @{ Id = 'UdpInterfaceNotFound'; Category = 'ObjectNotFound'; Target = 'nosuch0'
                Script = { Start-UdpListener -Port 0 -MulticastGroup 239.255.40.10 -Interface nosuch0 }
            }
            @{ Id = 'UdpInterfaceWithoutGroup'; Category = 'InvalidArgument'; Target = 'lo'
                Script = { Start-UdpListener -Port 0 -Interface lo }
            }
            @{ Id = 'UdpNameWithoutJob'; Category = 'InvalidArgument'; Target = 'mine'
                Script = { Start-UdpListener -Port 0 -Name mine }
            }
        ) {
            Assert-UdpError (Get-ErrorOf $Script) $Id $Category $Target
        }

        It 'writes UdpAddressInUse for a port that is taken' {
            $port = Get-PeerPort (New-Peer)

            $failure = Get-ErrorOf { Start-UdpListener -Port $port }

            Assert-UdpError $failure UdpAddressInUse ResourceBusy "127.0.0.1:$port"
        }

        It 'writes UdpAddressInUse for -ReuseAddress where the other listener does not share its port' {
            $port = (Start-TestListener).LocalPort

            $failure = Get-ErrorOf { Start-UdpListener -Port $port -ReuseAddress }

            Assert-UdpError $failure UdpAddressInUse ResourceBusy "127.0.0.1:$port"
        }

        It 'writes UdpAddressFamilyMismatch for an IPv6 group on every IPv4 address' {
            $failure = Get-ErrorOf { Start-UdpListener -Port 0 -LocalAddress 0.0.0.0 -MulticastGroup ff02::40 }

            $failure.FullyQualifiedErrorId | Should -BeLike 'UdpAddressFamilyMismatch,*'
        }

        It 'asks for the scope of a -LocalAddress of one link' -Skip:(-not $IsLinux) {
            $failure = Get-ErrorOf { Start-UdpListener -Port 0 -LocalAddress fe80::1 }

            Assert-UdpError $failure UdpAddressNotAvailable InvalidArgument 'fe80::1'
            $failure.Exception.Message | Should -Match 'needs the scope'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'behind a percent sign'
        }

        It 'does not return a job when the port cannot be had' {
            $port = Get-PeerPort (New-Peer)

            $failure = Get-ErrorOf { Start-UdpListener -Port $port -AsJob }

            Assert-UdpError $failure UdpAddressInUse ResourceBusy "127.0.0.1:$port"
            Get-Job | Where-Object Location -EQ "127.0.0.1:$port" | Should -BeNullOrEmpty
        }

        It 'refuses <Name> <Value>' -ForEach @(
            @{ Name = 'Port'; Value = -1 }
            @{ Name = 'Port'; Value = 65536 }
            @{ Name = 'Count'; Value = -1 }
            @{ Name = 'TimeoutSeconds'; Value = -1 }
            @{ Name = 'IdleTimeoutSeconds'; Value = -1 }
            @{ Name = 'QueueLength'; Value = 0 }
            @{ Name = 'MaxAcksPerSecond'; Value = -1 }
            @{ Name = 'DuplicateWindowSeconds'; Value = -1 }
        ) {
            $parameters = @{ $Name = $Value }

            $failure = Get-ErrorOf { Start-UdpListener @parameters }

            $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        }

        It 'refuses two kinds of answer at once' {
            $failure = Get-ErrorOf { Start-UdpListener -Port 0 -NoAck -AckMessage 'ok' }

            $failure.FullyQualifiedErrorId | Should -BeLike 'AmbiguousParameterSet,*'
        }
    }
}
