# What happens to listeners and senders when a process dies, a network goes away, or a user presses Ctrl+C.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $kills = @(1..$attackScale)
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
}

Describe 'A listener in a process of its own' {
    AfterEach {
        Clear-TestResource
    }

    It 'ends at Ctrl+C, and its port is free again' -Skip:([bool] $IsWindows -or $PSVersionTable.PSEdition -eq 'Desktop') {
        $port = Get-FreePort

        # A test run that a script put into the background ignores SIGINT, and its children do.
        $launcher = @(if ($IsLinux) { 'env', '--default-signal=INT' })
        $process = Start-ModuleProcess "Start-UdpListener -Port $port" -Launcher $launcher
        Read-ProcessLine $process | Should -Be "UDP listener up on 127.0.0.1:$port"

        # As the terminal does for Ctrl+C.
        & kill -INT $process.Id

        (Wait-TestProcess $process $deadlineSeconds).Errors | Should -BeNullOrEmpty
        { New-Peer -Port $port } | Should -Not -Throw
    }

    It 'is carried on by the next one when it is killed, and nothing acked is missing from what either wrote' -ForEach $kills {
        # The first listener dies with this message in its hands, neither written nor acknowledged.
        $lastOfFirst = 300
        $acksOfSecond = 300
        $port = Get-FreePort
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).txt"
        function Start-Writer([string] $BeforeWriting = '') {
            $process = Start-ModuleProcess "
                `$file = '$file'
                Start-UdpListener -Port $port | ForEach-Object {
                    $BeforeWriting
                    [IO.File]::AppendAllText(`$file, `"`$(`$_.Message)``n`")
                }"
            Read-ProcessLine $process | Should -Be "UDP listener up on 127.0.0.1:$port"
            $process
        }

        $first = Start-Writer "
            if (`$_.Message -eq 'message $lastOfFirst') {
                [Console]::WriteLine('held')
                [System.Threading.Thread]::Sleep(-1)
            }"

        # The stream goes on until the test has seen enough of it, on a machine of any speed.
        $enough = New-Object System.Threading.ManualResetEventSlim
        $disposables.Add($enough)
        $sender = Start-TestSession {
            param($port, $enough)
            & { for ($i = 1; -not $enough.IsSet; $i++) { "message $i" } } | Send-UdpMessage 127.0.0.1 $port |
                Receive-UdpAck -PassThru -TimeoutSeconds 0.2 -MaximumRetryCount 9 -ThrottleLimit 16
        } $port, $enough
        while ((Read-ProcessLine $first) -ne 'held') {
            # It tells first that only this machine can reach it.
        }

        Stop-TestProcess $first
        $beforeTheKill = $sender.Output.Count
        $null = Start-Writer
        Wait-Until { $sender.Output.Count -ge $beforeTheKill + $acksOfSecond -or $sender.Run.IsCompleted }
        $enough.Set()
        $sent = Wait-TestSession $sender

        $sender.PowerShell.Streams.Error | Should -BeNullOrEmpty
        $sent | Where-Object Status -NE Acknowledged | Should -BeNullOrEmpty
        ($sent | Where-Object Message -EQ "message $lastOfFirst").Attempts | Should -BeGreaterThan 1
        $written = New-Object 'System.Collections.Generic.HashSet[string]' (, [string[]] (Get-Content $file))
        $sent | Where-Object { -not $written.Contains($_.Message) } | Should -BeNullOrEmpty
    }
}

Describe 'A network interface that goes away' {
    AfterEach {
        Clear-TestResource
    }

    It 'or drops what is sent makes no verdict: a retry arrives when it sends again' {
        $onlyHost = New-TestHost
        Invoke-Ip -n $onlyHost link set lo up
        $launcher = Get-HostLauncher $onlyHost
        $listener = Start-ModuleProcess 'Start-UdpListener | ForEach-Object { }' -Launcher $launcher
        Read-ProcessLine $listener | Should -Be 'UDP listener up on 127.0.0.1:4010'
        & tc -n $onlyHost qdisc add dev lo root pfifo limit 0
        $sender = Start-ModuleProcess -Launcher $launcher '
            $sent = "hi" | Send-UdpMessage 127.0.0.1
            "$($sent.Status)"
            $null = [Console]::In.ReadLine()
            $ack = $sent | Receive-UdpAck -PassThru -TimeoutSeconds 0.2 -MaximumRetryCount 8
            "$($ack.Status) $($ack.Attempts -gt 1)"'
        Read-ProcessLine $sender | Should -Be Sent
        & tc -n $onlyHost qdisc del dev lo root
        Write-ProcessLine $sender go
        Read-ProcessLine $sender | Should -Be 'Acknowledged True'
    }

    It 'and comes back is survived by the listener, and by retries, when it is <Name>' -ForEach @(
        @{ Name = 'switched off'; IsTakenOut = $false }
        @{ Name = 'taken out'; IsTakenOut = $true }
    ) {
        $count = 20
        $listenerHost = New-TestHost
        $senderHost = New-TestHost
        Connect-TestHost $listenerHost 192.0.2.1/30 $senderHost 192.0.2.2/30

        # Sends a batch for each line that it is given, each message by a command of its own.
        function Start-Sender([string] $Receiving) {
            Start-ModuleProcess -Launcher (Get-HostLauncher $senderHost) "
                while (`$line = [Console]::In.ReadLine()) {
                    `$sent = 1..$count | ForEach-Object { `"`$line `$_`" | Send-UdpMessage 192.0.2.1 }
                    `"`$(`$sent.Count) sent`"
                    `$sent | Receive-UdpAck -PassThru -ThrottleLimit $count $Receiving |
                        ForEach-Object { `"`$(`$_.Status) `$(`$_.Attempts)`" }
                }"
        }

        function Send-Line($Sender, [string] $Line) {
            Write-ProcessLine $Sender $Line
            Read-ProcessLine $Sender | Should -Be "$count sent"
        }

        function Read-Verdict($Sender) {
            1..$count | ForEach-Object { Read-ProcessLine $Sender }
        }

        $listener = Start-ModuleProcess 'Start-UdpListener -LocalAddress 192.0.2.1 | ForEach-Object { }' -Launcher (
            Get-HostLauncher $listenerHost)
        $patient = Start-Sender '-TimeoutSeconds 0.2 -MaximumRetryCount 8'
        $impatient = Start-Sender '-TimeoutSeconds 0.5'
        Read-ProcessLine $listener | Should -Be 'UDP listener up on 192.0.2.1:4010'
        Send-Line $patient 'before'
        Read-Verdict $patient | Should -Match '^Acknowledged '

        Invoke-Ip -n $listenerHost link set cable down
        Send-Line $patient 'in vain at first'
        Send-Line $impatient 'in vain'
        if ($IsTakenOut) {
            Invoke-Ip -n $listenerHost link del cable
        }

        # Once these have given up, the others have tried again, and failed.
        Read-Verdict $impatient | Should -Not -Match '^Acknowledged '
        if ($IsTakenOut) {
            Connect-TestHost $listenerHost 192.0.2.1/30 $senderHost 192.0.2.2/30
        }
        else {
            Invoke-Ip -n $listenerHost link set cable up
        }

        $verdicts = Read-Verdict $patient
        $verdicts | Should -Match '^Acknowledged '
        $verdicts | Should -Not -Be 'Acknowledged 1'
        Send-Line $patient 'after'
        Read-Verdict $patient | Should -Match '^Acknowledged '
        $listener.HasExited | Should -BeFalse
    }
}
