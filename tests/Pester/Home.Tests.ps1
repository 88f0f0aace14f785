# What a user meets on the first day at a prompt, and in a script that other programs read.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
    $manifest = (Get-Module UdpPS).ModuleBase + '/UdpPS.psd1'
}

Describe 'Standard output' {
    AfterEach {
        Clear-TestResource
    }

    It 'is for data where another program reads it: a listener writes nothing else there' {
        $port = Get-FreePort
        $process = Start-TestProcess "
            Import-Module '$manifest'
            Start-UdpListener -Port $port -Count 1 -IdleTimeoutSeconds 60 | ForEach-Object ToRecord | ConvertTo-Json -Compress"

        # Until it listens, the port is closed.
        Wait-Until { Send-UdpMessage 127.0.0.1 $port 'hi' | Receive-UdpAck -Quiet }

        ((Wait-TestProcess $process).Output | ConvertFrom-Json).Message | Should -Be 'hi'
    }

    It 'shows where a listener listens in a terminal' -Skip:(-not (Get-Command script -CommandType Application -ErrorAction Ignore)) {
        $file = Join-Path $TestDrive 'listen.ps1'
        Set-Content $file "Import-Module '$manifest'; Start-UdpListener -Port 0 -TimeoutSeconds 0.01"

        & script -qec "$powerShellPath -NoProfile -File $file" /dev/null | Out-String | Should -Match 'UDP listener up on 127\.0\.0\.1:\d+\s+Only this machine'
    }

    It 'leaves an information record of where it listens' {
        Start-UdpListener -Port 0 -TimeoutSeconds 0.01 -InformationVariable shown 6> $null

        "$($shown[0])" | Should -Match '^UDP listener up on 127\.0\.0\.1:\d+$'
        "$($shown[1])" | Should -Match '-LocalAddress Any'
    }
}

