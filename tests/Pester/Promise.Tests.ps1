# What a listener promises, seen from outside: when an ack leaves, to whom, and what it says. Nothing here knows how the
# listener works, so these tests outlive what is under them.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $hasMulticast = Test-LoopbackMulticast
    $isUnix = [bool] (Get-Variable IsLinux, IsMacOS -ValueOnly -ErrorAction Ignore | Where-Object { $_ })
    $onLinux = [bool] (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore)

    # What an -AckScript does, and what becomes of its message: the ack, or null for none, and the id of the error.
    $scripts = @(
        @{ Does = 'goes on after an exception of a method'; Script = { $null = [int]::Parse('zz'); 'stored' }; Ack = $null; Id = 'FormatException' }
        @{ Does = 'writes an error'; Script = { Write-Error 'full' -ErrorId Full; 'stored' }; Ack = $null; Id = 'Full' }
        @{ Does = 'calls a cmdlet that fails'; Script = { Get-Item /no/such/file; 'stored' }; Ack = $null; Id = 'PathNotFound' }
        @{ Does = 'throws'; Script = { throw 'full' }; Ack = $null; Id = 'UdpAckScriptFailed' }
        @{ Does = 'outputs two texts'; Script = { 'a'; 'b' }; Ack = $null; Id = 'UdpAckScriptFailed' }
        @{ Does = 'outputs nothing'; Script = { }; Ack = $null; Id = $null }
        @{ Does = 'catches its error'; Script = { try { $null = [int]::Parse('zz') } catch { 'caught' } }; Ack = 'caught'; Id = $null }
        @{ Does = 'takes its error away'; Script = { Get-Item /no/such/file 2> $null; 'stored' }; Ack = 'stored'; Id = $null }
        @{ Does = 'merges its error'; Script = { "$((Get-Item /no/such/file 2>&1).GetType().Name)" }; Ack = 'ErrorRecord'; Id = $null }
        @{ Does = 'ignores its error'; Script = { Get-Item /no/such/file -ErrorAction Ignore; 'stored' }; Ack = 'stored'; Id = $null }
        @{ Does = 'silences its error'; Script = { Get-Item /no/such/file -ErrorAction SilentlyContinue; 'stored' }; Ack = 'stored'; Id = $null }
        @{ Does = 'leaves by return'; Script = { 'early'; return; 'late' }; Ack = 'early'; Id = $null }
        @{ Does = 'leaves by break'; Script = { 'early'; break; 'late' }; Ack = 'early'; Id = $null }
        @{ Does = 'leaves by continue'; Script = { 'early'; continue; 'late' }; Ack = 'early'; Id = $null }
        @{ Does = 'leaves by exit'; Script = { 'early'; exit 3; 'late' }; Ack = 'early'; Id = $null }
    )
    if ($isUnix) {
        $scripts += @(
            @{ Does = 'runs a program that writes to standard error'; Script = { /bin/sh -c 'echo oops >&2; echo stored' }; Ack = 'stored'; Id = $null }
        )
    }

    # What the README and the help say of storing, with the file to store in.
    $recipes = @(
        @{ By = 'JSON by Out-File -Append'; Recipe = '$_.ToRecord() | ConvertTo-Json -Compress | Out-File $file -Append -Encoding utf8' }
        @{ By = 'JSON by >>'; Recipe = '$_.ToRecord() | ConvertTo-Json -Compress >> $file' }
        @{ By = 'Export-Csv -Append'; Recipe = '$_.ToRecord() | Export-Csv $file -Append -NoTypeInformation' }
        @{ By = 'AppendAllText'; Recipe = '[IO.File]::AppendAllText($file, ($_.ToRecord() | ConvertTo-Json -Compress) + "`n")' }
    )
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"

    # Sends a text and returns the ack; null when none comes. Only for one that shall not come the wait is short.
    function Get-Ack([int] $Port, [string] $Text = 'hi', [switch] $IsUnwanted) {
        $sent = Send-UdpMessage 127.0.0.1 $Port $Text
        $seconds = if ($IsUnwanted) { 0.5 } else { $deadlineSeconds }
        $sent | Receive-UdpAck -PassThru -TimeoutSeconds $seconds | Out-Null
        if ($sent.Ack) { $sent.Ack.Message }
    }
}

