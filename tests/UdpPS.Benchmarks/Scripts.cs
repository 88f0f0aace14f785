namespace UdpPS.Benchmarks;

/// <summary>
/// What is measured, as a user would type it. <c>$port</c>, <c>$count</c> and <c>$messages</c> (texts of 64 characters) are there.
/// </summary>
internal static class Scripts
{
    internal const string Listener = "Start-UdpListener -Port 0 | Out-Null";
    internal const string ListenerForEach = "Start-UdpListener -Port 0 | ForEach-Object { $_.Message } | Out-Null";

    /// <summary>What people write without a module. The function makes it compiled code with local variables.</summary>
    internal const string UdpClientServer =
        """
        function Start-Server {
            $client = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([System.Net.IPAddress]::Loopback, 0))
            $client.Client.LocalEndPoint.Port
            $peer = [System.Net.IPEndPoint]::new([System.Net.IPAddress]::Any, 0)
            $ack = [System.Text.Encoding]::UTF8.GetBytes('Message received')
            while ($true) {
                $bytes = $client.Receive([ref] $peer)
                $text = [System.Text.Encoding]::UTF8.GetString($bytes)
                [void] $client.Send($ack, $ack.Length, $peer)
            }
        }
        Start-Server
        """;

    internal const string SendPipeline = "$messages | Send-UdpMessage -Server 127.0.0.1 -Port $port -NoAck";
    internal const string SendArray = "Send-UdpMessage -Server 127.0.0.1 -Port $port -Message $messages -NoAck";
    internal const string SendUnclaimed = "$messages | Send-UdpMessage -Server 127.0.0.1 -Port $port | Out-Null";

    internal const string UdpClientSendPipeline =
        """
        $client = [System.Net.Sockets.UdpClient]::new('127.0.0.1', $port)
        $messages | ForEach-Object {
            $bytes = [System.Text.Encoding]::UTF8.GetBytes($_)
            [void] $client.Send($bytes, $bytes.Length)
        }
        $client.Dispose()
        """;

    internal const string UdpClientSendLoop =
        """
        function Send-All($messages, $port) {
            $client = [System.Net.Sockets.UdpClient]::new('127.0.0.1', $port)
            foreach ($message in $messages) {
                $bytes = [System.Text.Encoding]::UTF8.GetBytes($message)
                [void] $client.Send($bytes, $bytes.Length)
            }
            $client.Dispose()
        }
        Send-All $messages $port
        """;

    internal const string SendRepeated =
        "Send-UdpMessage -Server 127.0.0.1 -Port $port -Message hello -Count $count | Out-Null";
    internal const string SendRepeatedNoAck =
        "Send-UdpMessage -Server 127.0.0.1 -Port $port -Message hello -Count $count -NoAck";

    internal const string ListenerEverywhere = "Start-UdpListener -Port 0 -LocalAddress Any | Out-Null";

    /// <summary>
    /// A sweep of so many targets: of ten, one is silent, one is closed, and eight answer at a port that the environment names.
    /// <c>$port</c> is the silent one's. The targets are made in the first run.
    /// </summary>
    internal const string Sweep =
        """
        if (-not $global:targets) {
            $global:targets = @(1..$count | ForEach-Object {
                $address = '127.{0}.{1}.{2}' -f (($_ -shr 16) -band 255), (($_ -shr 8) -band 255), ($_ -band 255)
                switch ($_ % 10) {
                    0 { [pscustomobject]@{ Server = '127.0.0.1'; Port = $port } }
                    1 { [pscustomobject]@{ Server = $address; Port = 1 } }
                    default { [pscustomobject]@{ Server = $address; Port = [int] $env:UDPPS_BENCHMARK_PORT } }
                }
            })
        }
        $global:targets | Send-UdpMessage -Message ping | Receive-UdpAck -PassThru -ThrottleLimit 1000 -TimeoutSeconds 1 | Out-Null
        """;

