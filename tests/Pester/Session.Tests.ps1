# What scripts use around commands, and the kinds of session they run in.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    $manifest = (Resolve-Path "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1").Path
    Import-Module $manifest
}

Describe 'Other sessions' {
    BeforeEach {
        $listener = Start-TestListener
        $port = $listener.LocalPort
    }

    AfterEach {
        Clear-TestResource
    }

    It 'sends and awaits acks in the runspaces of ForEach-Object -Parallel' {
        if ($PSVersionTable.PSVersion.Major -lt 7) {
            Set-ItResult -Skipped -Because 'this PowerShell has no ForEach-Object -Parallel'
            return
        }

        $acks = 1..20 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:manifest
            Send-UdpMessage 127.0.0.1 $using:port $_ | Receive-UdpAck -TimeoutSeconds $using:deadlineSeconds
        }

        $acks | ForEach-Object { [int] $_.SentMessage } | Sort-Object | Should -Be (1..20)
        $acks | Should -BeOfType ([UdpPS.UdpAck])
        $listener.Statistics.Received | Should -Be 20
    }

    It 'settles in ForEach-Object -Parallel what this session sent' {
        if ($PSVersionTable.PSVersion.Major -lt 7) {
            Set-ItResult -Skipped -Because 'this PowerShell has no ForEach-Object -Parallel'
            return
        }

        $sent = 1..8 | Send-UdpMessage 127.0.0.1 $port

        $null = $sent | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:manifest
            $_ | Receive-UdpAck -TimeoutSeconds $using:deadlineSeconds
        }

        $sent | ForEach-Object { $_.Ack.SentMessage } | Should -Be (1..8)
    }

    It 'listens in a thread job, whose messages come out as they arrive, and ends with it' {
        if (-not (Get-Command Start-ThreadJob -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'this PowerShell has no Start-ThreadJob'
            return
        }

        $job = Start-ThreadJob {
            Import-Module $using:manifest
            Start-UdpListener -Port 0
        }
        Wait-Until { $job.Information.Count -gt 0 }
        $itsPort = [int] [regex]::Match([string] $job.Information[0], '\d+$').Value
        $acks = 1..3 | Send-UdpMessage 127.0.0.1 $itsPort | Receive-UdpAck

        $acks | Should -HaveCount 3
        Receive-Job $job 6> $null | ForEach-Object Message | Should -Be '1', '2', '3'

        Stop-Job $job

        $job.State | Should -Be 'Stopped'
        { New-Peer -Port $itsPort } | Should -Not -Throw
    }

    It 'works in a job, whose objects come back with their views' {
        $escape, $visibleEscape = [char] 0x1B, [char] 0x241B
        $job = Start-Job {
            Import-Module $using:manifest
            Send-UdpMessage 127.0.0.1 $using:port "$using:escape[31mred" | Receive-UdpAck -PassThru -TimeoutSeconds $using:deadlineSeconds
        }
        $null = Wait-Job $job -Timeout ($deadlineSeconds * 4)

        $settled = Receive-Job $job

        $settled.PSTypeNames[0] | Should -Be 'Deserialized.UdpPS.UdpSentMessage'
        $settled.Message | Should -BeExactly "$escape[31mred"
        $settled | Format-Table | Out-String | Should -Match "Status +RTT\(ms\) Message[^\a]+Acknowledged[^\a]+$visibleEscape\[31mred"
        $settled | Format-List | Out-String | Should -Match "Ack +: Message received"
        ($settled | ForEach-Object ToRecord).Ack | Should -BeExactly 'Message received'
        (Receive-Job $listener | ForEach-Object ToRecord).Message | Should -BeExactly "$escape[31mred"
    }
}

Describe 'A session in strict mode' {
    AfterEach {
        Clear-TestResource
    }

    It 'listens, answers, sends, awaits acks, shows and exports' {
        $pipeline = Start-TestPipeline {
            Set-StrictMode -Version Latest
            $ErrorActionPreference = 'Stop'
            $answer = 're:'
            Start-UdpListener -Port 0 -Count 1 -AckScript { "$answer $($_.Message)" } -Verbose 4> $null | ForEach-Object {
                $_ | Format-Table | Out-String
                $_ | Format-List | Out-String
                $_.ToRecord() | ConvertTo-Json
                $_ | ConvertTo-Csv
            }
        }
        $settled = & {
            Set-StrictMode -Version Latest
            Send-UdpMessage 127.0.0.1 $pipeline.Port 'hello' | Receive-UdpAck -PassThru
        }
        $shown = Wait-TestSession $pipeline

        $settled.Ack.Message | Should -BeExactly 're: hello'
        $pipeline.PowerShell.Streams.Error | Should -BeNullOrEmpty
        [regex]::Matches("$shown", 'hello').Count | Should -Be 4
    }
}