Describe 'An ack' {
    AfterEach {
        Clear-TestResource
    }

    Context 'Of an -AckScript' {
        It 'is "<Ack>" when the script <Does>, in a job' -ForEach $scripts {
            $job = Start-TestListener -AckScript $Script

            Get-Ack $job.LocalPort -IsUnwanted:($null -eq $Ack) | Should -Be $Ack
            if ($Id) {
                Wait-Until { $job.Error.Count -gt 0 }
                $job.Error[0].FullyQualifiedErrorId | Should -BeLike "$Id*"
                $job.Statistics.Acknowledged | Should -Be 0
            }

            $job.State | Should -Be Running
        }

        It 'is "<Ack>" when the script <Does>, in the foreground, with $ErrorActionPreference <Preference>' -ForEach @(
            foreach ($preference in 'Continue', 'SilentlyContinue', 'Ignore', 'Stop') {
                foreach ($script in $scripts) {
                    $case = $script + @{ Preference = $preference }
                    if ($preference -in 'SilentlyContinue', 'Ignore') {
                        # The user does not want to see it.
                        $case.Id = $null
                    }
                    elseif ($preference -eq 'Stop' -and ($case.Id -or $case.Does -match '(takes|merges) its error')) {
                        # There an error ends the script before anything can take it away.
                        $case.Ack = $null
                        $case.Id = 'UdpAckScriptFailed'
                    }

                    $case
                }
            }
        ) {
            $pipeline = Start-TestPipeline {
                param($script, $preference)
                $ErrorActionPreference = $preference
                Start-UdpListener -Port 0 -Count 2 -AckScript ([scriptblock]::Create($script))
                "after $ErrorActionPreference"
            } "$Script", $Preference

            Get-Ack $pipeline.Port -IsUnwanted:($null -eq $Ack) | Should -Be $Ack
            $null = Send-UdpMessage 127.0.0.1 $pipeline.Port 'the last one'
            $output = @(Wait-TestSession $pipeline)

            $output | Should -HaveCount 3 -Because 'both messages come out, and the script goes on'
            $output[2] | Should -Be "after $Preference" -Because 'the preference is the caller''s again'
            if ($Id) {
                $pipeline.PowerShell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike "$Id*"
            }
        }

        It 'leaves though a program writes to standard error, which is shown and is no error' -Skip:(-not $isUnix) {
            $port = Get-FreePort
            $process = Start-ModuleProcess "
                Start-UdpListener -Port $port -Count 1 -NoOutput -ErrorAction Stop -AckScript { /bin/sh -c 'echo one >&2; echo two >&2'; 'stored' }
                `$Error.Count"
            Read-ProcessLine $process | Should -Be "UDP listener up on 127.0.0.1:$port"

            Get-Ack $port | Should -Be 'stored'
            $result = Wait-TestProcess $process
            $result.Errors -split '\r?\n' | Should -Be 'one', 'two', ''
        }

        It 'comes from a script that keeps its state in the caller''s scope, and calls the caller''s functions' {
            $pipeline = Start-TestPipeline {
                function Get-Word { 'number' }
                $n = 0
                Start-UdpListener -Port 0 -Count 2 -AckScript { $n++; "$(Get-Word) $n" } | Out-Null
                $n
            }

            Get-Ack $pipeline.Port | Should -Be 'number 1'
            Get-Ack $pipeline.Port | Should -Be 'number 2'
            Wait-TestSession $pipeline | Should -Be 2
        }

        It 'comes from the body of a function in a job, with $using: variables' {
            $word = 'again'
            function Get-Short($Text) { "$using:word $($_.Message)" }
            function Get-Long($Text, $Other = $using:word) {
                # A function whose head is shorter than its body.
                $parts = @($using:word; 'and'; $using:word; $_.Message)
                $parts -join ' '
            }

            $short = Start-TestListener -AckScript ${function:Get-Short}
            $long = Start-TestListener -AckScript ${function:Get-Long}

            (Send-UdpMessage 127.0.0.1 $short.LocalPort 'hi' | Receive-UdpAck).Message | Should -Be 'again hi'
            (Send-UdpMessage 127.0.0.1 $long.LocalPort 'hi' | Receive-UdpAck).Message | Should -Be 'again and again hi'
        }

        It 'is none when the script is of <Of>, which has SilentlyContinue for itself' -ForEach @(
            @{ Of = 'a closure'; Make = { $ErrorActionPreference = 'SilentlyContinue'; { Write-Error full; 'stored' }.GetNewClosure() } }
            @{
                Of   = 'another module'
                Make = {
                    $module = New-Module { $ErrorActionPreference = 'SilentlyContinue'; function Get-Block { { Write-Error full; 'stored' } } }
                    & $module { Get-Block }
                }
            }
        ) {
            $pipeline = Start-TestPipeline {
                param($make)
                $script = & ([scriptblock]::Create($make))
                Start-UdpListener -Port 0 -Count 1 -AckScript $script | Out-Null
                & $script.Module { "after $ErrorActionPreference" }
            } "$Make"

            Get-Ack $pipeline.Port -IsUnwanted | Should -BeNullOrEmpty
            Wait-TestSession $pipeline | Should -Be 'after SilentlyContinue'
            $pipeline.PowerShell.Streams.Error | Should -HaveCount 1
        }

        It 'is none when the script <Does>, and the next message gets one' -ForEach @(
            @{ Does = 'outputs text that the encoding does not have'; Fails = '[string] [char] 0xD800'; Id = 'UdpAckScriptFailed' }
            @{ Does = 'writes an error'; Fails = "Write-Error full -ErrorId Full; 'stored'"; Id = 'Full' }
        ) {
            $pipeline = Start-TestPipeline {
                param($fails)
                Start-UdpListener -Port 0 -Count 2 -Encoding ([System.Text.UTF8Encoding]::new($false, $true)) -AckScript (
                    [scriptblock]::Create("if (`$_.Message -eq 'bad') { $fails } else { 'ok' }"))
            } $Fails

            $bad = Send-UdpMessage 127.0.0.1 $pipeline.Port 'bad'
            (Send-UdpMessage 127.0.0.1 $pipeline.Port 'good' | Receive-UdpAck).Message | Should -Be 'ok'
            $bad | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
            Wait-TestSession $pipeline | Should -HaveCount 2
            $pipeline.PowerShell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike "$Id,UdpPS.*"
        }

        It 'stops at once when the script hangs' {
            $pipeline = Start-TestPipeline { Start-UdpListener -Port 0 -AckScript { [Threading.Thread]::Sleep(50); while ($true) { } } }
            $sent = Send-UdpMessage 127.0.0.1 $pipeline.Port 'hi'
            Wait-Until { $pipeline.Output.Count -eq 1 }

            $pipeline.PowerShell.Stop()

            { New-Peer -Port $pipeline.Port } | Should -Not -Throw
            $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 | Should -BeFalse
        }
    }

    Context 'For a retry within -DuplicateWindowSeconds' {
        It 'leaves once the message has been handled, when the first try <Failed>, in <Where>' -ForEach @(
            foreach ($where in 'a job', 'the foreground') {
                @{ Where = $where; Failed = 'threw'; Script = { $global:n++; if ($n -eq 1) { throw 'locked' }; 'stored' } }
                @{ Where = $where; Failed = 'made no ack'; Script = { $global:n++; if ($n -eq 1) { 'one'; 'two' } else { 'stored' } } }
            }
        ) {
            $global:n = 0
            if ($Where -eq 'a job') {
                $job = Start-TestListener -DuplicateWindowSeconds 3600 -AckScript $script
                $port = $job.LocalPort
            }
            else {
                $pipeline = Start-TestPipeline {
                    param($script)
                    Start-UdpListener -Port 0 -DuplicateWindowSeconds 3600 -Count 2 -AckScript ([scriptblock]::Create($script))
                } "$script"
                $port = $pipeline.Port
            }

            # All attempts are within the window.
            $sent = Send-UdpMessage 127.0.0.1 $port 'order 17' | Receive-UdpAck -PassThru -TimeoutSeconds 1 -MaximumRetryCount 4

            $sent.Status | Should -Be Acknowledged
            $sent.Ack.Message | Should -Be 'stored'
            $sent.Attempts | Should -BeGreaterOrEqual 2
        }

        It 'is no loss that the listener warns of' {
            $gate = New-Object System.Threading.ManualResetEventSlim
            $disposables.Add($gate)
            $pipeline = Start-TestPipeline {
                param($gate)
                Start-UdpListener -Port 0 -DuplicateWindowSeconds 120 -IdleTimeoutSeconds 3 | ForEach-Object { $gate.Wait(); $_ }
            } $gate
            $peer = New-Peer
            'a', 'b', 'a' | ForEach-Object { Send-Datagram $peer $pipeline.Port $_ }
            $gate.Set()

            (Wait-TestSession $pipeline).Message | Should -Be 'a', 'b'
            $pipeline.PowerShell.Streams.Warning | Should -BeNullOrEmpty
            1..3 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be (@('Message received') * 3)
        }

        It 'leaves again for what was handled, and is not handled again' {
            $job = Start-TestListener -DuplicateWindowSeconds 120 -NoOutput -AckScript { $global:n++; "handled $n" }
            $peer = New-Peer
            foreach ($i in 1..3) {
                Send-Datagram $peer $job.LocalPort 'order 17'
                (Read-Datagram $peer).Text | Should -Be 'handled 1'
            }

            $job.Statistics.Duplicates | Should -Be 2
        }

        It 'leaves for what was dropped before, because the queue was full' {
            $gate = New-Object System.Threading.ManualResetEventSlim
            $disposables.Add($gate)
            $job = Start-TestListener -DuplicateWindowSeconds 120 -QueueLength 1 -NoOutput -AckScript {
                ($using:gate).Wait()
                $global:heard += @($_.Message)
                "got $($_.Message) $(@($heard -eq $_.Message).Count)"
            }
            $peer = New-Peer
            Send-Datagram $peer $job.LocalPort 'first'
            Wait-Until { $job.Statistics.Delivered -eq 1 }
            Wait-Until {
                Send-Datagram $peer $job.LocalPort 'filler'
                $job.Statistics.Dropped -gt 0
            }

            $dropped = $job.Statistics.Dropped
            Send-Datagram $peer $job.LocalPort 'wanted'
            Wait-Until { $job.Statistics.Dropped -gt $dropped }
            $gate.Set()

            $acks = New-Object 'System.Collections.Generic.List[string]'
            Wait-Until {
                Send-Datagram $peer $job.LocalPort 'wanted'
                while ($peer.Available -gt 0) {
                    $acks.Add((Read-Datagram $peer).Text)
                }

                $acks -contains 'got wanted 1'
            }
            $acks -like 'got wanted *' | Select-Object -Unique | Should -Be 'got wanted 1'
        }
    }

    Context 'And storing' {
        It 'means that the message is in the file, when the process is killed: <By>' -ForEach $recipes {
            $file = Join-Path $TestDrive "$([guid]::NewGuid())"
            $port = Get-FreePort
            $process = Start-ModuleProcess "
                `$file = '$file'
                Start-UdpListener -Port $port -NoOutput -AckScript { $Recipe; 'stored' }"
            Read-ProcessLine $process | Should -Be "UDP listener up on 127.0.0.1:$port"

            $acks = @(1..200 | ForEach-Object { "message $_ `n and a second line, $_ too" } | Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck)
            Stop-TestProcess $process

            $acks | Should -HaveCount 200
            $stored = if ($By -match 'Csv') { @(Import-Csv $file) } else { @(Get-Content $file | ConvertFrom-Json) }
            $stored.Message | Should -Be $acks.SentMessage
        }

        It 'is withheld when the disk is full, and the listener goes on: <By>' -Skip:(-not $onLinux) -ForEach $recipes {
            if ((& id -u) -ne 0) {
                Skip-Leg netns 'A file system of its own is mounted by root only'
            }

            $port = Get-FreePort
            $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
            $mount = "mount -t tmpfs -o size=16k tmpfs '$folder' && exec `$0 `$@"
            $process = Start-ModuleProcess -Launcher 'unshare', '--mount', 'sh', '-c', $mount "
                `$file = '$folder/messages'
                Start-UdpListener -Port $port -NoOutput -AckScript { $Recipe; 'stored' } 2> `$null"
            Read-ProcessLine $process | Should -Be "UDP listener up on 127.0.0.1:$port"

            $sent = @(1..60 | ForEach-Object { "message $_ $('x' * 300)" } | Send-UdpMessage 127.0.0.1 $port |
                    Receive-UdpAck -PassThru -TimeoutSeconds 5 -ThrottleLimit 60)

            # The file system is mounted for this process only; its root in /proc leads there.
            $lines = @([System.IO.File]::ReadAllText("/proc/$($process.Id)/root$folder/messages") -split '\r?\n')
            $acknowledged = @($sent | Where-Object Status -EQ Acknowledged)
            $acknowledged.Count | Should -BeIn (5..40)
            foreach ($message in $acknowledged) {
                @($lines | Where-Object { $_.Contains("`"$($message.Message)`"") -and $_ -match '["}]$' }) | Should -HaveCount 1
            }

            $sent[-1].Status | Should -Be NoReply
            $process.HasExited | Should -BeFalse
        }

        It 'has one line for each message, whatever is in it' {
            $file = Join-Path $TestDrive "$([guid]::NewGuid()).jsonl"
            $texts = "x`n10.0.0.9 door closed", "x`r`ny", "hello`n", '', "a`0b", "q`"uote", "$([char] 0x2028)$([char] 0x85)", "`u{FEFF}marked"
            $job = Start-TestListener -NoOutput -AckScript {
                $_.ToRecord() | ConvertTo-Json -Compress | Out-File $using:file -Append -Encoding utf8
                'stored'
            }

            $acks = @($texts | Send-UdpMessage 127.0.0.1 $job.LocalPort | Receive-UdpAck)

            $acks | Should -HaveCount $texts.Count
            $lines = @(Get-Content $file -Encoding utf8)
            $lines | Should -HaveCount $texts.Count
            ($lines | ConvertFrom-Json).Message[0] | Should -BeExactly $texts[0]
        }
    }

    Context 'With -NoOutput' {
        It 'leaves, and no message is emitted, in the foreground' {
            $pipeline = Start-TestPipeline { Start-UdpListener -Port 0 -Count 2 -NoOutput -AckScript { "got $($_.Message)" } }

            Get-Ack $pipeline.Port 'a' | Should -Be 'got a'
            Get-Ack $pipeline.Port 'b' | Should -Be 'got b'
            Wait-TestSession $pipeline | Should -BeNullOrEmpty
        }

        It 'leaves, and no message is emitted, in a job' {
            $job = Start-TestListener -NoOutput -AckScript { "got $($_.Message)" }

            Get-Ack $job.LocalPort 'a' | Should -Be 'got a'
            $job.Statistics.Delivered | Should -Be 1
            Receive-Job $job | Should -BeNullOrEmpty
        }

        It 'is not sent with -NoAck, and messages are only counted' {
            $job = Start-TestListener -NoOutput -NoAck
            $null = 1..5 | Send-UdpMessage 127.0.0.1 $job.LocalPort

            Wait-Until { $job.Statistics.Delivered -eq 5 }
            Receive-Job $job | Should -BeNullOrEmpty
        }

        It 'goes with -OutBuffer, and so does -AsJob, since nothing is held back' {
            { Start-UdpListener -Port 0 -NoOutput -AckScript { 'ok' } -OutBuffer 9 -TimeoutSeconds 0.01 } | Should -Not -Throw
            (Start-TestListener -OutBuffer 9).State | Should -Be Running
        }

        It 'needs -AckScript or -NoAck' {
            Assert-UdpError (Get-ErrorOf { Start-UdpListener -Port 0 -NoOutput }) UdpNoOutputWithoutAckScript InvalidArgument '-NoOutput'
        }
    }

    Context 'Under Stop' {
        It 'that cannot be sent does not end the listener, with $ErrorActionPreference <_>' -ForEach 'Stop', 'Inquire' {
            $pipeline = Start-TestPipeline {
                param($preference)
                $ErrorActionPreference = $preference
                Start-UdpListener -Port 0 -Count 2 -AckScript { if ($_.Message -eq 'bad') { 'x' * 70000 } else { 'ok' } } |
                    ForEach-Object { "$($_.Message) $ErrorActionPreference" }
                "after $ErrorActionPreference"
            } $_

            $null = Send-UdpMessage 127.0.0.1 $pipeline.Port 'bad'
            Get-Ack $pipeline.Port 'good' | Should -Be 'ok'

            Wait-TestSession $pipeline | Should -Be "bad $_", "good $_", "after $_" -Because 'what is downstream sees the caller''s'
            $pipeline.PowerShell.Streams.Error | Should -HaveCount 1
            $pipeline.PowerShell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'UdpMessageTooLong,*'
        }

        It 'that is set while the listener runs does not end it either: by <By>' -ForEach @(
            @{ By = 'what is downstream'; Script = { if ($_.Message -eq 'bad') { throw 'no' }; 'ok' }; Downstream = { $ErrorActionPreference = 'Stop' } }
            @{ By = '-AckScript'; Script = { $ErrorActionPreference = 'Stop'; if ($_.Message -eq 'bad') { Write-Error 'no' }; 'ok' }; Downstream = { } }
        ) {
            $pipeline = Start-TestPipeline {
                param($script, $downstream)
                Start-UdpListener -Port 0 -Count 2 -AckScript ([scriptblock]::Create($script)) |
                    ForEach-Object ([scriptblock]::Create($downstream))
                "after $ErrorActionPreference"
            } "$Script", "$Downstream"

            $null = Send-UdpMessage 127.0.0.1 $pipeline.Port 'bad'
            Get-Ack $pipeline.Port 'good' | Should -Be 'ok'
            Wait-TestSession $pipeline | Should -Be 'after Stop'
        }

        It 'keeps its errors in the error stream, in -ErrorVariable and in 2>&1' {
            $pipeline = Start-TestPipeline {
                $ErrorActionPreference = 'Stop'
                Start-UdpListener -Port 0 -Count 1 -AckScript { throw 'no' } -ErrorVariable failures 2>&1 |
                    ForEach-Object { $_.GetType().Name }
                $failures.Count
            }

            $null = Send-UdpMessage 127.0.0.1 $pipeline.Port 'bad'

            Wait-TestSession $pipeline | Should -Be 'UdpMessage', 'ErrorRecord', 1
        }

        It 'leaves the script going when messages were not delivered, with $WarningPreference <_>' -ForEach 'Stop', 'Inquire' {
            $gate = New-Object System.Threading.ManualResetEventSlim
            $disposables.Add($gate)
            $pipeline = Start-TestPipeline {
                param($preference, $gate)
                $WarningPreference = $preference
                Start-UdpListener -Port 0 -Count 1 | ForEach-Object { $gate.Wait() }
                "after $WarningPreference"
            } $_, $gate

            $null = 1..3 | Send-UdpMessage 127.0.0.1 $pipeline.Port
            $gate.Set()

            Wait-TestSession $pipeline | Should -Be "after $_"
            $pipeline.PowerShell.Streams.Warning | Should -HaveCount 1
            $pipeline.PowerShell.Streams.Warning[0] | Should -Match 'were not delivered: 2'
        }

        It 'ends the listener at its first error with -ErrorAction Stop' {
            $pipeline = Start-TestPipeline { Start-UdpListener -Port 0 -AckScript { throw 'no' } -ErrorAction Stop }

            $null = Send-UdpMessage 127.0.0.1 $pipeline.Port 'bad'

            { Wait-TestSession $pipeline } | Should -Throw '*-AckScript made no ack for*'
            { New-Peer -Port $pipeline.Port } | Should -Not -Throw
        }
    }

    Context 'That a sender takes for one' {
        It 'is not empty: waiting goes on, and the verdict says why' {
            $peer = New-Peer
            $empty = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) 'hi'
            $late = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) 'hi too'
            foreach ($texts in @(''), @('', 'ok')) {
                $from = (Read-Datagram $peer).Port
                foreach ($text in $texts) {
                    Send-Datagram $peer $from $text
                }
            }

            ($late | Receive-UdpAck).Message | Should -Be 'ok'
            $late.Reason | Should -BeNullOrEmpty
            $failure = Get-ErrorOf { $empty | Receive-UdpAck -TimeoutSeconds 0.2 }
            $failure.FullyQualifiedErrorId | Should -BeLike 'UdpAckTimeout,*'
            "$failure" | Should -Match 'an empty datagram came from'
            $empty.Status | Should -Be NoReply
            $empty.Reason | Should -Be "an empty datagram came from 127.0.0.1:$(Get-PeerPort $peer), which acknowledges nothing"
        }

        It 'is not empty with -All or a fixed -LocalPort either' {
            $peer = New-Peer
            $fixed = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) 'hi' -LocalPort (Get-FreePort)
            Send-Datagram $peer (Read-Datagram $peer).Port ''

            $fixed | Receive-UdpAck -Quiet -TimeoutSeconds 0.2 | Should -BeFalse
            $all = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) 'hi'
            $from = (Read-Datagram $peer).Port
            Send-Datagram $peer $from ''
            @($all | Receive-UdpAck -All -TimeoutSeconds 0.2 -ErrorAction SilentlyContinue) | Should -BeNullOrEmpty
            $all.Status | Should -Be NoReply
        }

        It 'leaves no reason where there is one, or nothing is known' {
            $job = Start-TestListener
            $silent = New-Peer
            $sent = @(
                Send-UdpMessage 127.0.0.1 $job.LocalPort 'hi'
                Send-UdpMessage 127.0.0.1 (Get-PeerPort $silent) 'hi'
                Send-UdpMessage 127.0.0.1 (Get-ClosedPort) 'hi'
            )
            $sent | Receive-UdpAck -PassThru -TimeoutSeconds 0.2 | Out-Null

            $sent.Status | Should -Be Acknowledged, NoReply, PortClosed
            $sent[0].Reason | Should -BeNullOrEmpty
            $sent[1].Reason | Should -BeNullOrEmpty
            $sent[2].Reason | Should -Be 'port unreachable'
            $sent[2].ToRecord().Reason | Should -Be 'port unreachable'
        }
    }
}

