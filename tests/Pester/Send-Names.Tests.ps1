# Names, families, scopes and routes, on hosts of their own: what goes astray there reaches nobody.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"

    # What a script on a host outputs: it is JSON, on one line.
    function Invoke-OnHost([string] $TestHost, [string] $Script) {
        $common = @'
        function Get-Outcome([scriptblock] $Block) {
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            & $Block 2>&1 | ForEach-Object {
                $isError = $_ -is [System.Management.Automation.ErrorRecord]
                [pscustomobject]@{
                    Kind    = if ($isError) { $_.FullyQualifiedErrorId -replace ',.*' } else { "$($_.Status)" }
                    Server  = if ($isError) { '' } else { $_.Server }
                    Address = if ($isError) { '' } else { $_.RemoteAddress }
                    Text    = if ($isError) { $_.Exception.Message } else { $_.Reason }
                    Remedy  = if ($isError) { $_.ErrorDetails.RecommendedAction } else { '' }
                    Seconds = $clock.Elapsed.TotalSeconds
                }
            }
        }

'@
        $process = Start-ModuleProcess "$common`nConvertTo-Json -Compress -Depth 4 -InputObject @(`n$Script`n)" -Launcher (Get-HostLauncher $TestHost)
        $result = Wait-TestProcess $process
        if ($result.ExitCode -ne 0 -or -not $result.Output) {
            throw "$($result.Output)$($result.Errors)"
        }

        $result.Output | ConvertFrom-Json
    }

    # A host whose name server hears every question, and is silent.
    function New-HostWithSilentNameServer {
        $name = New-TestHost
        Set-HostFile $name resolv.conf 'nameserver 127.0.0.1'
        $name
    }

    $silentNameServer = '$silent = New-Object System.Net.Sockets.UdpClient (New-Object System.Net.IPEndPoint ([ipaddress]::Loopback), 53)'
}

