# Nothing that a peer sends ends a listener, stalls another client, delays a stop, or grows memory without a bound that is
# written down. Seen from outside, as Promise.Tests.ps1 is.

BeforeDiscovery {
    $onLinux = [bool] (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore)
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
    $onLinux = [bool] (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore)

    function Copy-ThroughClixml($Object) {
        $file = Join-Path $TestDrive 'copy.xml'
        $Object | Export-Clixml $file
        Import-Clixml $file
    }

    $strict = New-Object System.Text.UTF8Encoding $false, $true
}

Describe 'Peers that nobody finds' {
    AfterEach {
        Clear-TestResource
    }

    It 'do not hold up an honest client, nor the end, <Name>' -ForEach @(
        @{ Name = 'with a large send buffer'; Shrink = ''; IsRefused = $false }

        # What a system grants to a process without rights, by its usual limit.
        @{ Name = 'with a small send buffer'; Shrink = 'Set-SendBuffer 212992'; IsRefused = $true }
    ) {
        $listenerHost = New-TestHost
        $senderHost = New-TestHost
        Connect-TestHost $listenerHost 198.18.0.1/15 $senderHost 198.18.0.2/15
        $listener = Start-ModuleProcess -Launcher (Get-HostLauncher $listenerHost) ('
            function Set-SendBuffer([int] $Bytes) {
                Add-Type "using System.Runtime.InteropServices;
                    public static class Native {
                        [DllImport(`"libc`", SetLastError = true)] public static extern int setsockopt(int socket, int level, int name, ref int value, int length);
                    }"
                $line = Get-Content /proc/net/udp | Where-Object { $_ -match ":0FAA " }
                $inode = ($line.Trim() -split " +")[9]
                $descriptor = Get-ChildItem /proc/self/fd | Where-Object { $_.LinkTarget -eq "socket:[$inode]" }
                if ([Native]::setsockopt($descriptor.Name, 1, 7, [ref] $Bytes, 4) -ne 0) {
                    throw "SO_SNDBUF of descriptor $($descriptor.Name): errno $([System.Runtime.InteropServices.Marshal]::GetLastWin32Error())"
                }
            }
            $job = Start-UdpListener -LocalAddress 198.18.0.1 -AsJob -NoOutput -AckScript { "ok" } -DuplicateWindowSeconds 60
            ' + $Shrink + '
            "up"
            while (($line = [Console]::In.ReadLine()) -ne "stop") {
                $clock = [System.Diagnostics.Stopwatch]::StartNew()
                $s = $job.Statistics
                "$($s.Received) $($s.Errors) $([int] $clock.Elapsed.TotalMilliseconds)"
            }
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            Stop-Job $job
            [int] $clock.Elapsed.TotalMilliseconds
            @($job.Error | ForEach-Object FullyQualifiedErrorId).Count')
        Read-ProcessLine $listener | Should -Be 'up'

        # 300 a second, each from an address of the network that no machine has.
        $null = Start-Python $senderHost "
import socket, struct, time
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
target = socket.inet_aton('198.18.0.1')
began = time.monotonic()
for i in range(18000):
    addresses = struct.pack('!BBBB', 198, 19, i >> 8 & 255, i & 255) + target
    udp = struct.pack('!HHHH', 5000, 4010, 13, 0) + b'hello'
    raw.sendto(struct.pack('!BBHHHBBH', 0x45, 0, 33, 0, 0, 64, 17, 0) + addresses + udp, ('198.18.0.1', 0))
    wait = began + (i + 1) / 300 - time.monotonic()
    if wait > 0: time.sleep(wait)
"
        # The table of neighbors is full of what is waited for.
        Wait-Until {
            Write-ProcessLine $listener 'statistics'
            [int] ((Read-ProcessLine $listener) -split ' ')[0] -gt 1200
        }

        $client = Start-ModuleProcess -Launcher (Get-HostLauncher $senderHost) '
            1..60 | ForEach-Object { "message $_" } | Send-UdpMessage 198.18.0.1 |
                Receive-UdpAck -PassThru -TimeoutSeconds 1 -MaximumRetryCount 2 | Group-Object Status -NoElement |
                ForEach-Object { "$($_.Name) $($_.Count)" }'
        $verdicts = (Wait-TestProcess $client).Output
        Write-ProcessLine $listener 'statistics'
        $received, $errors, $milliseconds = [int[]] ((Read-ProcessLine $listener) -split ' ')
        Write-ProcessLine $listener 'stop'
        $stopped = [int] (Read-ProcessLine $listener)
        $written = [int] (Read-ProcessLine $listener)

        if ($IsRefused) {
            $errors | Should -BeGreaterThan 0 -Because 'acks that the system has no room for are counted'
        }
        else {
            $verdicts | Should -Be 'Acknowledged 60'
        }

        # Far below the seconds that one of these neighbors is waited for, and far above what a busy machine needs.
        $milliseconds | Should -BeLessThan 1500
        $stopped | Should -BeLessThan 1500
        $written | Should -Be 0
    }
}

Describe 'A payload' {
    AfterEach {
        Clear-TestResource
    }

    It 'that the encoding does not have is shown with replacement, and ends nothing' {
        $job = Start-TestListener -Encoding $strict
        $bytes = [byte[]] (0x61, 0xFF, 0x62)

        $ack = Send-UdpMessage 127.0.0.1 $job.LocalPort $bytes | Receive-UdpAck

        $ack.Message | Should -Be 'Message received'
        $message = Read-Message $job
        $message.Message | Should -BeExactly "a$([char] 0xFFFD)b"
        $message.Bytes | Should -Be $bytes
        $job.State | Should -Be Running
    }

    It 'that an ack has is shown with replacement by a sender with a strict -Encoding' {
        $job = Start-TestListener -AckScript { , [byte[]] (0x61, 0xFF) }

        (Send-UdpMessage 127.0.0.1 $job.LocalPort 'hi' | Receive-UdpAck -Encoding $strict).Message |
            Should -BeExactly "a$([char] 0xFFFD)"
        (Send-UdpMessage 127.0.0.1 $job.LocalPort ([byte[]] (0x61, 0xFF)) -Encoding $strict).Message |
            Should -BeExactly "a$([char] 0xFFFD)"
    }

    It 'that an -AckScript cannot send back in a strict -Encoding is an error of its message' {
        $ascii = [System.Text.Encoding]::GetEncoding('us-ascii', [System.Text.EncoderFallback]::ExceptionFallback,
            [System.Text.DecoderFallback]::ExceptionFallback)
        $job = Start-TestListener -Encoding $ascii -AckScript { "re: $($_.Message)" }

        $bad = Send-UdpMessage 127.0.0.1 $job.LocalPort ([byte[]] (0xE9))
        (Send-UdpMessage 127.0.0.1 $job.LocalPort 'fine' | Receive-UdpAck).Message | Should -Be 're: fine'
        $bad | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
        $job.Error[0].FullyQualifiedErrorId | Should -BeLike 'UdpAckScriptFailed*'
        $job.State | Should -Be Running
    }

    It 'of U+FFFE and U+FFFF can be exported, and its bytes are exact' {
        $job = Start-TestListener
        $bytes = [byte[]] (0xEF, 0xBF, 0xBE, 0x61, 0xEF, 0xBF, 0xBF)
        $file = Join-Path $TestDrive 'message.xml'
        $ack = Send-UdpMessage 127.0.0.1 $job.LocalPort $bytes | Receive-UdpAck

        $ack, (Read-Message $job) | Export-Clixml $file

        $copies = Import-Clixml $file
        $copies[0].SentMessage | Should -BeExactly "$([char] 0xFFFD)a$([char] 0xFFFD)"
        $copies[1].Message | Should -BeExactly "$([char] 0xFFFD)a$([char] 0xFFFD)"
        $copies[1].Bytes | Should -Be $bytes
    }
}

Describe 'Text from the network' {
    BeforeAll {
        $escape = [char] 27
        $hostile = "evil$escape[2J$([char] 0x202E)"

        # All that PowerShell makes of errors, by whatever view.
        function ConvertTo-ErrorText($Record) {
            $before = $global:ErrorView
            $global:Error.Clear()
            try {
                foreach ($view in 'ConciseView', 'NormalView', 'CategoryView', 'DetailedView') {
                    $global:ErrorView = $view
                    $Record | Out-String -Width 200
                }
            }
            finally {
                $global:ErrorView = $before
            }

            if (Get-Command Get-Error -ErrorAction Ignore) {
                $Record | Get-Error | Out-String -Width 200
            }

            $Record | Format-List * -Force | Out-String -Width 200
        }
    }

    AfterEach {
        Clear-TestResource
    }

    It 'drives no terminal from the error of a <Name>' -ForEach @(
        @{ Name = 'script that throws'; Script = { throw "no $($_.Message)" } }
        @{ Name = 'script that converts it'; Script = { [int] $_.Message } }
        @{ Name = 'script that names a file by it'; Script = { Get-Item -LiteralPath "/no/such/$($_.Message)" } }
        @{ Name = 'script that writes it'; Script = { Write-Error "no $($_.Message)" -TargetObject $_ } }
        @{ Name = 'script that throws it alone, which is then the id too'; Script = { trap { 'ok' } throw $_.Message } }
        @{ Name = 'script that gives it to every part'; Script = {
                Write-Error -Message bad -RecommendedAction $_.Message -ErrorId $_.Message -TargetObject $_.Message -CategoryTargetName $_.Message `
                    -CategoryTargetType $_.Message -CategoryActivity $_.Message -CategoryReason $_.Message
            }
        }
        @{ Name = 'script that throws a record'; Script = {
                throw [System.Management.Automation.ErrorRecord]::new([Exception] 'bad', $_.Message, 'NotSpecified', $_.Message)
            }
        }
        @{ Name = 'script with an exception behind its text'; Script = { Write-Error -Message bad -Exception ([Exception]::new($_.Message)) } }
        @{ Name = 'script with an exception in another'; Script = { throw [Exception]::new('bad', [Exception]::new($_.Message)) } }
        @{ Name = 'script that writes an exception in another'; Script = { Write-Error -Exception ([Exception]::new('bad', [Exception]::new($_.Message))) } }
        @{ Name = 'script without an ack'; Script = { 1; 2 } }
    ) {
        $job = Start-TestListener -AckScript $Script
        $null = Send-UdpMessage 127.0.0.1 $job.LocalPort $hostile
        Wait-Until { $job.Error.Count -eq 1 }

        # Colors of the view's own begin so too, and name nothing of the payload.
        $shown = (ConvertTo-ErrorText $job.Error[0]) -join '' -replace "$escape\[[\d;]*m"
        $shown | Should -Not -Match $escape
        $shown | Should -Not -Match ([char] 0x202E)
        $shown | Should -Match 'bad|evil'
    }

    It 'leaves an error as it is where no part of it has anything to escape' {
        $job = Start-TestListener -AckScript {
            Write-Error -Exception ([ArgumentException]::new($_.Message, [FormatException]::new('inner'))) -ErrorId mine -TargetObject $_ -RecommendedAction rest
        }
        $null = Send-UdpMessage 127.0.0.1 $job.LocalPort harmless
        Wait-Until { $job.Error.Count -eq 1 }

        $record = $job.Error[0]
        $record.Exception | Should -BeOfType ArgumentException
        $record.Exception.InnerException | Should -BeOfType FormatException
        $record.FullyQualifiedErrorId | Should -BeLike 'mine*'
        $record.TargetObject.Message | Should -Be harmless
        $record.ErrorDetails.RecommendedAction | Should -Be rest
    }

    It 'drives no terminal by the string form of <_>' -ForEach 'a message', 'a sent message', 'an ack' {
        $job = Start-TestListener -AckScript { $_.Message + '!' }
        $sent = Send-UdpMessage 127.0.0.1 $job.LocalPort $hostile
        $ack = $sent | Receive-UdpAck
        $object = switch ($_) { 'a message' { Read-Message $job } 'a sent message' { $sent } 'an ack' { $ack } }

        "$object" | Should -Match "^evil\u241B\[2J\\u202E!?$"
        $object.Message | Should -BeLike "$hostile*".Replace('[', '`[')
        (Copy-ThroughClixml $object).ToString() | Should -Be "$object"
    }
}

Describe 'An object that cannot be sent' {
    BeforeAll {
        class Textless { [string] ToString() { throw 'no text' } }
    }

    AfterEach {
        Clear-TestResource
    }

    It 'is an error of its own, and the next one is sent: <Name>' -ForEach @(
        @{ Name = 'a record whose message is itself'; Make = { $o = [pscustomobject] @{ Message = $null }; $o.Message = $o; $o } }
        @{ Name = 'records in records'; Make = { $o = 'x'; for ($i = 0; $i -lt 100000; $i++) { $o = [pscustomobject] @{ Message = $o } }; $o } }
        @{ Name = 'a list that contains itself'; Make = { $o = New-Object System.Collections.ArrayList; $null = $o.Add($o); , $o } }
        @{ Name = 'a list that contains itself often'; Make = {
                $o = New-Object System.Collections.ArrayList; 1..50 | ForEach-Object { $null = $o.Add($o) }; , $o
            }
        }
        @{ Name = 'lists in lists'; Make = { $o = @('x'); for ($i = 0; $i -lt 50000; $i++) { $o = , $o }; , $o } }
        @{ Name = 'one whose string form throws'; Make = { New-Object Textless } }
        @{ Name = 'one whose Message property throws'; Make = {
                [pscustomobject] @{ a = 1 } | Add-Member ScriptProperty Message { throw 'no message' } -PassThru
            }
        }
    ) {
        $job = Start-TestListener -NoOutput -AckScript { $_.Message }
        $object = & $Make

        $rows = @(& { , $object; 'next' } | Send-UdpMessage 127.0.0.1 $job.LocalPort -ErrorVariable failures -ErrorAction SilentlyContinue)

        $rows[0].Status | Should -Be NotSent
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'UdpMessageNotText,*'
        $rows[-1].Message | Should -Be 'next'
        $rows[-1].Status | Should -Be Sent
        Wait-Until { $job.Statistics.Received -eq 1 }
    }
}

Describe 'A job that nobody receives from' {
    AfterEach {
        Clear-TestResource
    }

    It 'holds -QueueLength messages, drops the others without an ack, and warns once' {
        $job = Start-TestListener -QueueLength 100 -Name forgotten
        $sent = @(1..300 | Send-UdpMessage 127.0.0.1 $job.LocalPort)
        Wait-Until { $job.Statistics.Acknowledged + $job.Statistics.Dropped -eq 300 }
        Wait-Until { $job.Warning.Count -gt 0 }

        $job.Output | Should -HaveCount 100
        $job.Statistics.Acknowledged | Should -Be 100
        @($sent | Receive-UdpAck -TimeoutSeconds 0.1 -ThrottleLimit 300 -ErrorAction SilentlyContinue).Count | Should -BeLessOrEqual 100
        $job.Warning | Should -HaveCount 1
        "$($job.Warning)" | Should -Match '^Nobody receives from the job forgotten'
        "$($job.Warning)" | Should -Match 'Receive-Job' 
        "$($job.Warning)" | Should -Match '-NoOutput'

        # What is kept makes no room.
        @(Receive-Job $job -Keep -WarningAction SilentlyContinue).Count | Should -Be 100
        Send-UdpMessage 127.0.0.1 $job.LocalPort 'too many' | Receive-UdpAck -Quiet -TimeoutSeconds 0.2 | Should -BeFalse

        @(Receive-Job $job -WarningAction SilentlyContinue).Count | Should -Be 100
        Send-UdpMessage 127.0.0.1 $job.LocalPort 'room again' | Receive-UdpAck -Quiet | Should -BeTrue
        (Read-Message $job).Message | Should -Be 'room again'
        $job.Warning | Should -HaveCount 0
        $job.Statistics.Dropped | Should -Be 201

        # It fills once more, which is told once more.
        1..150 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Out-Null
        Wait-Until { $job.Statistics.Dropped -eq 251 -and $job.Warning.Count -gt 0 }
        $job.Warning | Should -HaveCount 1
    }

    It 'holds 64 MiB' {
        $job = Start-TestListener
        $payload = New-Object byte[] 65000
        $acks = @(1..1100 | ForEach-Object { , $payload } | Send-UdpMessage 127.0.0.1 $job.LocalPort |
                Receive-UdpAck -TimeoutSeconds 5 -ThrottleLimit 100 -Quiet)

        $held = [math]::Floor(64MB / 65000)
        $job.Output.Count | Should -Be $held
        @($acks -eq $true).Count | Should -Be $held
        Remove-Job $job -Force
    }

    It 'keeps the newest 1,000 records of each stream' {
        $job = Start-TestListener -NoOutput -Verbose -AckScript { Write-Error "no $($_.Message)"; 'ok' }
        1..1200 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Out-Null
        Wait-Until { $job.Statistics.Delivered -eq 1200 -and "$($job.Error[-1])" -match '1200' }

        $job.Error | Should -HaveCount 1000
        "$($job.Error[0])" | Should -Be 'no 201'
        $job.Verbose.Count | Should -Be 1000
    }

    It 'does not count messages with -NoOutput' {
        $job = Start-TestListener -QueueLength 10 -NoOutput -AckScript { 'ok' }

        1..200 | Send-UdpMessage 127.0.0.1 $job.LocalPort | Receive-UdpAck -Quiet | Should -Not -Contain $false
        $job.Statistics.Dropped | Should -Be 0
    }
}

Describe 'The queue of a listener whose pipeline is stuck' {
    AfterEach {
        Clear-TestResource
    }

    It 'holds 64 MiB' {
        $job = Start-TestListener -NoOutput -NoAck
        $gate = New-Object System.Threading.ManualResetEventSlim
        $disposables.Add($gate)
        $pipeline = Start-TestPipeline {
            param($gate)
            Start-UdpListener -Port 0 -IdleTimeoutSeconds 3 | ForEach-Object { $gate.Wait() } -End { 'done' }
        } $gate
        $peer = New-Peer
        $payload = New-Object byte[] 65000

        # Paced by a listener that keeps up, so that the system drops nothing.
        for ($i = 1; $i -le 1100; $i++) {
            Send-Datagram $peer $pipeline.Port $payload
            Send-Datagram $peer $job.LocalPort $payload
            Wait-Until { $job.Statistics.Received -eq $i }
        }

        $gate.Set()
        Wait-TestSession $pipeline | Should -Be 'done'
        $held = [math]::Floor(64MB / 65000)
        $dropped = [int] [regex]::Match("$($pipeline.PowerShell.Streams.Warning)", 'they came: (\d+)\.').Groups[1].Value
        $dropped | Should -BeGreaterOrEqual (1100 - $held - 64)
        $dropped | Should -BeLessOrEqual (1100 - $held)
    }
}

Describe 'A listener' {
    AfterEach {
        Clear-TestResource
    }

    It 'whose socket the system destroys fails, and says so' -Skip:(-not $onLinux) {
        $name = New-TestHost
        $process = Start-ModuleProcess -Launcher (Get-HostLauncher $name) '
            $job = Start-UdpListener -Port 0 -AsJob
            $job.LocalPort
            $null = $job | Wait-Job
            "$($job.State) $($job.Error[0].FullyQualifiedErrorId)"'
        $port = Read-ProcessLine $process

        Wait-Until {
            $null = & ip netns exec $name ss --udp --all --kill sport = ":$port"
            $LASTEXITCODE -eq 0
        }

        Read-ProcessLine $process | Should -BeLike 'Failed UdpListenerFailed*'
    }

    It 'is one of a thousand, and all are gone after Remove-Job' {
        $jobs = @(1..1000 | ForEach-Object { Start-TestListener -NoOutput -NoAck })

        $jobs | ForEach-Object { Send-UdpMessage 127.0.0.1 $_.LocalPort 'hi' } | Out-Null
        Wait-Until { @($jobs | Where-Object { $_.Statistics.Delivered -ne 1 }).Count -eq 0 }
        $jobs | Remove-Job -Force

        foreach ($job in $jobs[0], $jobs[500], $jobs[999]) {
            { New-Peer -Port $job.LocalPort } | Should -Not -Throw
        }

        if ($onLinux) {
            Wait-Until { -not (Get-Content /proc/self/task/*/comm -ErrorAction Ignore | Where-Object { $_ -like 'UdpPS*' }) }
        }
    }

    It 'is started and stopped hundreds of times, and leaves no thread and no descriptor' -Skip:(-not $onLinux) {
        function Get-DescriptorCount { @(Get-ChildItem /proc/self/fd -ErrorAction Ignore).Count }
        $cycle = {
            $job = Start-TestListener -AckScript { 'ok' }
            $null = Send-UdpMessage 127.0.0.1 $job.LocalPort 'hi' | Receive-UdpAck
            Remove-Job $job -Force
        }
        1..5 | ForEach-Object { & $cycle }
        $before = Get-DescriptorCount

        1..(300 * $attackScale) | ForEach-Object { & $cycle }

        Wait-Until { [GC]::Collect(); (Get-DescriptorCount) -le $before + 10 }
        Wait-Until { -not (Get-Content /proc/self/task/*/comm -ErrorAction Ignore | Where-Object { $_ -like 'UdpPS*' }) }
    }

    It 'answers an honest client amid a flood of forged sources' {
        $listenerHost = New-TestHost
        $senderHost = New-TestHost
        Connect-TestHost $listenerHost 198.18.0.1/15 $senderHost 198.18.0.2/15

        # What is on another network needs no neighbor of its own: its acks go to this router, which drops them.
        Invoke-Ip -n $listenerHost route add default via 198.18.0.2
        $listener = Start-ModuleProcess -Launcher (Get-HostLauncher $listenerHost) '
            $job = Start-UdpListener -LocalAddress 198.18.0.1 -AsJob -NoOutput -AckScript { "ok" } -MaxAcksPerSecond 1000 -DuplicateWindowSeconds 60
            "up"
            $null = [Console]::In.ReadLine()
            "$($job.State) $($job.Error.Count)"'
        Read-ProcessLine $listener | Should -Be 'up'
        $flood = Start-Python $senderHost "
import socket, struct
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
target = socket.inet_aton('198.18.0.1')
for i in range($(200000 * $attackScale)):
    source = struct.pack('!BBBB', 11 + (i >> 16) % 80, i >> 8 & 255, i & 255, 1)
    udp = struct.pack('!HHHH', 1024 + i % 60000, 4010, 13, 0) + b'hello'
    raw.sendto(struct.pack('!BBHHHBBH', 0x45, 0, 33, 0, 0, 64, 17, 0) + source + target + udp, ('198.18.0.1', 0))
"
        $client = Start-ModuleProcess -Launcher (Get-HostLauncher $senderHost) '
            $quiet = 1..40 | ForEach-Object { "message $_" } | Send-UdpMessage 198.18.0.1 | Receive-UdpAck -Quiet -TimeoutSeconds 1 -MaximumRetryCount 4
            @($quiet -eq $true).Count'
        (Wait-TestProcess $client).Output | Should -Be 40
        $flood.WaitForExit(600000 * $attackScale) | Should -BeTrue
        Write-ProcessLine $listener 'done'
        Read-ProcessLine $listener | Should -Be 'Running 0'
    }
}
