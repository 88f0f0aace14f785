BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"

    function Get-Completion([string] $Line) {
        @((TabExpansion2 $Line $Line.Length).CompletionMatches)
    }

    $interfaces = [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()
}

Describe 'Completion' {
    AfterEach {
        Clear-TestResource
    }

    It 'completes the encodings of <_>' -ForEach 'Start-UdpListener', 'Send-UdpMessage', 'Receive-UdpAck' {
        (Get-Completion "$_ -Encoding UTF8").CompletionText | Should -BeExactly 'utf8', 'utf8BOM', 'utf8NoBOM'
    }

    It 'offers a listener Any, loopback and this machine''s addresses' {
        $offers = Get-Completion 'Start-UdpListener -LocalAddress '

        $offers[0].CompletionText | Should -BeExactly 'Any'
        $offers[1].CompletionText | Should -BeExactly '127.0.0.1'
        foreach ($interface in $interfaces) {
            foreach ($own in $interface.GetIPProperties().UnicastAddresses) {
                $offer = $offers | Where-Object ListItemText -EQ ([string] $own.Address)
                $offer.ToolTip | Should -Be "$($own.Address) on $($interface.Name)"
            }
        }
    }

    It 'offers a sender the same without Any' {
        $offers = (Get-Completion 'Send-UdpMessage -LocalAddress ').CompletionText

        $offers | Should -Be ((Get-Completion 'Start-UdpListener -LocalAddress ').CompletionText | Select-Object -Skip 1)
    }

    It 'offers interfaces by name' {
        (Get-Completion 'Start-UdpListener -Interface ').ListItemText | Should -Be ($interfaces | ForEach-Object Name)
    }

    It 'offers the networks this machine is in for each element of -AllowFrom' {
        (Get-Completion 'Start-UdpListener -AllowFrom 192.0.2.7, 127').CompletionText | Should -Be '127.0.0.0/8'
    }

    It 'offers the servers of this session, the last one first' {
        $peer = New-Peer
        $port = Get-PeerPort $peer
        $null = '127.0.0.3', 'localhost', '127.0.0.3' | ForEach-Object { Send-UdpMessage $_ $port 'hello' }
        $null = Send-UdpMessage 'no such host' $port 'hello' -ErrorAction Ignore

        $offers = Get-Completion 'Send-UdpMessage -Server '

        $offers[0].CompletionText | Should -Be '127.0.0.3'
        $offers[0].ToolTip | Should -Be "127.0.0.3: last sent to 127.0.0.3:$port"
        $offers[1].CompletionText | Should -Be 'localhost'
        $offers.ListItemText | Should -Not -Contain 'no such host'
        (Get-Completion 'Send-UdpMessage LOCAL').CompletionText | Should -Be 'localhost'
    }

    It 'offers loopback first, IPv4 before IPv6, and each network once' -Skip:(-not (Get-Variable IsLinux -ValueOnly -ErrorAction Ignore)) {
        $name = New-TestHost
        $other = New-TestHost
        Connect-TestHost $name 192.0.2.1/24 $other 192.0.2.2/24 one
        Connect-TestHost $name 198.51.100.1/24 $other 198.51.100.2/24 two
        Connect-TestHost $name 203.0.113.1/24 $other 203.0.113.2/24 bare
        Invoke-Ip -n $name address add 2001:db8::5/64 dev one nodad
        Invoke-Ip -n $name address add 192.0.2.9/24 dev two
        Invoke-Ip -n $name address flush dev bare

        $offers = Invoke-OnHost $name '
            foreach ($line in "Start-UdpListener -LocalAddress ", "Start-UdpListener -AllowFrom ", "Start-UdpListener -Interface ") {
                (TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object ToolTip
            }' | Where-Object { $_ -notmatch '^fe80|^Any' -and $_ }

        $offers[0..5] | Should -Be @(
            '127.0.0.1 on lo', '::1 on lo', '192.0.2.1 on one', '198.51.100.1 on two', '192.0.2.9 on two', '2001:db8::5 on one'
        )
        $offers[6..10] | Should -Be @(
            '127.0.0.0/8 on lo', '192.0.2.0/24 on one, two', '198.51.100.0/24 on two', '::1/128 on lo', '2001:db8::/64 on one'
        )
        $offers[11..13] | Should -Match '^(lo: 127\.0\.0\.1, ::1|one: 192\.0\.2\.1, 2001:db8::5(, fe80\S+)?|two: 198\.51\.100\.1, 192\.0\.2\.9(, fe80\S+)?) \(index \d+\)$'
        $offers[14] | Should -Match '^bare: no address\b'
        $offers | Should -HaveCount 15
    }

    It 'takes no wildcard for one in <_>' -ForEach @(
        'Start-UdpListener -Encoding *8'
        'Start-UdpListener -LocalAddress [a'
        'Start-UdpListener -Interface ''*'
        'Send-UdpMessage -Server [1'
    ) {
        Get-Completion $_ | ForEach-Object CompletionText | Should -Not -BeIn 'utf8', 'Any', 'lo', '''lo''', '127.0.0.1', '127.0.0.3'
    }
}
