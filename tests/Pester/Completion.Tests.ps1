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

    It 'takes no wildcard for one in <_>' -ForEach @(
        'Start-UdpListener -Encoding *8'
        'Start-UdpListener -LocalAddress [a'
        'Start-UdpListener -Interface ''*'
        'Send-UdpMessage -Server [1'
    ) {
        Get-Completion $_ | ForEach-Object CompletionText | Should -Not -BeIn 'utf8', 'Any', 'lo', '''lo''', '127.0.0.1', '127.0.0.3'
    }
}