Describe 'No ack leaves' {
    AfterEach {
        Clear-TestResource
    }

    It 'to <Source>, which is no host' -ForEach @(
        @{ Source = '0.0.0.0'; Target = '255.255.255.255' }
        @{ Source = '0.1.2.3'; Target = '192.0.2.1' }
        @{ Source = '239.1.2.3'; Target = '192.0.2.1' }
        @{ Source = '255.255.255.255'; Target = '192.0.2.1' }
        @{ Source = '192.0.2.255'; Target = '192.0.2.1' }
        @{ Source = '::'; Target = 'ff02::1%cable' }
        @{ Source = 'ff02::2'; Target = '2001:db8::1' }
        @{ Source = '::ffff:0.0.0.0'; Target = '2001:db8::1' }
        @{ Source = '::ffff:239.1.2.3'; Target = '2001:db8::1' }
    ) {
        $listenerHost = New-TestHost
        $senderHost = New-TestHost
        Connect-TestHost $listenerHost 192.0.2.1/24 $senderHost 192.0.2.2/24
        Invoke-Ip -n $listenerHost address add 2001:db8::1/64 dev cable nodad
        Invoke-Ip -n $senderHost address add 2001:db8::2/64 dev cable nodad

        # A service of the listener's own machine, which an ack to 0.0.0.0 would reach.
        $listener = Start-ModuleProcess -Launcher (Get-HostLauncher $listenerHost) "
            `$service = New-Object System.Net.Sockets.UdpClient (New-Object System.Net.IPEndPoint ([ipaddress] '127.0.0.1'), 5000)
            `$job = Start-UdpListener -LocalAddress Any -AsJob
            'up'
            `$null = [Console]::In.ReadLine()
            `$s = `$job.Statistics
            `"`$(`$s.Acknowledged) acknowledged, `$(`$s.Received - `$s.SuppressedAcks) not suppressed, `$(`$service.Available) at the service`""
        Read-ProcessLine $listener | Should -Be 'up'

        Invoke-Ip -n $senderHost route add default dev cable
        $name = $Target -replace '%.*'
        if ($Target -match '%') {
            Invoke-Ip -n $senderHost route add ff02::/16 dev cable table local
        }

        Send-ForgedDatagram $senderHost $Source, 5000 $name, 4010 'hello'

        # One that is acknowledged, so that all before it has been handled.
        Invoke-OnHost $senderHost 'Send-UdpMessage 192.0.2.1 4010 bye | Receive-UdpAck -Quiet -TimeoutSeconds 30' | Should -Be 'True'
        Write-ProcessLine $listener 'done'
        Read-ProcessLine $listener | Should -Be '1 acknowledged, 1 not suppressed, 0 at the service'
    }

    It 'where no route leads to the peer, which is counted, and told with -Verbose' {
        $name = New-LoneHost
        $listener = Start-ModuleProcess -Launcher (Get-HostLauncher $name) '
            Start-UdpListener -LocalAddress 192.0.2.1 -Count 1 -Verbose 4>&1 | ForEach-Object { "$_" }'
        Read-ProcessLine $listener | Should -Be 'UDP listener up on 192.0.2.1:4010'

        Send-ForgedDatagram $name '198.51.100.7', 5000 '192.0.2.1', 4010 'hello'

        (Wait-TestProcess $listener).Output -split '\r?\n' | Should -Be @(
            'Message from 198.51.100.7:5000'
            'hello'
            'No acknowledgment to 198.51.100.7:5000: it could not be sent.'
            '1 received, 1 delivered, 0 acknowledged, 0 dropped, 0 denied, 0 duplicates, 0 acks suppressed, 1 errors'
        )
    }

    It 'is not true of the peer on a point-to-point link, whose /<Prefix> has no broadcast address' -ForEach @{ Prefix = 31 }, @{ Prefix = 32 } {
        $listenerHost = New-TestHost
        $senderHost = New-TestHost
        Connect-TestHost $listenerHost 192.0.2.0/$Prefix $senderHost 192.0.2.1/$Prefix
        if ($Prefix -eq 32) {
            Invoke-Ip -n $listenerHost route add 192.0.2.1 dev cable
            Invoke-Ip -n $senderHost route add 192.0.2.0 dev cable
        }

        $listener = Start-ModuleProcess 'Start-UdpListener -LocalAddress Any | Out-Null' -Launcher (Get-HostLauncher $listenerHost)
        Read-ProcessLine $listener | Should -Be 'UDP listener up on Any:4010'

        Invoke-OnHost $senderHost 'Send-UdpMessage 192.0.2.0 4010 hi | Receive-UdpAck -Quiet -TimeoutSeconds 30' | Should -Be 'True'
    }
}