Describe 'What is on the screen' {
    BeforeAll {
        $listener = Start-TestListener -AckScript { 'stored' }
        $hostileText = "a$([char] 0x1B)[2Jb"
        $visibleText = "a$([char] 0x241B)[2Jb"
        $sent = Send-UdpMessage 127.0.0.1 $listener.LocalPort $hostileText | Receive-UdpAck -PassThru
        $objects = @{
            UdpMessage            = Read-Message $listener
            UdpSentMessage        = $sent
            UdpAck                = $sent.Ack
            UdpListenerStatistics = $listener.Statistics
        }

        # As a file or a job gives it.
        function Copy-Object($Object) {
            [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($Object))
        }

        # The lines of a terminal of that width, without colors.
        function Get-Screen([int] $Width) {
            (($input | Out-String -Width $Width) -replace '\x1b\[[\d;]*m') -split '\r?\n' | Where-Object { $_.Trim() }
        }

        function Get-Heading($Object, [int] $Width = 80) {
            -split ($Object | Format-Table | Get-Screen $Width)[0] -replace '\(ms\)$'
        }

        # A value may go on in further lines, which begin with blanks.
        function Get-Label {
            $input | Where-Object { $_ -match '^\w+ *:' } | ForEach-Object { ($_ -split ' *:')[0] }
        }
    }

    AfterAll {
        Clear-TestResource
    }

    It 'is named as the properties of a <_> are, so that it can be typed' -ForEach 'UdpMessage', 'UdpSentMessage', 'UdpAck', 'UdpListenerStatistics' {
        foreach ($object in $objects[$_], (Copy-Object $objects[$_])) {
            $names = @($objects[$_].GetType().GetProperties().Name)
            $headings = Get-Heading $object
            $labels = $object | Format-List | Get-Screen 80 | Get-Label

            $headings.Count | Should -BeGreaterThan 3
            $headings | Where-Object { $_ -ne 'RTT' } | Should -BeIn $names
            $labels.Count | Should -BeGreaterThan 7
            $labels | Should -BeIn $names
            foreach ($name in @($headings) + $labels) {
                $object, $object | Sort-Object $name -Descending | Select-Object -First 1 -ExpandProperty $name | Should -Be $object.$name
            }
        }
    }

    It 'has under each heading of a <Type> the value of that property' -ForEach @(
        @{ Type = 'UdpMessage'; Numbers = 'RemotePort' }
        @{ Type = 'UdpSentMessage'; Numbers = 'Port', 'RTT(ms)' }
        @{ Type = 'UdpAck'; Numbers = 'Port', 'RTT(ms)' }
        @{ Type = 'UdpListenerStatistics'; Numbers = 'Received', 'Delivered', 'Acknowledged', 'Dropped', 'Denied', 'Errors' }
    ) {
        $copy = Copy-Object $objects[$Type]
        $value = 100
        foreach ($property in $copy.PSObject.Properties | Where-Object { $_.Value -is [int] -or $_.Value -is [long] -or $_.Name -like 'RoundTrip*' }) {
            $property.Value = $value++
        }

        $screen = $copy | Get-Screen 160
        foreach ($heading in $Numbers) {
            $end = $screen[0].IndexOf($heading) + $heading.Length

            [int] ($screen[2].Substring(0, $end) -split ' ')[-1] | Should -Be $copy.($heading -replace '\(ms\)') -Because $heading
        }
    }

    It 'has in a <_> amid objects of other types the same names, and its texts under one that filters by what is shown' -ForEach @(
        'UdpMessage', 'UdpSentMessage', 'UdpAck'
    ) {
        foreach ($object in $objects[$_], (Copy-Object $objects[$_])) {
            $screen = [timespan]::Zero, $object | Get-Screen 160
            $names = @($objects[$_].GetType().GetProperties().Name)
            $labels = @($screen | Select-Object -Skip 2 | Get-Label | Where-Object { $_ -in $names -or $_ -like 'PS*' })

            $labels | Where-Object { $_ -notin $names } | Should -BeIn 'PSViewMessage', 'PSViewSentMessage'
            $labels | Should -Contain $(if ($_ -eq 'UdpSentMessage') { 'SentAt' } else { 'ReceivedAt' })
            if ($_ -eq 'UdpSentMessage') { $labels | Should -Contain 'Ack' }
            $text = if ($_ -eq 'UdpAck') { 'PSViewSentMessage' } else { 'PSViewMessage' }
            ($screen -match "^$text *: ") | Should -Match ([regex]::Escape($visibleText))
            $object | Where-Object $text -EQ $visibleText | Should -HaveCount 1
        }
    }

    It 'shows no control character of a server either' {
        $row = Send-UdpMessage $hostileText 4010 'x' -ErrorAction Ignore

        foreach ($text in ($row | Out-String), ($row | Format-List | Out-String), ([timespan]::Zero, $row | Out-String)) {
            $text.Contains($visibleText) | Should -BeTrue
            $text.Contains($hostileText) | Should -BeFalse
        }
    }

    It 'breaks no heading of a <Type> at <Width> columns' -ForEach @(
        foreach ($type in 'UdpMessage', 'UdpSentMessage', 'UdpAck', 'UdpListenerStatistics') {
            foreach ($width in 59, 60, 80) {
                @{ Type = $type; Width = $width }
            }
        }
    ) {
        # A terminal may keep its last column.
        $screen = $objects[$Type] | Get-Screen $Width

        $screen | Should -HaveCount 3
        $screen[1] | Should -Match '^[- ]+$'
        -split $screen[0] | Should -Be (-split ($objects[$Type] | Get-Screen 160)[0])
        ($screen | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $Width
    }

    It 'tells one IPv6 peer from another at <_> columns' -ForEach 60, 80 {
        $addresses = '2001:db8:1111:2222:3333:4444:5555:6666', '2001:db8:1111:2222:3333:4444:5555:6667', '2001:dead:1111:2222:3333:4444:5555:6666', 'fe80::211:22ff:fe33:4455%2'
        foreach ($screen in @(
                , ($addresses | ForEach-Object { [UdpPS.UdpMessage]::new('x', $_, 4010) } | Get-Screen $_)
                , ($addresses | ForEach-Object { [UdpPS.UdpAck]::new('x', $_, 4010, 'y') } | Get-Screen $_)
                , (Send-UdpMessage $addresses 0 x -ErrorAction Ignore | Get-Screen $_)
            )) {
            $screen | Should -HaveCount 6
            $peers = $screen[2..5] -replace '^\d\d-\d\d \S+' | ForEach-Object { [regex]::Match($_, '\S+\u2026\S+|fe80\S+').Value }
            $peers | Select-Object -Unique | Should -HaveCount 4
            $peers[0..2] | Should -Match '^2001:.*6{3}[67]$'
        }
    }

    It 'shows the whole of a peer that has room for it' {
        $fits, $tooLong = 'fe80::211:22ff:fe33', '2001:db8::ff00:42:83'
        foreach ($screen in @(
                , ($fits, $tooLong | ForEach-Object { [UdpPS.UdpMessage]::new('x', $_, 4010) } | Get-Screen 60)
                , ($fits, $tooLong | ForEach-Object { [UdpPS.UdpAck]::new('x', $_, 4010, 'y') } | Get-Screen 60)
            )) {
            $screen[2] | Should -Match " $fits "
            $screen[3] | Should -Match ' 2001:db8:\u2026f00:42:83 '
        }
    }

    It 'shows the date in a table that spans midnight' {
        $times = [datetime]::new(2026, 12, 31, 23, 59, 59, 999), [datetime]::new(2027, 1, 1)
        $screen = $times | ForEach-Object {
            $copy = Copy-Object $objects.UdpMessage
            $copy.ReceivedAt = $_
            $copy
        } | Get-Screen 80

        $screen[2] | Should -Match '^12-31 23:59:59\.999 '
        $screen[3] | Should -Match '^01-01 00:00:00\.000 '
    }

    It 'shows in the table of acks the server that was asked' {
        $ack = Send-UdpMessage localhost $listener.LocalPort x -IPv4 | Receive-UdpAck

        ($ack | Get-Screen 80)[2] | Should -Match '^localhost +127\.0\.0\.1 '
    }

    It 'has ISO dates in the culture <_>' -ForEach 'th-TH', 'ar-SA', 'fa-IR', 'fi-FI' {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = $_
            $message = $objects.UdpMessage | Format-List | Get-Screen 80
            $sent = $objects.UdpSentMessage | Format-List | Get-Screen 80
            $ack = $objects.UdpAck | Format-List | Get-Screen 80
            $row = ($objects.UdpMessage | Get-Screen 80)[2]
        }
        finally {
            [cultureinfo]::CurrentCulture = $before
        }

        $time = { param($Value, $Format) $Value.ToString($Format, [cultureinfo]::InvariantCulture) }
        $message | Should -Contain "ReceivedAt    : $(& $time $objects.UdpMessage.ReceivedAt 'yyyy-MM-dd HH:mm:ss.fff')"
        $sent | Should -Contain "SentAt                : $(& $time $objects.UdpSentMessage.SentAt 'yyyy-MM-dd HH:mm:ss.fff')"
        $ack | Should -Contain "ReceivedAt            : $(& $time $objects.UdpAck.ReceivedAt 'yyyy-MM-dd HH:mm:ss.fff')"
        $row.StartsWith((& $time $objects.UdpMessage.ReceivedAt 'MM-dd HH:mm:ss.fff')) | Should -BeTrue
    }
}

