# Traffic goes where the user means, and each target has a true row. Names and addresses differ in each test, so that properties
# that are swapped show.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $hasIPv6 = Test-IPv6
    $hasMulticast = Test-LoopbackMulticast
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"

    # What a script emits and the errors that it writes, as they are.
    function Get-Stream([scriptblock] $Block) {
        $ErrorActionPreference = 'Continue'
        & $Block 2>&1
    }

    # What a script emits, and the errors that it writes, in their order.
    function Get-Outcome([scriptblock] $Block) {
        Get-Stream $Block | ForEach-Object {
            if ($_ -is [System.Management.Automation.ErrorRecord]) { $_.FullyQualifiedErrorId -replace ',.*' }
            else { "$($_.Server)|$($_.RemoteAddress)|$($_.Port)|$($_.Status)" }
        }
    }

    # What a job, a file or another machine makes of an object.
    function Copy-Object($InputObject) {
        [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($InputObject))
    }
}

Describe 'The targets of Send-UdpMessage' {
    BeforeEach {
        $peer = New-Peer 127.0.0.2
        $port = Get-PeerPort $peer
    }

    AfterEach {
        Clear-TestResource
    }

    Context 'Addresses' {
        It 'sends to a piped IPAddress' {
            $sent = [ipaddress] '127.0.0.2' | Send-UdpMessage -Port $port -Message 'hello'

            (Read-Datagram $peer).Text | Should -Be 'hello'
            "$($sent.Server) $($sent.RemoteAddress)" | Should -Be '127.0.0.2 127.0.0.2'
        }

        It 'sends to a piped IPAddress of IPv6' -Skip:(-not $hasIPv6) {
            $peer = New-Peer '::1'

            ([ipaddress] '::1' | Send-UdpMessage -Port (Get-PeerPort $peer) -Message 'hello').RemoteAddress | Should -Be '::1'
            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'takes address and port from a piped IPEndPoint' {
            $endPoint = New-Object System.Net.IPEndPoint ([ipaddress] '127.0.0.2'), $port

            $null = $endPoint | Send-UdpMessage -Message 'hello'

            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'refuses <Server>' -ForEach @(
            @{ Server = '16777343' }, @{ Server = '127.1' }, @{ Server = '010.0.0.1' }, @{ Server = '0x7f000001' }, @{ Server = '10.0.0.256' }
            @{ Server = '[::1]:6001' }, @{ Server = 'localhost:6001' }, @{ Server = '127.0.0.1:53' }, @{ Server = 'udp://localhost' }
            @{ Server = 'a b' }, @{ Server = '   ' }, @{ Server = '' }
        ) {
            $outcome = @(Get-Outcome { Send-UdpMessage $Server $port 'hello' })

            $outcome | Should -Be "$($Server.Trim())||$port|NotSent", 'UdpInvalidServer'
        }

        It 'says that the port goes in -Port' {
            $failure = Get-Stream { Send-UdpMessage '[::1]:6001' $port 'hello' } | Select-Object -Last 1

            Assert-UdpError $failure UdpInvalidServer InvalidArgument '[::1]:6001'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-Port'
        }

        It 'takes an IPv6 address in brackets, without the port' -Skip:(-not $hasIPv6) {
            $peer = New-Peer '::1'

            (Send-UdpMessage '[::1]' (Get-PeerPort $peer) 'hello').RemoteAddress | Should -Be '::1'
        }

        It 'trims what surrounds a cell' {
            $rows = 'Server,Port,Message', " 127.0.0.2 , $port ,hello" | ConvertFrom-Csv

            ($rows | Send-UdpMessage).Server | Should -BeExactly '127.0.0.2'
            (Read-Datagram $peer).Text | Should -Be 'hello'
        }

        It 'goes on after a blank line of a list' {
            $outcome = @(Get-Outcome { Send-UdpMessage -Server '127.0.0.2', '', $null, 'localhost' -Port $port -Message 'hello' -IPv4 })

            $outcome | Should -Be @(
                "127.0.0.2|127.0.0.2|$port|Sent", "||$port|NotSent", 'UdpInvalidServer', "||$port|NotSent", 'UdpInvalidServer'
                "localhost|127.0.0.1|$port|Sent"
            )
        }

        It 'goes on after an empty cell' {
            $rows = 'Server,Port', ",$port", "127.0.0.2,$port" | ConvertFrom-Csv

            Get-Outcome { $rows | Send-UdpMessage -Message 'hello' } |
                Should -Be "||$port|NotSent", 'UdpInvalidServer', "127.0.0.2|127.0.0.2|$port|Sent"
        }

        It 'uses the address of a row whose name is empty' {
            $rows = 'HostName,IPAddress', ',127.0.0.2', 'localhost,127.0.0.9' | ConvertFrom-Csv

            ($rows | Send-UdpMessage -Port $port -Message 'hello' -IPv4).Server | Should -Be '127.0.0.2', 'localhost'
        }

        It 'takes the server from a property DNSHostName' {
            ([pscustomobject]@{ DNSHostName = '127.0.0.2' } | Send-UdpMessage -Port $port -Message 'hello').Server | Should -Be '127.0.0.2'
        }

        It 'refuses a port inside -LocalAddress' {
            $failure = Get-ErrorOf { Send-UdpMessage 127.0.0.2 $port 'hello' -LocalAddress 127.0.0.1:53 }

            Assert-UdpError $failure UdpAddressNotAvailable InvalidArgument '127.0.0.1:53'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-LocalPort'
        }
    }

    Context 'Ports' {
        It 'writes UdpInvalidPort for a row whose port is <Text>, and sends the next' -ForEach @(
            @{ Text = 'abc' }, @{ Text = '4010/udp' }, @{ Text = '53;54' }, @{ Text = '' }, @{ Text = '70000' }, @{ Text = '0' }, @{ Text = '-1' }
            @{ Text = '1.5' }
        ) {
            $rows = [pscustomobject]@{ Server = '127.0.0.2'; Port = $Text }, [pscustomobject]@{ Server = '127.0.0.2'; Port = "$port" }

            Get-Outcome { $rows | Send-UdpMessage -Message 'hello' } |
                Should -Be '127.0.0.2||0|NotSent', 'UdpInvalidPort', "127.0.0.2|127.0.0.2|$port|Sent"
        }

        It 'tells what was given as the port, and that the second position is it' {
            $failure = Get-Stream { Send-UdpMessage 127.0.0.2 hi } | Select-Object -Last 1

            Assert-UdpError $failure UdpInvalidPort InvalidArgument 'hi'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'second position is the port'
        }

        It 'sends to each of several ports of each server' {
            $other = New-Peer 127.0.0.3 $port
            $second = New-Peer 127.0.0.2

            $sent = Send-UdpMessage 127.0.0.2, 127.0.0.3 $port, (Get-PeerPort $second) 'hello'

            $sent | ForEach-Object { "$($_.Server) $($_.Port)" } | Should -Be @(
                "127.0.0.2 $port", "127.0.0.2 $(Get-PeerPort $second)", "127.0.0.3 $port", "127.0.0.3 $(Get-PeerPort $second)"
            )
            foreach ($one in $peer, $second, $other) {
                (Read-Datagram $one).Text | Should -Be 'hello'
            }
        }

        It 'is that of its own row for each message, however often one comes again' {
            $second = New-Peer 127.0.0.2
            $other = New-Peer 127.0.0.3 $port
            $targets = @{ a = '127.0.0.2', $port; b = '127.0.0.2', (Get-PeerPort $second); c = '127.0.0.3', $port }
            $order = 'aabbccabcaabaccbcbbaaacccbbb'.ToCharArray()

            $sent = $order | ForEach-Object { [pscustomobject]@{ Server = $targets["$_"][0]; Port = $targets["$_"][1]; Message = "$_" } } |
                Send-UdpMessage

            -join $sent.Message | Should -Be (-join $order)
            foreach ($one in @{ Peer = $peer; Text = 'a' }, @{ Peer = $second; Text = 'b' }, @{ Peer = $other; Text = 'c' }) {
                $count = @($order -eq $one.Text).Count
                (1..$count | ForEach-Object { (Read-Datagram $one.Peer).Text } | Select-Object -Unique) | Should -Be $one.Text
                $one.Peer.Available | Should -Be 0
            }
        }

        It 'takes a whole number of any type, as sheets and databases give them: <_>' -ForEach @(
            'byte', 'sbyte', 'int16', 'uint16', 'int', 'uint32', 'long', 'uint64', 'float', 'double', 'decimal', 'string'
        ) {
            $value = [System.Management.Automation.LanguagePrimitives]::ConvertTo($(if ($_ -match 'byte|int16') { 9 } else { $port }), [type] $_)

            ([pscustomobject]@{ Server = '127.0.0.2'; Port = $value } | Send-UdpMessage -Message 'hello').Port | Should -Be $value
            (Send-UdpMessage 127.0.0.2 $value 'hello').Port | Should -Be $value
        }

        It 'takes no part of a number for a port: <_>' -ForEach 4010.5d, '4010.0', 1e10, $true {
            $value = $_
            Get-Outcome { [pscustomobject]@{ Server = '127.0.0.2'; Port = $value } | Send-UdpMessage -Message 'hello' } |
                Should -Be '127.0.0.2||0|NotSent', 'UdpInvalidPort'
        }

        It 'takes the port from a script block for each row' {
            $rows = [pscustomobject]@{ prt = $port; RemotePort = 9 }, [pscustomobject]@{ prt = 'x'; RemotePort = 9 }

            Get-Outcome { $rows | Send-UdpMessage -Server 127.0.0.2 -Port { $_.prt } -Message 'hello' } |
                Should -Be "127.0.0.2|127.0.0.2|$port|Sent", '127.0.0.2||0|NotSent', 'UdpInvalidPort'
        }

        It 'sends to 4010 for a row without port after one with a port' {
            $rows = [pscustomobject]@{ Server = '127.0.0.2'; Port = $port }, [pscustomobject]@{ Server = '127.0.0.3' }

            ($rows | Send-UdpMessage -Message 'hello').Port | Should -Be $port, 4010
        }

        It 'is the Port of a row that has a RemotePort too, for a -Server that was given' {
            $rows = [pscustomobject]@{ Port = $port; RemotePort = 9 }, [pscustomobject]@{ RemotePort = 9; Port = $port }

            ($rows | Send-UdpMessage -Server 127.0.0.2 -Message 'hello').Port | Should -Be $port, $port
        }
    }

    Context 'Relays' {
        It 'does not take the port of <Name> for one of -Server' -ForEach @(
            @{ Name = 'a received message'; Convert = { $_ } }
            @{ Name = 'its record'; Convert = { $_.ToRecord() } }
            @{ Name = 'its copy from a job or a file'; Convert = { Copy-Object $_ } }
        ) {
            $job = Start-TestListener
            $client = New-Peer
            Send-Datagram $client $job.LocalPort 'hello'
            $message = Read-Message $job | ForEach-Object $Convert

            $sent = $message | Send-UdpMessage -Server 127.0.0.2 -Message 'lamp on'

            $sent.Port | Should -Be 4010
            ($message | Send-UdpMessage -Server 127.0.0.2 -Port $port -Message 'lamp on').Port | Should -Be $port
            ($message | Send-UdpMessage -Message 'back').Port | Should -Be (Get-PeerPort $client)
            ($message | Send-UdpMessage -Server 127.0.0.1 -Port { $_.RemotePort } -Message 'back').Port | Should -Be (Get-PeerPort $client)
        }

        It 'relays the copy of a message from a job or a file with its exact bytes' {
            $job = Start-TestListener
            Send-Datagram (New-Peer) $job.LocalPort ([byte[]] (0xC3, 0x28, 0x00))

            $null = Copy-Object (Read-Message $job) | Send-UdpMessage -Server 127.0.0.2 -Port $port

            (Read-Datagram $peer).Bytes | Should -Be 0xC3, 0x28, 0x00
        }

        It 'sends <Name> back to whom it came from, and not to the group' -Skip:(-not $hasMulticast) -ForEach @(
            @{ Name = 'an ack'; Convert = { $_ } }
            @{ Name = 'its copy from a job or a file'; Convert = { Copy-Object $_ } }
        ) {
            $responder = New-Peer '0.0.0.0'
            $responder.JoinMulticastGroup([ipaddress] '239.255.40.10', [ipaddress]::Loopback)
            $answering = New-Peer 127.0.0.3
            $sent = Send-UdpMessage 239.255.40.10 (Get-PeerPort $responder) 'who?' -LocalAddress 127.0.0.1
            $question = Read-Datagram $responder
            Send-Datagram $answering $question.Port 'me'
            $acks = $sent | Receive-UdpAck -All -TimeoutSeconds 0.2

            $reboot = $acks | ForEach-Object $Convert | Send-UdpMessage -Message 'reboot'

            $reboot | ForEach-Object { "$($_.Server) $($_.RemoteAddress) $($_.Port)" } |
                Should -Be "127.0.0.3 127.0.0.3 $(Get-PeerPort $answering)"
            (Read-Datagram $answering).Text | Should -Be 'reboot'
        }
    }

    Context 'Messages' {
        It 'stays as it was sent when the script uses its buffer again: <Name>' -ForEach @(
            @{ Name = 'an argument'; Send = { Send-UdpMessage 127.0.0.2 $port -Message $args[0] } }
            @{ Name = 'from the pipeline'; Send = { , $args[0] | Send-UdpMessage 127.0.0.2 $port } }
            @{ Name = 'a property'; Send = { [pscustomobject]@{ Message = $args[0] } | Send-UdpMessage 127.0.0.2 $port } }
        ) {
            $buffer = [byte[]] (1, 2)
            $sent = & $Send $buffer
            $buffer[0] = 9
            $null = $sent | Receive-UdpAck -Quiet -TimeoutSeconds 0.05 -MaximumRetryCount 1

            $sent.Bytes | Should -Be 1, 2
            1..2 | ForEach-Object { "$((Read-Datagram $peer).Bytes)" } | Should -Be '1 2', '1 2'
        }

        It 'evaluates a script block that is -Message for each input object' {
            $null = [pscustomobject]@{ zone = 4 }, [pscustomobject]@{ zone = 5 } | Send-UdpMessage 127.0.0.2 $port -Message { "set $($_.zone) on" }

            1..2 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'set 4 on', 'set 5 on'
        }

        It 'evaluates one that comes out of a command' {
            $script = Write-Output { "set $_ on" }
            $null = 4 | Send-UdpMessage 127.0.0.2 $port -Message $script

            (Read-Datagram $peer).Text | Should -Be 'set 4 on'
        }

        It 'sends what the script block outputs: bytes, and each of several' {
            $null = 7 | Send-UdpMessage 127.0.0.2 $port -Message { , [byte[]] (1, $_) }
            $null = 'x' | Send-UdpMessage 127.0.0.2 $port -Message { 'a', 'b' }

            (Read-Datagram $peer).Bytes | Should -Be 1, 7
            1..2 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'a', 'b'
        }

        It 'writes <Id> when the script block <Name>, and goes on' -ForEach @(
            @{ Name = 'throws'; Id = 'UdpMessageScriptFailed'; Script = { if ($_.n -eq 1) { throw 'no' }; 'ok' } }
            @{ Name = 'writes an error'; Id = 'UdpMessageScriptFailed'; Script = { if ($_.n -eq 1) { Write-Error 'no' }; 'ok' } }
            @{ Name = 'outputs nothing'; Id = 'UdpMessageMissing'; Script = { if ($_.n -ne 1) { 'ok' } } }
        ) {
            $rows = [pscustomobject]@{ n = 1 }, [pscustomobject]@{ n = 2 }

            Get-Outcome { $rows | Send-UdpMessage 127.0.0.2 $port -Message $Script } |
                Should -Be "127.0.0.2||$port|NotSent", $Id, "127.0.0.2|127.0.0.2|$port|Sent"
            (Read-Datagram $peer).Text | Should -Be 'ok'
        }

        It 'sends nothing after an error of the script block that the session does not report' {
            $ErrorActionPreference = 'SilentlyContinue'

            $sent = 1 | Send-UdpMessage 127.0.0.2 $port -Message { Write-Error 'no'; 'ok' }

            $sent.Status | Should -Be 'NotSent'
            $ErrorActionPreference | Should -Be 'SilentlyContinue'
        }

        It 'ends at once when it is stopped, as by Ctrl+C, while the script block runs' {
            $gate = New-Object System.Threading.ManualResetEventSlim
            $disposables.Add($gate)
            $session = Start-TestSession { param($gate) 1 | Send-UdpMessage 127.0.0.2 9 -Message { $gate.Set(); Start-Sleep 3600 } } $gate
            Wait-Until { $gate.IsSet }

            $session.PowerShell.Stop()

            $session.PowerShell.InvocationStateInfo.State | Should -Be 'Stopped'
        }

        It 'refuses <Name>, which has no text of its own, and names <Remedy>' -ForEach @(
            @{ Name = 'a record without message'; Remedy = 'ConvertTo-Json'; Create = { [pscustomobject]@{ host = 'web1'; temp = 21.5 } } }
            @{ Name = 'its copy'; Remedy = 'ConvertTo-Json'; Create = { Copy-Object ([pscustomobject]@{ host = 'web1' }) } }
            @{ Name = 'a hashtable'; Remedy = 'ConvertTo-Json'; Create = { @{ temp = 21.5 } } }
            @{ Name = 'an ordered dictionary'; Remedy = 'ConvertTo-Json'; Create = { [ordered]@{ Message = 'x' } } }
            @{ Name = 'a memory stream'; Remedy = 'ToArray'; Create = { New-Object System.IO.MemoryStream } }
            @{ Name = 'an XML document'; Remedy = 'OuterXml'; Create = { [xml] '<a>b</a>' } }
            @{ Name = 'an XML element'; Remedy = 'OuterXml'; Create = { ([xml] '<a><c>b</c></a>').DocumentElement } }
            @{ Name = 'an object of a class'; Remedy = 'ConvertTo-Json'; Create = { New-Object System.Random 3 } }
        ) {
            $value = & $Create

            $written = @(Get-Stream { Send-UdpMessage 127.0.0.2 $port -Message $value })
            $piped = @(Get-Stream { , $value | Send-UdpMessage 127.0.0.2 $port })

            foreach ($pair in $written, $piped) {
                $pair[0].Status | Should -Be 'NotSent'
                $pair[1].FullyQualifiedErrorId | Should -BeLike 'UdpMessageNotText,*'
                $pair[1].ErrorDetails.RecommendedAction | Should -Match $Remedy
            }

            $peer.Available | Should -Be 0
        }

        It 'writes UdpMessageMissing when there is neither -Message nor input' {
            Get-Outcome { Send-UdpMessage 127.0.0.2 $port } | Should -Be "127.0.0.2||$port|NotSent", 'UdpMessageMissing'
            Get-Outcome { Send-UdpMessage 127.0.0.2 $port -Message $null } | Should -Be "127.0.0.2||$port|NotSent", 'UdpMessageMissing'
            Get-Outcome { 'hello' | Send-UdpMessage 127.0.0.2 $port -Message $null } | Should -Be "127.0.0.2||$port|NotSent", 'UdpMessageMissing'
            Get-Outcome { $null | Send-UdpMessage 127.0.0.2 $port } | Should -Be "127.0.0.2||$port|NotSent", 'UdpMessageMissing'
            $outcome = "127.0.0.2|127.0.0.2|$port|Sent", "127.0.0.2||$port|NotSent", 'UdpMessageMissing', "127.0.0.2|127.0.0.2|$port|Sent"
            Get-Outcome { Send-UdpMessage 127.0.0.2 $port -Message 'a', $null, 'b' } | Should -Be $outcome
            Get-Outcome { 'a', $null, 'b' | Send-UdpMessage 127.0.0.2 $port } | Should -Be $outcome
            Get-Outcome { [pscustomobject]@{ Message = $null } | Send-UdpMessage 127.0.0.2 $port } |
                Should -Be "127.0.0.2||$port|NotSent", 'UdpMessageMissing'
        }

        It 'sends a packet that a script puts together of bytes and numbers' {
            $mac = 0x02, 0x1A, 0xFF, 0, 1, 2
            $packet = [byte[]] (, 0xFF * 6) + $mac * 16

            $sent = Send-UdpMessage 127.0.0.2 $port $packet

            $sent | Should -HaveCount 1
            $sent.Length | Should -Be 102
            (Read-Datagram $peer).Bytes[6..11] | Should -Be $mac
        }

        It 'sends a list of numbers as a message for each' {
            (Send-UdpMessage 127.0.0.2 $port 1, 2).Message | Should -Be '1', '2'
        }
    }

    Context 'Rounds' {
        It 'sends to every server and port in each round' {
            $sent = Send-UdpMessage 127.0.0.2, 127.0.0.3 $port 'alive' -Count 3

            $sent.Server | Should -Be '127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.3'
        }

        It 'reaches the second server though -Count never ends' {
            $second = New-Peer 127.0.0.3 $port

            Send-UdpMessage 127.0.0.2, 127.0.0.3 $port 'alive' -Count ([int]::MaxValue) | Select-Object -First 2 | Out-Null

            (Read-Datagram $second).Text | Should -Be 'alive'
        }
    }

    Context 'A row for every target' {
        It 'emits the row before its error, so that -ErrorAction Stop does not lose it' {
            $rows = New-Object 'System.Collections.Generic.List[object]'

            { Send-UdpMessage '127.1' $port 'hello' -ErrorAction Stop | ForEach-Object { $rows.Add($_) } } | Should -Throw

            $rows[0].Status | Should -Be 'NotSent'
            $rows[0].Server | Should -Be '127.1'
            $rows[0].Port | Should -Be $port
            $rows[0].Message | Should -Be 'hello'
            $rows[0].Attempts | Should -Be 0
            $rows[0].LocalPort | Should -Be 0
            $rows[0].LocalAddress | Should -BeNullOrEmpty
            $rows[0].Reason | Should -Match "'127.1' is not a server"
            $rows[0].SentAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
        }

        It 'emits five rows and writes one error with -Count 5' {
            $outcome = @(Get-Outcome { Send-UdpMessage '127.1', 127.0.0.2 abc 'hello' -Count 5 })

            ($outcome -eq '127.1||0|NotSent').Count | Should -Be 5
            ($outcome -eq '127.0.0.2||0|NotSent').Count | Should -Be 5
            ($outcome -eq 'UdpInvalidPort').Count | Should -Be 2
        }

        It 'emits a row for a message that is too long' {
            $sent = Send-UdpMessage 127.0.0.2 $port ('x' * 65508) -ErrorAction SilentlyContinue

            "$($sent.Status) $($sent.RemoteAddress) $($sent.Length)" | Should -Be 'NotSent 127.0.0.2 65508'
        }

        It 'is passed on by Receive-UdpAck: <Name>' -ForEach @(
            @{ Name = 'as the row with -PassThru'; Parameters = @{ PassThru = $true }; Expected = 'NotSent' }
            @{ Name = '$false with -Quiet'; Parameters = @{ Quiet = $true }; Expected = 'False' }
            @{ Name = 'nothing without them'; Parameters = @{}; Expected = @() }
        ) {
            $results = @(Send-UdpMessage '127.1' $port 'hello' -ErrorVariable failures -ErrorAction SilentlyContinue |
                Receive-UdpAck @Parameters -ErrorVariable ackFailures | ForEach-Object { if ($_ -is [bool]) { "$_" } else { "$($_.Status)" } })

            $results | Should -Be $Expected
            @($failures).Count | Should -Be 1
            $ackFailures | Should -BeNullOrEmpty
        }
    }

    Context 'The row stays with its verdict' {
        It 'has the row in InputObject of the message and of its ack' {
            $job = Start-TestListener -LocalAddress 127.0.0.2
            $row = [pscustomobject]@{ Server = '127.0.0.2'; Port = $job.LocalPort; Room = 'cellar' }

            $sent = $row | Send-UdpMessage -Message 'ping'
            $ack = $sent | Receive-UdpAck

            $sent.InputObject.Room | Should -Be 'cellar'
            $ack.InputObject.Room | Should -Be 'cellar'
        }

        It 'has no InputObject for <Name>' -ForEach @(
            @{ Name = 'a text'; Send = { 'hello' | Send-UdpMessage 127.0.0.2 $port } }
            @{ Name = 'bytes'; Send = { , [byte[]] (1, 2) | Send-UdpMessage 127.0.0.2 $port } }
            @{ Name = 'an argument'; Send = { Send-UdpMessage 127.0.0.2 $port 'hello' } }
        ) {
            (& $Send).InputObject | Should -BeNullOrEmpty
        }

        It 'writes the room of each row to a CSV, with the same columns whatever became of it' {
            $job = Start-TestListener -LocalAddress 127.0.0.2 -AckMessage 'ok'
            $rows = 'Room,Server,Port,Status', 'attic,127.1,4010,x', "cellar,127.0.0.2,$($job.LocalPort),y", "hall,127.0.0.2,$(Get-ClosedPort),z" |
                ConvertFrom-Csv

            $csv = $rows | Send-UdpMessage -Message 'ping' -ErrorAction SilentlyContinue | Receive-UdpAck -PassThru |
                ForEach-Object ToRecord | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv

            $csv | ForEach-Object { "$($_.Room) $($_.Status) $($_.Server) $($_.AckBytes)" } |
                Should -Be 'attic NotSent 127.1 ', 'cellar Acknowledged 127.0.0.2 6f6b', 'hall PortClosed 127.0.0.2 '
            $csv[1].PSObject.Properties.Name[-1] | Should -Be 'Room'
        }

        It 'has the columns of the row in the record of an ack too' {
            $job = Start-TestListener -LocalAddress 127.0.0.2
            $row = [pscustomobject]@{ Server = '127.0.0.2'; Port = $job.LocalPort; Room = 'cellar'; Message = 'ping' }

            $record = ($row | Send-UdpMessage | Receive-UdpAck).ToRecord()

            "$($record.Room) $($record.SentMessage) $($record.Message)" | Should -Be 'cellar ping Message received'
        }

        It 'adds no columns to the record where it is a hashtable: its keys are none' {
            $sent = @{ Text = 'hello'; Room = 'cellar' } | Send-UdpMessage 127.0.0.2 $port -Message { $_.Text }

            $sent.InputObject.Room | Should -Be 'cellar'
            $sent.ToRecord().PSObject.Properties.Name |
                Should -Be (Send-UdpMessage 127.0.0.2 $port 'hello').ToRecord().PSObject.Properties.Name
        }

        It 'says which address of this machine it left from' {
            (Send-UdpMessage 127.0.0.2 $port 'hello' -LocalAddress 127.0.0.5).LocalAddress | Should -Be '127.0.0.5'
            (Read-Datagram $peer).Address | Should -Be '127.0.0.5'
            (Send-UdpMessage 127.0.0.2 $port 'hello').LocalAddress | Should -Be '127.0.0.1'
            (Read-Datagram $peer).Address | Should -Be '127.0.0.1'
        }

        It 'keeps the row through <Name>' -ForEach @(
            @{ Name = 'Export-Clixml'; Save = { Export-Clixml -InputObject $args[0] "$TestDrive/saved.xml"; Import-Clixml "$TestDrive/saved.xml" } }
            @{ Name = 'a job'; Save = { Start-Job { param($row, $module)
                        Import-Module $module
                        $row | Send-UdpMessage -Message 'ping' | Receive-UdpAck -PassThru -TimeoutSeconds 30
                    } -ArgumentList $args[1], (Join-Path (Get-Module UdpPS).ModuleBase 'UdpPS.psd1') | Receive-Job -Wait -AutoRemoveJob } }
        ) {
            $job = Start-TestListener -LocalAddress 127.0.0.2 -AckMessage 'ok'
            $row = [pscustomobject]@{ Server = '127.0.0.2'; Port = $job.LocalPort; Room = 'cellar' }
            $live = $row | Send-UdpMessage -Message 'ping' | Receive-UdpAck -PassThru

            $copy = & $Save $live $row

            $copy.InputObject.Room | Should -Be 'cellar'
            $copy.ToRecord().Room | Should -Be 'cellar'
            $copy.ToRecord().AckBytes | Should -Be '6f6b'
            $copy.Ack.Message | Should -Be 'ok'
            $copy.LocalAddress | Should -Be $live.LocalAddress
        }
    }

    Context 'Saved verdicts' {
        BeforeEach {
            $job = Start-TestListener -LocalAddress 127.0.0.2
            $live = Send-UdpMessage 127.0.0.2 $job.LocalPort, (Get-ClosedPort) 'ping' | Receive-UdpAck -PassThru
            $live | Export-Clixml "$TestDrive/verdicts.xml"
            $saved = Import-Clixml "$TestDrive/verdicts.xml"
        }

        It 'are filtered, sorted and grouped by the name of their status' {
            ($saved | Where-Object Status -eq Acknowledged).Port | Should -Be $job.LocalPort
            @($saved | Where-Object Status -ne Acknowledged) | Should -HaveCount 1
            ($saved | Sort-Object Status -Descending)[0].Status | Should -Be 'PortClosed'
            ($saved | Group-Object Status | Sort-Object Name).Name | Should -Be 'Acknowledged', 'PortClosed'
            ($saved | ConvertTo-Json -Depth 4 | ConvertFrom-Json).Status | Should -Be 'Acknowledged', 'PortClosed'
            ($saved | Out-String) | Should -Match 'Acknowledged[\s\S]*PortClosed'
        }

        It 'leave the live status an enumeration' {
            $live[0].Status | Should -BeOfType ([UdpPS.UdpSendStatus])
        }
    }

    Context 'Errors' {
        It 'says who in Exception.Message, with what the system said inside' {
            $closedPort = Get-ClosedPort
            $failure = Get-ErrorOf { Send-UdpMessage 127.0.0.2 $closedPort 'ping' | Receive-UdpAck }

            $failure.Exception.Message | Should -BeExactly $failure.ErrorDetails.Message
            $failure.Exception.Message | Should -Match "127\.0\.0\.2:$closedPort"
            $failure.Exception.InnerException | Should -BeOfType ([System.Net.Sockets.SocketException])
            $failure.CategoryInfo.TargetName | Should -BeExactly "127.0.0.2:$closedPort"
            $failure.ErrorDetails.RecommendedAction | Should -Not -Match 'Start'
        }

        It 'says who in the error of silence' {
            $failure = Get-ErrorOf { Send-UdpMessage 127.0.0.2 $port 'ping' | Receive-UdpAck -TimeoutSeconds 0.05 }

            $failure.Exception | Should -BeOfType ([System.TimeoutException])
            $failure.Exception.Message | Should -Match "127\.0\.0\.2:$port"
            $failure.CategoryInfo.TargetName | Should -BeExactly "127.0.0.2:$port"
        }

        It 'shows each remedy once for a command' {
            $failures = @(Get-Stream { Send-UdpMessage 127.0.0.2 (Get-ClosedPort), (Get-ClosedPort) 'ping' | Receive-UdpAck })
            $invalid = @(Get-Stream { Send-UdpMessage '127.1', '127.2' abc, 9 'ping' } | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })

            $failures | ForEach-Object { [bool] $_.ErrorDetails.RecommendedAction } | Should -Be $true, $false
            $invalid | ForEach-Object { "$($_.FullyQualifiedErrorId -replace ',.*') $([bool] $_.ErrorDetails.RecommendedAction)" } | Should -Be @(
                'UdpInvalidPort True', 'UdpInvalidServer True', 'UdpInvalidPort False', 'UdpInvalidServer False'
            )
            $failures | ForEach-Object { $_.ErrorDetails.Message } | Should -Match 'Nothing listens'

            # One id has several.
            $invalid = @(Get-Stream { Send-UdpMessage '127.1', '127.0.0.1:9', '127.2' 9 'ping' } | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            $invalid | ForEach-Object { $_.ErrorDetails.RecommendedAction -replace ' .*' } | Should -Be 'Write', 'Give', ''
        }

        It 'has no text of the network in CategoryInfo' {
            $null = Start-TestListener
            $failure = Get-ErrorOf { "a`e[2Jb" | Send-UdpMessage 127.0.0.2 $port | Receive-UdpAck -TimeoutSeconds 0.05 }

            $failure.CategoryInfo.ToString() | Should -Not -Match "`e"
            $failure.CategoryInfo.TargetName | Should -BeExactly "127.0.0.2:$port"
        }
    }

    Context 'What has come is read before a deadline is judged' {
        It 'counts an ack that came while the pipeline was busy' {
            $settled = & {
                $sent = Send-UdpMessage 127.0.0.2 $port 'ping'
                $sent
                Send-Datagram $peer $sent.LocalPort 'in time'
                $clock = [System.Diagnostics.Stopwatch]::StartNew()
                Wait-Until { $clock.Elapsed.TotalSeconds -gt 0.2 }
            } | Receive-UdpAck -PassThru -ThrottleLimit 2 -TimeoutSeconds 0.1

            $settled.Status | Should -Be 'Acknowledged'
        }

        It 'sends again in time while Send-UdpMessage waits for its -Delay' {
            $session = Start-TestSession {
                param($port)
                Send-UdpMessage 127.0.0.2 $port 'ping' -Count 2 -Delay 3600 | Receive-UdpAck -ThrottleLimit 2 -TimeoutSeconds 0.05 -MaximumRetryCount 1
            } $port

            1..2 | ForEach-Object { (Read-Datagram $peer).Text } | Should -Be 'ping', 'ping'
            $session.PowerShell.Stop()
        }
    }
}