Describe 'The names of Send-UdpMessage' {
    AfterEach {
        Clear-TestResource
    }

    It 'lets no row wait for the names of others, and none longer than five seconds' {
        $name = New-HostWithSilentNameServer

        $rows = @(Invoke-OnHost $name "`$($silentNameServer
            `$rows = 'Server', 'one.test', 'two.test', 'three.test', '127.0.0.2', 'four.test' | ConvertFrom-Csv
            Get-Outcome { `$rows | Send-UdpMessage -Message ping })")

        $rows[0].Server | Should -Be '127.0.0.2'
        $rows[0].Seconds | Should -BeLessThan 5
        ($rows | Where-Object Kind -EQ NotSent).Server | Should -Be 'one.test', 'two.test', 'three.test', 'four.test'
        @($rows | Where-Object Kind -EQ UdpHostNotFound) | Should -HaveCount 4
        $rows[1].Text | Should -Match 'within 5 seconds'

        # One after the other they take 20 s by this limit alone.
        $rows[-1].Seconds | Should -BeLessThan 18
    }

    It 'sends to the others of -Server first, and each -Count round, while a name is looked up' {
        $name = New-HostWithSilentNameServer

        $rows = @(Invoke-OnHost $name "`$($silentNameServer
            Get-Outcome { Send-UdpMessage one.test, 127.0.0.2 -Message ping -Count 3 })")

        $rows.Kind | Should -Be 'Sent', 'Sent', 'Sent', 'NotSent', 'UdpHostNotFound', 'NotSent', 'NotSent'
        $rows[0].Seconds | Should -BeLessThan 5
    }

    It 'keeps -Delay between messages whose name is looked up too: <Name>' -ForEach @(
        @{ Name = 'ports'; Send = 'Send-UdpMessage localhost 4010, 4011, 4012 -Message ping -Delay 0.2' }
        @{ Name = 'rows'; Send = "'Server', 'localhost', 'two.test', 'localhost' | ConvertFrom-Csv | Send-UdpMessage -Message ping -Delay 0.2" }
        @{ Name = 'addresses between'; Send = 'Send-UdpMessage localhost, 127.0.0.2, two.test -Message ping -Delay 0.2' }
        @{ Name = 'rounds'; Send = 'Send-UdpMessage localhost -Message ping -Count 3 -Delay 0.2' }
    ) {
        $name = New-TestHost
        Set-HostFile $name hosts '127.0.0.1 localhost', '127.0.0.3 two.test'

        $times = @(Invoke-OnHost $name "$Send | Sort-Object SentAt | ForEach-Object { `$_.SentAt.ToUniversalTime().Ticks }")

        $times | Should -HaveCount 3
        $times[1] - $times[0] | Should -BeGreaterThan 1900000
        $times[2] - $times[1] | Should -BeGreaterThan 1900000
    }

    It 'sends messages again in time while a name is looked up' {
        $name = New-HostWithSilentNameServer

        $result = Invoke-OnHost $name "`$($silentNameServer
            `$peer = New-Object System.Net.Sockets.UdpClient (New-Object System.Net.IPEndPoint ([ipaddress] '127.0.0.2'), 4010)
            `$reader = [powershell]::Create().AddScript({
                param(`$peer)
                `$from = New-Object System.Net.IPEndPoint ([ipaddress]::Any), 0
                1..2 | ForEach-Object { `$null = `$peer.Receive([ref] `$from) }
                [datetime]::UtcNow
            }).AddArgument(`$peer)
            `$run = `$reader.BeginInvoke()
            `$rows = 'Server', '127.0.0.2', 'one.test' | ConvertFrom-Csv
            `$verdicts = `$rows | Send-UdpMessage -Message ping -ErrorAction SilentlyContinue |
                Receive-UdpAck -PassThru -ThrottleLimit 4 -TimeoutSeconds 0.2 -MaximumRetryCount 1
            `$end = [datetime]::UtcNow
            [pscustomobject]@{ Ahead = (`$end - `$reader.EndInvoke(`$run)[0]).TotalSeconds; Attempts = (`$verdicts | Where-Object Server -EQ 127.0.0.2).Attempts })"

        # It was due after 0.2 s, and the name is given up after 5.
        $result.Attempts | Should -Be 2
        $result.Ahead | Should -BeGreaterThan 2
    }

    It 'ends at once when it is stopped, as by Ctrl+C, while a name is looked up' {
        $name = New-HostWithSilentNameServer

        $seconds = Invoke-OnHost $name "`$($silentNameServer
            `$state = [initialsessionstate]::CreateDefault()
            `$null = `$state.ImportPSModule((Get-Module UdpPS).Path)
            `$from = New-Object System.Net.IPEndPoint ([ipaddress]::Any), 0
            `$sender = [powershell]::Create(`$state).AddScript('Send-UdpMessage one.test -Message ping')
            `$run = `$sender.BeginInvoke()
            `$null = `$silent.Receive([ref] `$from)
            `$clock = [System.Diagnostics.Stopwatch]::StartNew()
            `$sender.Stop()
            `$clock.Elapsed.TotalSeconds)"

        # The look-up itself goes on for some seconds.
        $seconds | Should -BeLessThan 3
    }

    It 'tries the other family when the first has no route' {
        $name = New-TestHost
        Set-HostFile $name hosts @(
            '198.51.100.7 both.test', '::1 both.test', '203.0.113.7 host.test', '::1 host.test'
            '203.0.113.8 none.test', '2001:db8::7 none.test'
        )

        # There the error is another one: the host is not there, and not its network.
        Invoke-Ip -n $name route add unreachable 203.0.113.0/24

        $rows = @(Invoke-OnHost $name "Get-Outcome {
            Send-UdpMessage both.test -Message ping; 'a', 'b' | Send-UdpMessage both.test; Send-UdpMessage both.test -Message ping -IPv4
            Send-UdpMessage host.test -Message ping; Send-UdpMessage none.test -Message ping
            Send-UdpMessage host.test -Message ping -NoAck; Send-UdpMessage none.test -Message ping -NoAck }")

        $rows | ForEach-Object { "$($_.Kind) $($_.Server) $($_.Address)" } | Should -Be @(
            'Sent both.test ::1', 'Sent both.test ::1', 'Sent both.test ::1', 'NotSent both.test 198.51.100.7', 'UdpNetworkUnreachable  '
            'Sent host.test ::1', 'NotSent none.test 203.0.113.8', 'UdpNetworkUnreachable  ', 'UdpNetworkUnreachable  '
        )
        $rows[-2, -1].Text | Should -Match '^203\.0\.113\.8:4010 cannot be reached: No route to host' -Because 'the first family is the one that is told'
    }

    It 'takes of a -LocalAddress with several addresses one of the family that is asked for' {
        $name = New-TestHost
        Set-HostFile $name hosts '127.0.0.5 both.test', '::1 both.test'

        $rows = @(Invoke-OnHost $name "Get-Outcome {
            Send-UdpMessage ::1 -Message ping -LocalAddress both.test -IPv6 | Select-Object Status, @{ n = 'RemoteAddress'; e = 'LocalAddress' }
            Send-UdpMessage 127.0.0.1 -Message ping -LocalAddress both.test -IPv4 | Select-Object Status, @{ n = 'RemoteAddress'; e = 'LocalAddress' }
        }")

        $rows | ForEach-Object Address | Should -Be '::1', '127.0.0.5'
    }

    It 'writes an error again with -Count where a message was sent in between' {
        $name = New-TestHost

        $rows = @(Invoke-OnHost $name "Get-Outcome {
            Send-UdpMessage 198.51.100.7 -Message ping -Count 5 | ForEach-Object {
                `$_
                `$round++
                if (`$round -eq 2) { & ip route add 198.51.100.0/24 dev lo }
                if (`$round -eq 3) { & ip route del 198.51.100.0/24 dev lo }
            }
        }")

        $rows.Kind | Should -Be 'NotSent', 'UdpNetworkUnreachable', 'NotSent', 'Sent', 'NotSent', 'UdpNetworkUnreachable', 'NotSent'
    }

    It 'looks a name with letters beyond ASCII up in its IDNA form' {
        $name = New-TestHost
        Set-HostFile $name hosts '127.0.0.2 xn--bcher-kva.test'

        $rows = @(Invoke-OnHost $name "Get-Outcome { Send-UdpMessage ('b' + [char] 0xFC + 'cher.test') -Message ping }")

        "$($rows[0].Kind) $($rows[0].Address)" | Should -Be 'Sent 127.0.0.2'
    }

    It 'emits a row where there is no route, and points a group at -LocalAddress' {
        $name = New-TestHost

        $rows = @(Invoke-OnHost $name "Get-Outcome {
            Send-UdpMessage 198.51.100.7 -Message ping; Send-UdpMessage 239.255.40.10 -Message ping; Send-UdpMessage 255.255.255.255 -Message ping -Broadcast }")

        $rows | ForEach-Object { "$($_.Kind) $($_.Address)" } | Should -Be @(
            'NotSent 198.51.100.7', 'UdpNetworkUnreachable ', 'NotSent 239.255.40.10', 'UdpNetworkUnreachable '
            'NotSent 255.255.255.255', 'UdpNetworkUnreachable '
        )
        $rows[1].Remedy | Should -Not -Match '-LocalAddress'
        $rows[3].Remedy | Should -Match '-LocalAddress'
        $rows[5].Remedy | Should -Match '-LocalAddress'
        $rows[0].Text | Should -BeExactly $rows[1].Text
    }

    It 'emits a row where the interface is down' {
        $first = New-TestHost
        $second = New-TestHost
        Connect-TestHost $first 10.9.0.1/24 $second 10.9.0.2/24
        Invoke-Ip -n $first link set cable down

        $rows = @(Invoke-OnHost $first "Get-Outcome { Send-UdpMessage 10.9.0.2 -Message ping -LocalAddress 10.9.0.1 }")

        $rows.Kind | Should -Be 'NotSent', 'UdpNetworkUnreachable'
    }

    It 'names the scope as the reason, and the interfaces that there are' {
        $first = New-TestHost
        $second = New-TestHost
        Connect-TestHost $first fe80::a/64 $second fe80::b/64

        $rows = @(Invoke-OnHost $first "Get-Outcome {
            Send-UdpMessage fe80::b -Message ping; Send-UdpMessage fe80::b%eth9 -Message ping
            Send-UdpMessage fe80::b%cable -Message ping; Send-UdpMessage fe80::b -LocalAddress fe80::a%cable -Message ping }")

        $rows.Kind | Should -Be 'NotSent', 'UdpNetworkUnreachable', 'NotSent', 'UdpInvalidServer', 'Sent', 'Sent'
        foreach ($failure in $rows[1], $rows[3]) {
            $failure.Text | Should -Match 'scope'
            $failure.Remedy | Should -Match 'fe80::1%eth0.*\bcable\b'
        }

        $rows[4].Address | Should -Match '^fe80::b%'
    }

    It 'calls an address a broadcast if the system does, and not by its last part' {
        $first = New-TestHost
        $second = New-TestHost
        Connect-TestHost $first 10.9.0.1/23 $second 10.9.0.255/23
        Invoke-Ip -n $first route add broadcast 10.8.0.7 dev cable
        Invoke-Ip -n $first route add prohibit 10.7.0.0/24

        $rows = @(Invoke-OnHost $first "Get-Outcome {
            Send-UdpMessage 10.9.1.255 -Message ping; Send-UdpMessage 10.9.1.255 -Message ping -Broadcast
            Send-UdpMessage 10.8.0.7 -Message ping; Send-UdpMessage 10.8.0.7 -Message ping -Broadcast
            Send-UdpMessage 255.255.255.255 -Message ping -LocalAddress 10.9.0.1; Send-UdpMessage 10.7.0.7 -Message ping
            Send-UdpMessage 10.9.0.255 -Message ping -Broadcast | Receive-UdpAck -PassThru -TimeoutSeconds 30 }")

        $rows.Kind | Should -Be @(
            'NotSent', 'UdpBroadcastNotAllowed', 'Sent', 'NotSent', 'UdpBroadcastNotAllowed', 'Sent'
            'NotSent', 'UdpBroadcastNotAllowed', 'NotSent', 'UdpAccessDenied', 'PortClosed'
        )
    }
}
