BeforeDiscovery {
    $hasStyle = $null -ne (Get-Variable PSStyle -ErrorAction Ignore)
    $types = 'UdpMessage', 'UdpSentMessage', 'UdpAck'

    # Only Linux's own sockets tell when an ack came that nobody waited for at the time.
    $isTimed = (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore) -and $env:UDPPS_SOCKETS -ne 'portable'
    $roundTripPattern = if ($isTimed) { '\d+\.\d{3}' } else { '(\d+\.\d{3})? *' }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    $manifest = (Resolve-Path "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1").Path
    Import-Module $manifest

    $style = Get-Variable PSStyle -ValueOnly -ErrorAction Ignore
    $escape = [string] [char] 0x1B
    $hostileText = "a$escape[2Jb"
    $visibleText = "a$([char] 0x241B)[2Jb"

    # The lines that are shown, in a width where nothing is cut off.
    function Get-ShownLine([string] $Rendering = 'PlainText') {
        $lines = $input | Out-ShownString $Rendering
        $lines -split '\r?\n' | Where-Object { $_.Trim() } | ForEach-Object TrimEnd
    }

    function Out-ShownString([string] $Rendering, [string] $View) {
        $objects = @($input)
        $renderingBefore = if ($style) { $style.OutputRendering }
        try {
            if ($style) { $style.OutputRendering = $Rendering }
            $(if ($View) { $objects | & $View } else { $objects }) | Out-String -Width 160
        }
        finally {
            if ($style) { $style.OutputRendering = $renderingBefore }
        }
    }

    function Format-Milliseconds($Value) {
        $Value.ToString('0.000')
    }

    # What a session gets that imports the file.
    function Copy-ThroughClixml($Object, [int] $Depth = 2) {
        $file = Join-Path $TestDrive 'object.xml'
        $Object | Export-Clixml $file -Depth $Depth
        Import-Clixml $file
    }

    $listener = Start-TestListener -Name viewed -AckScript { "re: $($_.Message)" }
    $port = $listener.LocalPort
    $samples = @{}

    # Over .NET's sockets a busy machine may read an ack too late to know its round trip.
    Wait-Until {
        $samples.UdpSentMessage = Send-UdpMessage 127.0.0.1 $port $hostileText | Receive-UdpAck -PassThru
        $samples.UdpMessage = Read-Message $listener
        $null -ne $samples.UdpSentMessage.RoundTripMilliseconds
    }

    $samples.UdpAck = $samples.UdpSentMessage.Ack
    $silent = Send-UdpMessage 127.0.0.1 (Get-PeerPort (New-Peer)) 'hello' | Receive-UdpAck -PassThru -TimeoutSeconds 0.05
    $closed = Send-UdpMessage 127.0.0.1 (Get-ClosedPort) 'hello' | Receive-UdpAck -PassThru
    $message, $sent, $ack = $samples.UdpMessage, $samples.UdpSentMessage, $samples.UdpAck
    $roundTrip = Format-Milliseconds $ack.RoundTripMilliseconds
    $isoTime = '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}[+-]\d\d:\d\d$'
}

AfterAll {
    Clear-TestResource
}