Describe 'Completion' {
    AfterEach {
        Clear-TestResource
    }

    It 'offers of what <Cmdlet> emits what users may use' -ForEach @(
        @{ Cmdlet = 'Start-UdpListener'; Types = 'UdpPS.UdpMessage' }
        @{ Cmdlet = 'Send-UdpMessage'; Types = 'UdpPS.UdpSentMessage' }
        @{ Cmdlet = 'Receive-UdpAck'; Types = 'UdpPS.UdpAck', 'UdpPS.UdpSentMessage' }
    ) {
        $line = "$Cmdlet | Where-Object "
        $offers = @((TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText)
        $names = @($Types | ForEach-Object { ([type] $_).GetProperties().Name })

        $names | Should -BeIn $offers
        $offers | Where-Object { $_ -notlike 'PSView*' } | Should -BeIn ($names + 'ToRecord', 'RTT', 'PSStandardMembers')
    }

    It 'offers of a job in a variable what the job has' {
        $global:homeJob = Start-TestListener
        try {
            $line = '$homeJob.'
            $offers = @((TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText)
        }
        finally {
            Remove-Variable homeJob -Scope Global
        }

        'LocalPort', 'Statistics', 'StopJob(' | Should -BeIn $offers
        $offers | Should -Not -Contain 'RemoteAddress'
    }
}

Describe 'A listener job' {
    AfterEach {
        Clear-TestResource
    }

    It 'has as its command the statement of the listener, not what else is on the line' {
        $secret = 'pw'; $job = Start-UdpListener -Port 0 -AsJob -AckScript { 'a'; 'b' }; $secret = $null

        $job.Command | Should -BeExactly "Start-UdpListener -Port 0 -AsJob -AckScript { 'a'; 'b' }"
    }

    It 'has the statement alone inside a script block too' {
        $secret = 'pw'; $job = & { 'x' | ForEach-Object { Start-UdpListener -Port 0 -AsJob -NoAck } }; $secret = $null

        $job.Command | Should -BeExactly 'Start-UdpListener -Port 0 -AsJob -NoAck'
    }

    It 'has the first line of a statement over several lines, and the name where there is no text' {
        $job = Start-UdpListener -Port 0 `
            -AsJob
        $state = [initialsessionstate]::CreateDefault()
        $state.ImportPSModule($manifest)
        $powerShell = [powershell]::Create($state)
        $disposables.Add($powerShell)
        $other = $powerShell.AddCommand('Start-UdpListener').AddParameter('Port', 0).AddParameter('AsJob').Invoke()

        $job.Command | Should -BeExactly 'Start-UdpListener -Port 0'
        $other.Command | Should -BeExactly 'Start-UdpListener'
        $other | Stop-Job
    }

    It 'is of a type in namespace UdpPS, and no output type of the cmdlet' {
        (Start-TestListener).GetType().FullName | Should -BeExactly 'UdpPS.UdpListenerJob'
        (Get-Command Start-UdpListener).OutputType.Name | Should -BeExactly 'UdpPS.UdpMessage'
    }
}

Describe 'Parameters' {
    AfterEach {
        Clear-TestResource
    }

    It 'take -Encoding Default as ansi' {
        $latin = [System.Text.Encoding]::GetEncoding([cultureinfo]::CurrentCulture.TextInfo.ANSICodePage)
        $peer = New-Peer
        $null = Send-UdpMessage 127.0.0.1 (Get-PeerPort $peer) "$([char] 0xE9)" -Encoding Default

        (Read-Datagram $peer).Bytes | Should -Be $latin.GetBytes("$([char] 0xE9)")
    }

    It 'offer the groups that running listeners have joined' {
        $job = Start-TestListener -MulticastGroup 239.255.40.7, 239.255.40.8
        $null = Start-TestListener -MulticastGroup 239.255.40.8
        $line = 'Start-UdpListener -MulticastGroup '

        @((TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText) | Sort-Object | Should -Be 239.255.40.7, 239.255.40.8
        Stop-Job $job
        @((TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText) | Should -Not -Contain 239.255.40.7
    }

    It 'offer a sender the ports of running listeners' {
        $job = Start-TestListener
        $line = 'Send-UdpMessage 127.0.0.1 -Port '

        @((TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText) | Should -Contain "$($job.LocalPort)"
        Stop-Job $job
        @((TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText) | Should -Not -Contain "$($job.LocalPort)"
    }

    It 'are known by -M and -IP, which are the beginning of several' {
        $peer = New-Peer

        (Send-UdpMessage -IP 127.0.0.1 -Port (Get-PeerPort $peer) -M 'short').Server | Should -Be 127.0.0.1
        (Read-Datagram $peer).Text | Should -Be 'short'
    }

    It 'that exclude each other say so in their help: <Name>' -ForEach @(
        @{ Name = 'Start-UdpListener'; Pairs = 'LocalAddress MulticastGroup', 'NoOutput AckMessage' }
        @{ Name = 'Send-UdpMessage'; Pairs = 'IPv4 IPv6', 'LocalAddress IPv4', 'LocalAddress IPv6' }
        @{ Name = 'Receive-UdpAck'; Pairs = 'All PassThru', 'All Quiet' }
    ) {
        # Besides those that the code refuses, all that have no parameter set in common.
        $parameters = @((Get-Command $Name).Parameters.Values)
        $all = @($Pairs) + @(foreach ($first in $parameters) {
                foreach ($second in $parameters) {
                    $isShared = $first.ParameterSets.Keys | Where-Object { $_ -in $second.ParameterSets.Keys }
                    if (-not $isShared -and '__AllParameterSets' -notin @($first.ParameterSets.Keys) + $second.ParameterSets.Keys) {
                        "$($first.Name) $($second.Name)"
                    }
                }
            })

        $all.Count | Should -BeGreaterThan 3
        foreach ($pair in $all) {
            $names = -split $pair
            foreach ($i in 0, 1) {
                $text = (Get-Help $Name -Parameter $names[$i]).description.Text -join ' '
                $text | Should -Match "\bexcludes\b[^.]* -$($names[1 - $i])\b" -Because "of -$($names[$i])"
            }
        }
    }

    It '-All and <_> exclude each other, and the error names both' -ForEach '-PassThru', '-Quiet' {
        $failure = Get-ErrorOf ([scriptblock]::Create("Send-UdpMessage 127.0.0.1 4010 x | Receive-UdpAck -All $_"))

        Assert-UdpError $failure UdpAllNotAllowed InvalidArgument '-All'
        "$failure" | Should -Match "-All and $_\b"
    }

    It 'of a listener have no name that means the peer on the sender' {
        (Get-Command Start-UdpListener).Parameters.LocalAddress.Aliases | Should -BeNullOrEmpty
    }
}

Describe 'The help' {
    It 'of <_> names ToRecord' -ForEach 'Start-UdpListener', 'Send-UdpMessage', 'Receive-UdpAck' {
        (Get-Help $_ -Full).returnValues | Out-String -Width 500 | Should -MatchExactly '\bToRecord\b'
    }

    It 'of <_> says how ConvertTo-Json writes the Status, and that is so' -ForEach 'Send-UdpMessage', 'Receive-UdpAck' {
        $sent = Send-UdpMessage 127.0.0.1 0 x -ErrorAction Ignore
        $acknowledged = [int] [UdpPS.UdpSendStatus]::Acknowledged

        (Get-Help $_ -Full).returnValues | Out-String -Width 500 | Should -MatchExactly "ConvertTo-Json writes Status as a number, Acknowledged as $acknowledged,"
        $sent | ConvertTo-Json | Should -Match '"Status": +5\b'
        if ($PSVersionTable.PSVersion.Major -ge 7) {
            $sent | ConvertTo-Json -EnumsAsStrings | Should -Match '"Status": +"NotSent"'
        }

        $sent.ToRecord() | ConvertTo-Json | Should -Match '"Status": +"NotSent"'
        ($sent | ConvertTo-Csv | ConvertFrom-Csv).Status | Should -BeExactly 'NotSent'
        [System.Management.Automation.PSSerializer]::Serialize($sent) | Should -Match '<S N="Status">NotSent<'
    }

    It 'of <_> says, asked for the page on the web, that there is none, and what to do' -ForEach 'Start-UdpListener', 'Send-UdpMessage', 'Receive-UdpAck' {
        $failure = Get-ErrorOf ([scriptblock]::Create("Get-Help $_ -Online -ErrorAction Stop"))

        # The blanks are such that PowerShell does not take what follows for another word.
        "$failure" -replace '\u00A0', ' ' | Should -Match "\bnone \(Get-Help $_ -Full shows everything\)"
        (Get-Help $_ | Out-String -Width 120) -replace '\u00A0', ' ' | Should -Match "Online version: none \(Get-Help $_ -Full shows everything\)"
    }
}

Describe 'The types of the module' {
    It 'are those of namespace UdpPS for users; of the others, only the cmdlets are shown by an editor' {
        $shown = [UdpPS.UdpMessage].Assembly.GetExportedTypes() | Where-Object {
            $mark = [System.Reflection.CustomAttributeExtensions]::GetCustomAttribute($_, [System.ComponentModel.EditorBrowsableAttribute])
            -not $mark -or $mark.State -ne 'Never'
        }

        $shown | Where-Object Namespace -NE 'UdpPS' | ForEach-Object { $_.IsSubclassOf([System.Management.Automation.Cmdlet]) } | Should -Be $true, $true, $true
    }
}

Describe 'A function that takes what the cmdlets emit' {
    It 'is tested without a network by a message that is made' {
        function Get-Alarm([UdpPS.UdpMessage] $Message) { "$($Message.RemoteAddress):$($Message.RemotePort) $($Message.Message)" }
        $before = Get-Date

        $message = [UdpPS.UdpMessage]::new("d$([char] 0xF6)r", '192.0.2.7', 5000)

        Get-Alarm $message | Should -BeExactly "192.0.2.7:5000 d$([char] 0xF6)r"
        $message.Bytes | Should -Be 0x64, 0xC3, 0xB6, 0x72
        $message.Length | Should -Be 4
        $message.ReceivedAt | Should -BeGreaterOrEqual $before
        "$($message.LocalAddress):$($message.LocalPort) $($message.Sequence)" | Should -Be '127.0.0.1:4010 1'
        [UdpPS.UdpMessage]::new([byte[]] (0, 255), '2001:db8::7', 7).Bytes | Should -Be 0, 255
        [UdpPS.UdpMessage]::new('x', '::ffff:192.0.2.7', 7).RemoteAddress | Should -Be '192.0.2.7'
        [UdpPS.UdpAck]::new('x', '::ffff:192.0.2.7', 7, 'y').RemoteAddress | Should -Be '192.0.2.7'
        { [UdpPS.UdpMessage]::new('x', 'nowhere', 1) } | Should -Throw
        { [UdpPS.UdpMessage]::new('x', '192.0.2.7', 65536) } | Should -Throw
    }

    It 'is tested without a network by an ack that is made' {
        $ack = [UdpPS.UdpAck]::new('ok', '192.0.2.7', 5000, 'hi')

        "$($ack.Server) $($ack.RemoteAddress):$($ack.Port) $($ack.SentMessage) $($ack.Message) $($ack.Attempts)" |
            Should -BeExactly '192.0.2.7 192.0.2.7:5000 hi ok 1'
        $ack.RoundTripMilliseconds | Should -BeNullOrEmpty
        ($ack | ForEach-Object ToRecord).Message | Should -Be 'ok'
    }
}