Describe 'A session in constrained language' {
    BeforeAll {
        # Pester itself cannot run in one.
        function Invoke-Constrained([string] $Script, [object[]] $ArgumentList = @()) {
            $powerShell = [powershell]::Create([initialsessionstate]::CreateDefault())
            $disposables.Add($powerShell)
            $null = $powerShell.AddScript("Import-Module '$($manifest.Replace("'", "''"))'").Invoke()
            $powerShell.Runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
            $powerShell.Commands.Clear()
            $null = $powerShell.AddScript($Script)
            foreach ($argument in $ArgumentList) {
                $null = $powerShell.AddArgument($argument)
            }

            $powerShell.Invoke()
            $powerShell.Streams.Error | Should -BeNullOrEmpty
        }
    }

    AfterEach {
        Clear-TestResource
    }

    It 'listens, sends and awaits acks, with all kinds of answer' {
        $output = Invoke-Constrained {
            param($seconds)
            $word = 'using'
            $jobs = @(
                Start-UdpListener -Port 0 -AsJob -Encoding unicode
                Start-UdpListener -Port 0 -AsJob -AckScript { "$using:word $($_.Message)" }
            )
            foreach ($job in $jobs) {
                Send-UdpMessage 127.0.0.1 $job.LocalPort 'hi' -Encoding unicode |
                    Receive-UdpAck -TimeoutSeconds $seconds -Encoding unicode | ForEach-Object Message
                Receive-Job $job | ForEach-Object Length
            }

            Start-UdpListener -Port 0 -TimeoutSeconds 0.05 -AckScript { 'never' }
            Remove-Module UdpPS
            $jobs | ForEach-Object State
            $jobs | Remove-Job
        } $deadlineSeconds

        $output[0] | Should -Be 'Message received'
        $output[1] | Should -Be 4
        $output[3] | Should -Be 4
        $output[4, 5] | Should -Be 'Stopped', 'Stopped'
    }

    It 'shows what there is in tables, lists and amid other objects, also from a file, and in color' {
        $escape, $visibleText = [char] 0x1B, "a$([char] 0x241B)[2Jb"
        $file = Join-Path $TestDrive 'objects.xml'
        $style = Get-Variable PSStyle -ValueOnly -ErrorAction Ignore
        $renderingBefore = if ($style) { $style.OutputRendering }
        try {
            if ($style) { $style.OutputRendering = 'Ansi' }
            $output = Invoke-Constrained {
                param($seconds, $hostileText, $file)
                $job = Start-UdpListener -Port 0 -AsJob -AckScript { "re: $($_.Message)" }
                $sent = Send-UdpMessage 127.0.0.1 $job.LocalPort $hostileText | Receive-UdpAck -PassThru -TimeoutSeconds $seconds
                Stop-Job $job
                $objects = @($sent; $sent.Ack; Receive-Job $job)
                $objects | Export-Clixml $file
                foreach ($object in $objects + @(Import-Clixml $file)) {
                    $object | Format-Table | Out-String -Width 160
                    $object | Format-List | Out-String -Width 160
                    $job.Statistics, $object | Out-String -Width 160
                }
            } $deadlineSeconds, "a$escape[2Jb", $file
        }
        finally {
            if ($style) { $style.OutputRendering = $renderingBefore }
        }

        $output | Should -HaveCount 18
        $output | Should -Match ([regex]::Escape($visibleText))
        $output -match ([regex]::Escape("a$escape[2Jb")) | Should -BeNullOrEmpty
        $output[0] -replace "$escape\[[\d;]*m" | Should -Match '127\.0\.0\.1 +\d+ Acknowledged '
        $output[3] | Should -Match '127\.0\.0\.1 .* re: a'
        $output[6] | Should -Match '127\.0\.0\.1 '
        if ($style) {
            $colored = $style.Foreground.Green + 'Acknowledged' + $style.Reset
            $output[0, 1, 9, 10] -match ([regex]::Escape($colored)) | Should -HaveCount 4
        }
    }

    It 'lets an -AckScript do no more than the session, in a job too' {
        $output = Invoke-Constrained {
            param($seconds)
            $job = Start-UdpListener -Port 0 -AsJob -AckScript {
                if ($_.Message -eq 'good') { $_.Message.ToUpper() } else { [System.IO.Path]::GetTempPath() }
            }
            $bad, $good = 'bad', 'good' | Send-UdpMessage 127.0.0.1 $job.LocalPort
            $good | Receive-UdpAck -TimeoutSeconds $seconds | ForEach-Object Message
            $bad | Receive-UdpAck -TimeoutSeconds 0.05 -Quiet
            Receive-Job $job -ErrorVariable failures -ErrorAction SilentlyContinue | Out-Null
            $failures | ForEach-Object FullyQualifiedErrorId
            Remove-Job $job -Force
        } $deadlineSeconds

        $output | Should -Be 'GOOD', $false, 'MethodInvocationNotSupportedInConstrainedLanguage'
    }
}

Describe 'Common parameters' {
    BeforeEach {
        $listener = Start-TestListener
        $port = $listener.LocalPort
    }

    AfterEach {
        Clear-TestResource
    }

    It 'ends the command at its first error with -ErrorAction Stop' {
        $sent = New-Object 'System.Collections.Generic.List[object]'

        { Send-UdpMessage 127.1, 127.0.0.1 $port 'hello' -ErrorAction Stop | ForEach-Object { $sent.Add($_) } } |
            Should -Throw -ErrorId 'UdpInvalidServer,UdpPS.Commands.SendUdpMessageCommand'

        $sent.Status | Should -Be 'NotSent'
    }

    It 'ends a waiting for acks at the first that is missing with -ErrorAction Stop' {
        $closedPort = Get-ClosedPort
        $sent = $closedPort, $port | ForEach-Object { Send-UdpMessage 127.0.0.1 $_ 'hello' }

        { $sent | Receive-UdpAck -ErrorAction Stop } |
            Should -Throw -ErrorId 'UdpPortClosed,UdpPS.Commands.ReceiveUdpAckCommand'

        $sent[1].Status | Should -Be 'Sent'
    }

    It 'ends a listener at the first failing -AckScript with -ErrorAction Stop, and frees its port' {
        $pipeline = Start-TestPipeline { Start-UdpListener -Port 0 -AckScript { throw 'no idea' } -ErrorAction Stop }
        $null = Send-UdpMessage 127.0.0.1 $pipeline.Port 'hello'

        { Wait-TestSession $pipeline } | Should -Throw '*no idea*'

        { New-Peer -Port $pipeline.Port } | Should -Not -Throw
    }

    It 'goes on after an error, and collects it in -ErrorVariable' {
        $sent = Send-UdpMessage nosuch.invalid, 127.0.0.1 $port 'hello' -ErrorVariable failures -ErrorAction SilentlyContinue

        $sent | Sort-Object Server | ForEach-Object { "$($_.Server) $($_.Status)" } | Should -Be '127.0.0.1 Sent', 'nosuch.invalid NotSent'
        $failures.FullyQualifiedErrorId | Should -Be 'UdpHostNotFound,UdpPS.Commands.SendUdpMessageCommand'
    }

    It 'fills -OutVariable along the pipeline' {
        $last = 'a', 'b' | Send-UdpMessage 127.0.0.1 $port -OutVariable sent | Receive-UdpAck -OutVariable acks

        $sent | ForEach-Object Message | Should -Be 'a', 'b'
        $acks | Should -Be $last
    }

    It 'keeps each message at hand for its ack with -PipelineVariable' {
        $lines = 'a', 'b' | Send-UdpMessage 127.0.0.1 $port -PipelineVariable sent | Receive-UdpAck -PipelineVariable ack |
            ForEach-Object { "$($sent.Message) $($ack.SentMessage) $($sent.Ack -eq $ack)" }

        $lines | Should -Be 'a a True', 'b b True'
    }

    It 'keeps each received message at hand with -PipelineVariable' {
        $pipeline = Start-TestPipeline {
            Start-UdpListener -Port 0 -Count 2 -PipelineVariable got | ForEach-Object Length | ForEach-Object { "$_ $($got.Message)" }
        }
        $null = 'a', 'bb' | Send-UdpMessage 127.0.0.1 $pipeline.Port | Receive-UdpAck

        Wait-TestSession $pipeline | Should -Be '1 a', '2 bb'
    }

    It 'fills -InformationVariable and -WarningVariable' {
        $gate = New-Object System.Threading.ManualResetEvent $false
        $disposables.Add($gate)
        $pipeline = Start-TestPipeline {
            param($gate)
            Start-UdpListener -Port 0 -Count 1 -InformationVariable told -WarningVariable warned | ForEach-Object {
                $null = $gate.WaitOne()
            }
            @{ Told = $told; Warned = $warned }
        } $gate
        $peer = New-Peer
        Send-Datagram $peer $pipeline.Port 'taken'
        Send-Datagram $peer $pipeline.Port 'left'
        $null = $gate.Set()

        $kept = Wait-TestSession $pipeline

        $kept.Told | Should -HaveCount 2
        "$($kept.Told[0])" | Should -Match '^UDP listener up on '
        $kept.Warned | Should -HaveCount 1
        "$($kept.Warned)" | Should -Match 'not delivered: 1\.'
    }

    It 'takes defaults from $PSDefaultParameterValues' {
        $PSDefaultParameterValues = @{ 'Send-UdpMessage:Server' = '127.0.0.1'; '*-Udp*:Port' = $port; 'Receive-UdpAck:Quiet' = $true }

        Send-UdpMessage -Message 'hello' | Receive-UdpAck | Should -BeTrue
    }

    It 'offers neither -WhatIf nor -Confirm: nothing it does needs them' {
        foreach ($command in Get-Command -Module UdpPS) {
            $command.Parameters.Keys | Should -Not -Contain 'WhatIf' -Because $command.Name
        }
    }
}

Describe 'Scripts' {
    BeforeEach {
        $listener = Start-TestListener
        $port = $listener.LocalPort
    }

    AfterEach {
        Clear-TestResource
    }

    It 'takes its parameters splatted' {
        $to = @{ Server = '127.0.0.1'; Port = $port }
        $wait = @{ TimeoutSeconds = $deadlineSeconds; MaximumRetryCount = 1; PassThru = $true }

        (Send-UdpMessage @to -Message 'hello' | Receive-UdpAck @wait).Status | Should -Be 'Acknowledged'
    }

    It 'passes through Tee-Object, and settles what it kept' {
        'a', 'b' | Send-UdpMessage 127.0.0.1 $port | Tee-Object -Variable sent | Receive-UdpAck -Quiet | Should -Be $true, $true

        $sent | ForEach-Object Status | Should -Be 'Acknowledged', 'Acknowledged'
    }

    It 'runs inside the process block of a function, once for each input' {
        function Send-Alarm {
            param([Parameter(ValueFromPipeline)] [string] $Text)

            process {
                Send-UdpMessage 127.0.0.1 $port "alarm $Text" | Receive-UdpAck
            }
        }

        'a', 'b' | Send-Alarm | ForEach-Object SentMessage | Should -Be 'alarm a', 'alarm b'
    }

    It 'streams a listener through a function''s process block, message by message' {
        $pipeline = Start-TestPipeline {
            function Get-Reading {
                param([Parameter(ValueFromPipeline)] $InputObject)

                process {
                    "read $($InputObject.Message)"
                }
            }

            Start-UdpListener -Port 0 | Get-Reading | Select-Object -First 2
        }
        $null = 'a', 'b' | Send-UdpMessage 127.0.0.1 $pipeline.Port | Receive-UdpAck

        Wait-TestSession $pipeline | Should -Be 'read a', 'read b'
        { New-Peer -Port $pipeline.Port } | Should -Not -Throw
    }

    It 'feeds a steppable pipeline, as proxy functions do' {
        $steppable = { Send-UdpMessage 127.0.0.1 $port | Receive-UdpAck }.GetSteppablePipeline()
        $steppable.Begin($true)
        try {
            $acks = 'a', 'b' | ForEach-Object { $steppable.Process($_) }
            $steppable.End()
        }
        finally {
            $steppable.Dispose()
        }

        $acks | ForEach-Object SentMessage | Should -Be 'a', 'b'
    }
}

Describe 'The environment variable UDPPS_SOCKETS' {
    AfterEach {
        Clear-TestResource
    }

    It 'set to <Value> leaves <Used>' -ForEach @(
        @{ Value = "'portable'"; Setting = 'portable'; IsPortable = $true; Used = '.NET''s own sockets' }
        @{ Value = "'Portable'"; Setting = 'Portable'; IsPortable = $true; Used = '.NET''s own sockets' }
        @{ Value = 'nothing'; Setting = ''; IsPortable = $false; Used = 'the best of this system' }
    ) {
        # Which sockets are used shows only inside the module.
        $did = Invoke-Process -Environment @{ UDPPS_SOCKETS = $Setting } -Script @"
            Import-Module '$($manifest.Replace("'", "''"))'
            `$job = Start-UdpListener -Port 0 -AsJob
            `$ack = Send-UdpMessage 127.0.0.1 `$job.LocalPort hello | Receive-UdpAck -TimeoutSeconds $deadlineSeconds
            Remove-Job `$job -Force
            `$isSet = @{}
            foreach (`$name in 'SocketBackend.IsPortable', 'LinuxCalls.IsSupported', 'LinuxMessages.HasLayout') {
                `$type, `$property = `$name -split '\.'
                `$isSet[`$property] = [UdpPS.UdpMessage].Assembly.GetType("UdpPS.Sockets.`$type", `$true).GetProperty(
                    `$property, [System.Reflection.BindingFlags] 'Static, NonPublic').GetValue(`$null)
            }

            `$isSet.Ack = `$ack.Message
            ConvertTo-Json `$isSet
"@ | ConvertFrom-Json

        $did.Ack | Should -BeExactly 'Message received'
        $did.IsPortable | Should -Be $IsPortable
        $did.IsSupported | Should -Be ($did.HasLayout -and -not $IsPortable)
    }
}