Describe 'A client that repeats itself' {
    AfterEach {
        Clear-TestResource
    }

    It 'gets every ack of 90,000 over loopback' {
        $job = Start-TestListener
        $peer = New-Peer
        $port = $job.LocalPort
        $hello = [System.Text.Encoding]::UTF8.GetBytes('hello')
        $from = New-Object System.Net.IPEndPoint ([System.Net.IPAddress]::Any), 0
        $peer.Connect('127.0.0.1', $port)
        for ($i = 0; $i -lt 90000; $i++) {
            $null = $peer.Send($hello, 5)
            $null = $peer.Receive([ref] $from)
            if ($i % 1000 -eq 0) {
                $null = Receive-Job $job
            }
        }

        $job.Statistics.SuppressedAcks | Should -Be 0
    }

    It 'gets every ack of 3,000 over another address with one retry, and the listener warns once, and goes on under Stop' {
        $name = New-LoneHost
        $output = Invoke-OnHost $name '
            $script = {
                $WarningPreference = "Stop"
                Start-UdpListener -LocalAddress 192.0.2.1 -Count 3002 -WarningVariable warnings | Out-Null
                "after $WarningPreference, $($warnings.Count) warning"
            }
            $listener = [powershell]::Create([initialsessionstate]::CreateDefault()).AddScript("Import-Module $((Get-Module UdpPS).Path -replace "dll$", "psd1")").AddStatement().AddScript($script)
            $run = $listener.BeginInvoke()
            while ($listener.Streams.Information.Count -eq 0 -and -not $run.IsCompleted) { }
            $client = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress] "192.0.2.1", 0))
            $client.Connect("192.0.2.1", 4010)
            $client.Client.ReceiveTimeout = 1100
            $from = $null
            $retries = 0
            for ($i = 0; $i -lt 3000; $i++) {
                $null = $client.Send([byte[]] (27, 91, 50, 74), 4)
                try { $null = $client.Receive([ref] $from) } catch { $retries++; if ($retries -gt 10) { throw } ; $i-- }
            }
            "$retries retries"
            $listener.EndInvoke($run)
            $listener.Streams.Warning.Message'
        $output | Should -HaveCount 3
        $output[0..1] | Should -Be '2 retries', 'after Stop, 1 warning'
        $output[2] | Should -Match "^192\.0\.2\.1:\d+ repeats '\u241B\[2J' within a second of each ack"
    }

    It 'every second or more is never touched' {
        $name = New-LoneHost
        $output = Invoke-OnHost $name '
            $job = Start-UdpListener -LocalAddress 192.0.2.1 -AsJob -NoOutput -AckScript { "ok" }
            1..20 | ForEach-Object { Send-UdpMessage 192.0.2.1 4010 beat | Receive-UdpAck -Quiet -TimeoutSeconds 30 } | Group-Object -NoElement | ForEach-Object Count
            $job.Statistics.SuppressedAcks'
        $output | Should -Be '20', '0'
    }

    It 'is a loop between two listeners, which <Count> forged datagrams begin, and which dies out' -ForEach @{ Count = 1; Most = 2200 }, @{ Count = 10; Most = 22000 } {
        $name = New-LoneHost '192.0.2.1/32', '192.0.2.2/32'
        $listeners = Start-ModuleProcess -Launcher (Get-HostLauncher $name) '
            $a = Start-UdpListener -LocalAddress 192.0.2.1 -Port 4010 -AckMessage first -AsJob
            $b = Start-UdpListener -LocalAddress 192.0.2.2 -Port 4010 -AckMessage second -AsJob
            "up"
            $null = [Console]::In.ReadLine()
            $last = -1
            while ($last -ne $a.Statistics.Received + $b.Statistics.Received) {
                $last = $a.Statistics.Received + $b.Statistics.Received
                Wait-Event none -Timeout 1
            }
            $last
            Stop-Job $a, $b
            @($a, $b | ForEach-Object Warning | Where-Object Message -match "repeats").Count'
        Read-ProcessLine $listeners | Should -Be 'up'

        Send-ForgedDatagram $name '192.0.2.2', 4010 '192.0.2.1', 4010 'x' $Count

        Write-ProcessLine $listeners 'sent'
        $exchanged = [int] (Read-ProcessLine $listeners)
        $exchanged | Should -BeGreaterThan 1000
        $exchanged | Should -BeLessOrEqual $Most
        [int] (Read-ProcessLine $listeners) | Should -BeIn 1, 2 -Because 'each listener warns once at most'
    }
}