    /// <summary>As many targets, all of them silent.</summary>
    internal const string SweepOfSilent =
        """
        if (-not $global:targets) { $global:targets = @(1..$count | ForEach-Object { [pscustomobject]@{ Server = '127.0.0.1'; Port = $port } }) }
        $global:targets | Send-UdpMessage -Message ping | Receive-UdpAck -PassThru -ThrottleLimit 1000 -TimeoutSeconds 1 | Out-Null
        """;

    internal const string AckedOneByOne =
        "1..$count | Send-UdpMessage -Server 127.0.0.1 -Port $port | Receive-UdpAck | Out-Null";
    internal const string AckedFromOnePort =
        """
        if (-not $global:fixed) {
            $probe = [System.Net.Sockets.UdpClient]::new(0)
            $global:fixed = $probe.Client.LocalEndPoint.Port
            $probe.Dispose()
        }
        1..$count | Send-UdpMessage -Server 127.0.0.1 -Port $port -LocalPort $global:fixed | Receive-UdpAck | Out-Null
        """;
    internal const string AckedTogether =
        "1..$count | Send-UdpMessage -Server 127.0.0.1 -Port $port | Receive-UdpAck -ThrottleLimit 64 | Out-Null";

    internal const string UdpClientAcked =
        """
        function Send-All($count, $port) {
            $client = [System.Net.Sockets.UdpClient]::new('127.0.0.1', $port)
            $peer = [System.Net.IPEndPoint]::new([System.Net.IPAddress]::Any, 0)
            foreach ($number in 1..$count) {
                $bytes = [System.Text.Encoding]::UTF8.GetBytes([string] $number)
                [void] $client.Send($bytes, $bytes.Length)
                $text = [System.Text.Encoding]::UTF8.GetString($client.Receive([ref] $peer))
            }
            $client.Dispose()
        }
        Send-All $count $port
        """;

    /// <summary>Each message holds the pipeline for 100 ms. Puts out, at the end, when each was delivered.</summary>
    internal const string SlowListener =
        """
        $delivered = [System.Collections.Generic.List[long]]::new()
        Start-UdpListener -Port 0 -IdleTimeoutSeconds 1.5 | ForEach-Object {
            [System.Threading.Thread]::Sleep(100)
            $delivered.Add([System.Diagnostics.Stopwatch]::GetTimestamp())
        }
        "delivered $delivered"
        """;

    /// <summary>As <see cref="SlowListener"/>, but only every eighth message does so.</summary>
    internal const string UnevenListener =
        """
        $delivered = [System.Collections.Generic.List[long]]::new()
        Start-UdpListener -Port 0 -IdleTimeoutSeconds 1.5 | ForEach-Object {
            if ($_.Sequence % 8 -eq 0) { [System.Threading.Thread]::Sleep(100) }
            $delivered.Add([System.Diagnostics.Stopwatch]::GetTimestamp())
        }
        "delivered $delivered"
        """;

    /// <summary>The first message holds the pipeline for a second. Puts out how many came.</summary>
    internal const string HeldListener =
        """
        $seen = 0
        Start-UdpListener -Port 0 -IdleTimeoutSeconds 1.5 | ForEach-Object {
            if ($seen++ -eq 0) { [System.Threading.Thread]::Sleep(1000) }
        }
        "seen $seen"
        """;

    internal const string HeldUdpClient =
        """
        function Start-Server {
            $client = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([System.Net.IPAddress]::Loopback, 0))
            $client.Client.LocalEndPoint.Port
            $peer = [System.Net.IPEndPoint]::new([System.Net.IPAddress]::Any, 0)
            $seen = 0
            while ($true) {
                if ($seen -eq 1) { [System.Threading.Thread]::Sleep(1000); $client.Client.ReceiveTimeout = 1500 }
                try { [void] $client.Receive([ref] $peer) } catch { break }
                $seen++
            }
            "seen $seen"
        }
        Start-Server
        """;
}