Describe 'Views' {
    Context 'Tables' {
        It 'shows messages in columns of fixed width, numbers to the right, the time to the millisecond' {
            $lines = $message | Get-ShownLine

            $format = '{0,-18} {1,-19} {2,10} {3}'
            $lines[0] | Should -BeExactly ($format -f 'ReceivedAt', 'RemoteAddress', 'RemotePort', 'Message')
            $lines[2] | Should -BeExactly ($format -f
                $message.ReceivedAt.ToString('MM-dd HH:mm:ss.fff', [cultureinfo]::InvariantCulture), '127.0.0.1', $message.RemotePort, $visibleText)
        }

        It 'shows sent messages in columns of fixed width, numbers to the right' {
            $lines = $sent, $silent | Get-ShownLine

            $format = '{0,-19} {1,5} {2,-12} {3,9} {4}'
            $lines[0] | Should -BeExactly ($format -f 'Server', 'Port', 'Status', 'RTT(ms)', 'Message')
            $lines[2] | Should -BeExactly ($format -f '127.0.0.1', $port, 'Acknowledged', $roundTrip, $visibleText)
            $lines[3] | Should -BeExactly ($format -f '127.0.0.1', $silent.Port, 'NoReply', '', 'hello')
        }

        It 'shows acks in columns of fixed width, numbers to the right' {
            $lines = $ack | Get-ShownLine

            $format = '{0,-15} {1,-19} {2,5} {3,9} {4}'
            $lines[0] | Should -BeExactly ($format -f 'Server', 'RemoteAddress', 'Port', 'RTT(ms)', 'Message')
            $lines[2] | Should -BeExactly ($format -f '127.0.0.1', '127.0.0.1', $port, $roundTrip, "re: $visibleText")
        }

        It 'shows statistics in columns of fixed width, numbers to the right' {
            $lines = $listener.Statistics | Get-ShownLine

            $format = '{0,9} {1,9} {2,12} {3,9} {4,7} {5,6}'
            $lines[0] | Should -BeExactly ($format -f 'Received', 'Delivered', 'Acknowledged', 'Dropped', 'Denied', 'Errors')
            $lines[2] | Should -BeExactly ($format -f 1, 1, 1, 0, 0, 0)
        }

        It 'shows a listener job among other jobs in one table' {
            $other = Start-Job { }
            $lines = $listener, $other, $listener | Get-ShownLine

            $lines | Should -HaveCount 5
            $lines[2] | Should -Match "^\d+ +viewed +UdpListenerJob +Running +(True|False) +127\.0\.0\.1:$port"
        }

        It 'works in strict mode' {
            Set-StrictMode -Version Latest

            ($sent | Get-ShownLine)[2] | Should -Match ' Acknowledged '
        }
    }

    Context 'Lists' {
        It 'shows a message with the day and the millisecond' {
            $lines = $message | Format-List | Get-ShownLine

            $lines | Should -HaveCount 9
            $lines | Should -Contain "Message       : $visibleText"
            $lines | Should -Contain "ReceivedAt    : $($message.ReceivedAt.ToString('yyyy-MM-dd HH:mm:ss.fff', [cultureinfo]::InvariantCulture))"
        }

        It 'shows a sent message with its ack' {
            $lines = $sent | Format-List | Get-ShownLine

            $lines | Should -HaveCount 14
            $lines | Should -Contain "Message               : $visibleText"
            $lines | Should -Contain "SentAt                : $($sent.SentAt.ToString('yyyy-MM-dd HH:mm:ss.fff', [cultureinfo]::InvariantCulture))"
            $lines | Should -Contain 'Status                : Acknowledged'
            $lines | Should -Contain "RoundTripMilliseconds : $roundTrip"
            $lines | Should -Contain "Ack                   : re: $visibleText"
        }

        It 'shows an ack with what it answers' {
            $lines = $ack | Format-List | Get-ShownLine

            $lines | Should -HaveCount 10
            $lines | Should -Contain "Message               : re: $visibleText"
            $lines | Should -Contain "SentMessage           : $visibleText"
            $lines | Should -Contain "RoundTripMilliseconds : $roundTrip"
            $lines | Should -Contain "ReceivedAt            : $($ack.ReceivedAt.ToString('yyyy-MM-dd HH:mm:ss.fff', [cultureinfo]::InvariantCulture))"
        }

        It 'shows statistics, all of them' {
            $lines = $listener.Statistics | Format-List | Get-ShownLine

            $lines | Should -HaveCount 8
            $lines | Should -Contain 'SuppressedAcks : 0'
        }

        It 'shows a job without the messages that wait in it' {
            $waiting = Start-TestListener
            Send-UdpMessage 127.0.0.1 $waiting.LocalPort $hostileText | Receive-UdpAck -Quiet | Should -BeTrue

            # Counted when it has left, so perhaps after it has arrived.
            Wait-Until { $waiting.Statistics.Acknowledged -eq 1 }

            $lines = $waiting | Format-List | Get-ShownLine

            $lines -join "`n" | Should -Not -Match $escape
            $lines | Should -Contain "LocalPort     : $($waiting.LocalPort)"
            $lines -match '^StatusMessage : 1 received, 1 delivered, 1 acknowledged' | Should -HaveCount 1
        }
    }

    # With Ansi, because PlainText would take escape sequences out of the text too.
    Context 'Text from the network' {
        It 'is visible in the <View> of a <Type>' -ForEach @(
            foreach ($type in $types) {
                foreach ($view in 'Format-Table', 'Format-List', 'Format-Custom') {
                    @{ Type = $type; View = $view }
                }
            }
        ) {
            $text = $samples[$Type] | Out-ShownString Ansi $View

            $text | Should -Match ([regex]::Escape($visibleText))
            $text | Should -Not -Match ([regex]::Escape($hostileText))
        }

        It 'is visible in a <_> amid objects of other types' -ForEach $types {
            $text = $listener.Statistics, $samples[$_] | Out-ShownString Ansi

            $text | Should -Match ([regex]::Escape($visibleText))
            $text | Should -Not -Match ([regex]::Escape($hostileText))
        }

        It 'is visible in a deserialized <_>, alone and amid objects of other types' -ForEach $types {
            $copy = Copy-ThroughClixml $samples[$_]

            foreach ($text in @(
                    $copy | Out-ShownString Ansi
                    $copy | Out-ShownString Ansi Format-List
                    $listener.Statistics, $copy | Out-ShownString Ansi
                )) {
                $text | Should -Match ([regex]::Escape($visibleText))
                $text | Should -Not -Match ([regex]::Escape($hostileText))
            }
        }
    }

    Context 'Color' -Skip:(-not $hasStyle) {
        It 'tells the status by color where escape sequences are rendered' {
            $style.Foreground.Green | Should -Not -BeNullOrEmpty
            foreach ($case in @(
                    @{ Message = $sent; Status = $style.Foreground.Green + 'Acknowledged' + $style.Reset }
                    @{ Message = $silent; Status = $style.Foreground.Yellow + 'NoReply' + $style.Reset }
                    @{ Message = $closed; Status = $style.Foreground.Red + 'PortClosed' + $style.Reset }
                )) {
                ($case.Message | Get-ShownLine Ansi)[2].Contains(" $($case.Status) ") | Should -BeTrue
            }
        }

        It 'tells <Status> by <Color>' -ForEach @(
            @{ Status = 'Sent'; Color = 'no color' }
            @{ Status = 'Acknowledged'; Color = 'Green' }
            @{ Status = 'NoReply'; Color = 'Yellow' }
            @{ Status = 'PortClosed'; Color = 'Red' }
            @{ Status = 'Unreachable'; Color = 'Red' }
            @{ Status = 'NotSent'; Color = 'Red' }
        ) {
            $copy = Copy-ThroughClixml $sent
            $copy.Status = $Status
            $shown = if ($Color -eq 'no color') { $Status } else { $style.Foreground.$Color + $Status + $style.Reset }

            ($copy | Get-ShownLine Ansi)[2].Contains(" $shown ") | Should -BeTrue
        }

        It 'tells it by color in a list too, and in a copy' {
            $colored = "$($style.Foreground.Green)Acknowledged$($style.Reset)"
            ($sent | Out-ShownString Ansi Format-List).Contains($colored) | Should -BeTrue
            (Copy-ThroughClixml $sent | Out-ShownString Ansi).Contains($colored) | Should -BeTrue
        }

        It 'keeps the columns where they are' {
            $plain = $sent, $silent | Get-ShownLine
            $colored = $sent, $silent | Get-ShownLine Ansi

            $colored -replace "$escape\[[\d;]*m" | ForEach-Object TrimEnd | Should -Be $plain
        }

        It 'leaves no escape sequence in plain text, in a string and in a file' {
            foreach ($view in 'Format-Table', 'Format-List') {
                $sent, $silent, $closed | Out-ShownString PlainText $view | Should -Not -Match $escape
                $sent, $silent, $closed | Out-ShownString Host $view | Should -Not -Match $escape
            }

            $sent, $silent, $closed > "$TestDrive/sent.txt"
            Get-Content "$TestDrive/sent.txt" -Raw | Should -Not -Match $escape
        }

        It 'leaves none in the status when another program reads the output' {
            $noColor = $env:NO_COLOR
            try {
                $env:NO_COLOR = $null
                $lines = & $powerShellPath -NoProfile -NonInteractive -Command "
                    Import-Module '$manifest'
                    Start-UdpListener -AsJob -Port 0 | ForEach-Object {
                        Send-UdpMessage 127.0.0.1 `$_.LocalPort hello | Receive-UdpAck -PassThru -TimeoutSeconds $deadlineSeconds
                    }"
            }
            finally {
                $env:NO_COLOR = $noColor
            }

            @($lines) -match 'Acknowledged' | Should -HaveCount 1
            @($lines) -match 'Acknowledged' | Should -Not -Match $escape
        }
    }

    Context 'Deserialized' {
        BeforeAll {
            $job = Start-Job {
                Import-Module $using:manifest
                $listener = Start-UdpListener -AsJob -Port 0
                # On a busy machine the system does not yet note the time of the first reply, whose round trip is then unknown.
                $first = Start-UdpListener -AsJob -Port 0
                for ($tries = 0; $tries -lt 1000 -and $null -eq $ack.RoundTripMilliseconds; $tries++) {
                    $ack = Send-UdpMessage 127.0.0.1 $first.LocalPort 'first' | Receive-UdpAck -TimeoutSeconds 30
                }
                Remove-Job $first -Force
                $sent = Send-UdpMessage 127.0.0.1 $listener.LocalPort 'hello' | Receive-UdpAck -PassThru -TimeoutSeconds 30
                $sent
                $sent.Ack
                Receive-Job $listener
                $listener.Statistics
                Remove-Job $listener -Force
            }
            $fromJob = @($job | Receive-Job -Wait)
        }

        It 'shows <Type> from a job by its own view' -ForEach @(
            @{ Type = 'UdpSentMessage'; Index = 0; Header = 'Server +Port Status'; Row = '^127\.0\.0\.1 +\d+ Acknowledged ' }
            @{ Type = 'UdpAck'; Index = 1; Header = 'Server +RemoteAddress +Port +RTT'; Row = " $roundTripPattern +Message received$" }
            @{ Type = 'UdpMessage'; Index = 2; Header = 'ReceivedAt +RemoteAddress'; Row = '^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} 127\.0\.0\.1 .* hello$' }
            @{ Type = 'UdpListenerStatistics'; Index = 3; Header = 'Received +Delivered'; Row = '^ +1 +1 +1 +0 +0 +0$' }
        ) {
            $fromJob | Should -HaveCount 4
            $object = $fromJob[$Index]
            $object.PSTypeNames[0] | Should -Be "Deserialized.UdpPS.$Type"

            $lines = $object | Get-ShownLine
            $lines[0] | Should -Match "^ *$Header"
            $lines[2] | Should -Match $Row
            @($object | Format-List | Get-ShownLine).Count | Should -BeGreaterThan 7
        }

        It 'shows <_> from a file as it was shown' -ForEach ($types + 'UdpListenerStatistics') {
            $object = if ($_ -eq 'UdpListenerStatistics') { $listener.Statistics } else { $samples[$_] }
            $copy = Copy-ThroughClixml $object

            $copy.PSTypeNames[0] | Should -Be "Deserialized.UdpPS.$_"
            $copy | Get-ShownLine | Should -Be ($object | Get-ShownLine)
            $copy | Format-List | Get-ShownLine | Should -Be ($object | Format-List | Get-ShownLine)
        }

        It 'keeps all properties of <_>, and adds none' -ForEach $types {
            $object = $samples[$_]
            $copy = Copy-ThroughClixml $object

            $copy.PSObject.Properties.Name | Sort-Object | Should -Be ($object.PSObject.Properties.Name | Sort-Object)
            $copy.Bytes | Should -Be $object.Bytes
            $copy.Message | Should -BeExactly $object.Message
            [string] $copy | Should -BeExactly ([string] $object)
        }
    }
}

Describe 'Records' {
    It 'exports <_> to CSV with one column for each property, texts and numbers as they are' -ForEach $types {
        $row = $samples[$_] | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv

        $row.PSObject.Properties.Name | Should -Be $samples[$_].PSObject.Properties.Name
        $row.Message | Should -BeExactly $samples[$_].Message
        $row.Length | Should -Be $samples[$_].Length
    }

    It 'keeps what only its views show out of a <_>, and of its copies' -ForEach $types {
        $names = $samples[$_].GetType().GetProperties().Name | Sort-Object
        foreach ($object in $samples[$_], (Copy-ThroughClixml $samples[$_])) {
            ($object | Get-Member -MemberType Properties).Name | Should -Be $names
            ($object | Select-Object *).PSObject.Properties.Name | Sort-Object | Should -Be $names
            ($object | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv).PSObject.Properties.Name | Sort-Object | Should -Be $names
            ([xml] [System.Management.Automation.PSSerializer]::Serialize($object, 1)).Objs.Obj.Props.ChildNodes.N |
                Sort-Object | Should -Be $names
            $lines = $object | Format-List * | Get-ShownLine
            @($lines -match '^\w+ +:').ForEach{ ($_ -split ' ')[0] } | Sort-Object | Should -Be $names
        }
    }

    It 'exports the ack of a sent message to CSV as its text, and the status by its name' {
        $row = $sent | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv

        $row.Ack | Should -BeExactly "re: $visibleText"
        $row.Status | Should -Be 'Acknowledged'
    }

    It 'converts <_> to JSON without going round in circles' -ForEach $types {
        $json = $samples[$_] | ConvertTo-Json -Depth 20 | ConvertFrom-Json

        $json.PSObject.Properties.Name | Should -Be $samples[$_].PSObject.Properties.Name
        $json.Message | Should -BeExactly $samples[$_].Message
        $json.Bytes | Should -Be $samples[$_].Bytes
    }

    It 'has ISO times in the JSON of <_>' -ForEach $types -Skip:($PSVersionTable.PSVersion.Major -lt 6) {
        $samples[$_] | ConvertTo-Json | Should -Match '"(ReceivedAt|SentAt)": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+([+-]\d\d:\d\d|Z)"'
    }

    It 'converts statistics to flat JSON and CSV' {
        ($listener.Statistics | ConvertTo-Json | ConvertFrom-Json).Delivered | Should -Be 1
        ($listener.Statistics | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv).Delivered | Should -Be 1
    }

    It 'makes a flat record of <_>, with all its properties' -ForEach $types {
        $record = $samples[$_] | ForEach-Object ToRecord

        # What came down the pipeline is taken apart, and the bytes of an ack stand beside its text.
        $names = @($samples[$_].PSObject.Properties.Name | Where-Object { $_ -ne 'InputObject' })
        if ($names -contains 'Ack') {
            $names += 'AckBytes'
        }

        $record.PSObject.Properties.Name | Sort-Object | Should -Be ($names | Sort-Object)
        foreach ($property in $record.PSObject.Properties) {
            $(if ($null -ne $property.Value) { $property.Value.GetType().Name }) | Should -BeIn $null, 'String', 'Int32', 'Int64', 'Double'
        }

        @($record.PSObject.Properties)[0].Value | Should -Match $isoTime
        $record.Message | Should -BeExactly $samples[$_].Message
        $record.Bytes | Should -Be (($samples[$_].Bytes | ForEach-Object { '{0:x2}' -f $_ }) -join '')
    }

    It 'makes the same record of <_> from a file' -ForEach $types {
        $records = foreach ($depth in 1, 2) {
            Copy-ThroughClixml $samples[$_] -Depth $depth | ForEach-Object ToRecord | ConvertTo-Json
        }

        $expected = $samples[$_] | ForEach-Object ToRecord | ConvertTo-Json
        $records | Should -Be $expected, $expected
    }

    It 'makes records that a list of them in JSON does not truncate' {
        $json = ConvertTo-Json @($sent, $sent | ForEach-Object ToRecord) -Depth 1 -WarningVariable warnings

        $warnings | Should -BeNullOrEmpty
        ($json | ConvertFrom-Json)[1].Ack | Should -BeExactly "re: $hostileText"
        ($json | ConvertFrom-Json)[1].Status | Should -Be 'Acknowledged'
    }

    It 'makes a record of a message without ack' {
        $record = $silent.ToRecord()

        $record.Status | Should -Be 'NoReply'
        $record.Ack | Should -BeNullOrEmpty
        $record.RoundTripMilliseconds | Should -BeNullOrEmpty
    }
}