Describe 'A listener' {
    AfterEach {
        Clear-TestResource
    }

    It 'hears only the groups that it joined, not those that another program joined' -Skip:(-not $hasMulticast) {
        Skip-OnWine MulticastIndex
        $loopback = [System.Net.IPAddress]::Loopback
        $other = New-Peer '0.0.0.0'
        $other.JoinMulticastGroup([ipaddress] '239.255.40.2', $loopback)
        $job = Start-TestListener -MulticastGroup 239.255.40.1 -Interface 127.0.0.1
        $sender = New-Peer
        $sender.Client.SetSocketOption('IP', 'MulticastInterface', $loopback.GetAddressBytes())

        Send-Datagram $sender $job.LocalPort 'theirs' '239.255.40.2'
        Send-Datagram $sender $job.LocalPort 'ours' '239.255.40.1'

        (Read-Message $job).Message | Should -Be 'ours'
        $job.Statistics.Received | Should -Be 1
    }

    It 'hears only the IPv6 groups that it joined' {
        $name = New-TestHost
        $other = New-TestHost
        Connect-TestHost $name 2001:db8::1/64 $other 2001:db8::2/64
        $output = Invoke-OnHost $name '
            $index = (Get-Item /sys/class/net/cable/ifindex | Get-Content)
            $their = [System.Net.Sockets.UdpClient]::new(0, "InterNetworkV6")
            $their.JoinMulticastGroup([int] $index, [ipaddress] "ff15::2")
            $job = Start-UdpListener -Port 4010 -MulticastGroup ff15::1 -Interface cable -AsJob
            $sender = [System.Net.Sockets.UdpClient]::new(0, "InterNetworkV6")
            $sender.Client.SetSocketOption("IPv6", "MulticastInterface", [int] $index)
            $null = $sender.Send([byte[]] (1, 1), 2, "ff15::2", 4010)
            $null = $sender.Send([byte[]] (2), 1, "ff15::1", 4010)
            while ($job.Output.Count -eq 0) { }
            $job.Output | ForEach-Object Length

            # It has no address of the other family.
            try { Start-UdpListener -Port 0 -MulticastGroup 239.255.40.1 -Interface cable -AsJob } catch { "$($_.FullyQualifiedErrorId) $_" }'
        $output[0] | Should -Be '1'
        $output[1] | Should -BeLike "UdpAddressFamilyMismatch,* 'Any' has no IPv4 address, and IPv4 was asked for."
    }

    It 'takes no -LocalAddress beside -MulticastGroup but Any' {
        $failure = Get-ErrorOf { Start-UdpListener -Port 0 -MulticastGroup 239.255.40.1 -LocalAddress 127.0.0.1 }

        Assert-UdpError $failure UdpLocalAddressWithGroup InvalidArgument 127.0.0.1
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Interface'
        (Start-TestListener -MulticastGroup 239.255.40.1 -LocalAddress Any).State | Should -Be Running
    }

    It 'names the family that an interface lacks for a group' {
        $name = New-TestHost
        $other = New-TestHost
        Connect-TestHost $name 192.0.2.1/24 $other 192.0.2.2/24
        & ip netns exec $name sysctl -qw net.ipv6.conf.cable.disable_ipv6=1
        Invoke-OnHost $name '
            try { Start-UdpListener -Port 0 -MulticastGroup 239.255.40.1, ff15::1 -Interface cable } catch { $_.Exception.Message }' | Should -Match 'IPv6 was asked for'
    }

    It 'joins groups of both families at once' {
        $name = New-TestHost
        $other = New-TestHost
        Connect-TestHost $name 192.0.2.1/24 $other 192.0.2.2/24
        Invoke-Ip -n $name address add 2001:db8::1/64 dev cable nodad
        $output = Invoke-OnHost $name '
            $job = Start-UdpListener -MulticastGroup 239.255.40.1, ff15::1 -Interface cable -AsJob
            $acks = Send-UdpMessage 239.255.40.1 -Message four -LocalAddress 192.0.2.1 | Receive-UdpAck
            $acks.RemoteAddress
            $acks = Send-UdpMessage ff15::1%cable -Message six -LocalAddress 2001:db8::1 | Receive-UdpAck
            $acks.RemoteAddress
            Receive-Job $job 6> $null | ForEach-Object { "$($_.Message) $($_.LocalAddress)" }'
        $output | Should -Be '192.0.2.1', '2001:db8::1', 'four 239.255.40.1', 'six ff15::1'
    }

    It 'looks into the socket once more before silence ends it' -Skip:(-not $onLinux) {
        $port = Get-FreePort
        $process = Start-ModuleProcess "@(Start-UdpListener -Port $port -IdleTimeoutSeconds 3).Count"
        Read-ProcessLine $process | Should -Be "UDP listener up on 127.0.0.1:$port"
        & kill -STOP $process.Id
        $null = 1..100 | Send-UdpMessage 127.0.0.1 $port

        # The time that passes while the process is stopped is what is tested.
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        Wait-Until { $clock.Elapsed.TotalSeconds -gt 3 }
        & kill -CONT $process.Id

        $result = Wait-TestProcess $process
        ($result.Output -split '\r?\n')[-1] | Should -Be 100
        $result.Output | Should -Not -Match 'not delivered'
    }

    It 'looks past datagrams that are not allowed before silence ends it' -Skip:(-not $onLinux) {
        $port = Get-FreePort
        $process = Start-ModuleProcess "@(Start-UdpListener -Port $port -LocalAddress 0.0.0.0 -AllowFrom 127.0.0.2 -IdleTimeoutSeconds 3).Count"
        Read-ProcessLine $process | Should -Be "UDP listener up on 0.0.0.0:$port"
        & kill -STOP $process.Id
        $denied = New-Peer
        $allowed = New-Peer '127.0.0.2'
        1..100 | ForEach-Object { Send-Datagram $denied $port 'denied' }
        1..10 | ForEach-Object { Send-Datagram $allowed $port "allowed $_" }

        # As above.
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        Wait-Until { $clock.Elapsed.TotalSeconds -gt 3 }
        & kill -CONT $process.Id

        $result = Wait-TestProcess $process
        ($result.Output -split '\r?\n')[-1] | Should -Be 10
    }

    It 'shows text without its byte order mark, in <Name>' -ForEach @(
        @{ Name = 'UTF-8'; Encoding = 'utf8'; Bytes = [byte[]] (0xEF, 0xBB, 0xBF, 0x7B, 0x7D) }
        @{ Name = 'UTF-16'; Encoding = 'unicode'; Bytes = [byte[]] (0xFF, 0xFE, 0x7B, 0, 0x7D, 0) }
        @{ Name = 'UTF-16, big-endian'; Encoding = 'bigendianunicode'; Bytes = [byte[]] (0xFE, 0xFF, 0, 0x7B, 0, 0x7D) }
    ) {
        $job = Start-TestListener -Encoding $Encoding
        $marked = Start-TestListener -AckScript { , [byte[]] (0xEF, 0xBB, 0xBF, 0x6F, 0x6B) }
        $null = Send-UdpMessage 127.0.0.1 $job.LocalPort $Bytes

        $message = Read-Message $job
        $message.Message | Should -BeExactly '{}'
        $message.Length | Should -Be $Bytes.Length
        $message.Bytes | Should -Be $Bytes
        (Send-UdpMessage 127.0.0.1 $marked.LocalPort 'x' | Receive-UdpAck).Message | Should -BeExactly 'ok'
    }
}
