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

Describe 'A listener job' {
    AfterEach {
        Clear-TestResource
    }

    It 'has as its command the statement of the listener, not what else is on the line' {
        $secret = 'pw'; $job = Start-UdpListener -Port 0 -AsJob -AckScript { 'a'; 'b' }; $secret = $null

        $job.Command | Should -BeExactly "Start-UdpListener -Port 0 -AsJob -AckScript { 'a'; 'b' }"
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

    It 'of a listener have no name that means the peer on the sender' {
        (Get-Command Start-UdpListener).Parameters.LocalAddress.Aliases | Should -BeNullOrEmpty
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
