using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace UdpPS.Sockets;

/// <summary>Socket options that only Windows has. Elsewhere each does nothing.</summary>
internal static class WindowsSocketOptions
{
    private const int SioUdpConnReset = unchecked((int)0x9800000C); // <mstcpip.h>

    /// <summary>
    /// An unconnected socket that answered a dead client would otherwise fail its next receive with 10054, and take every
    /// other client down with it.
    /// </summary>
    internal static void IgnorePortUnreachable(Socket socket)
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            socket.IOControl(SioUdpConnReset, new byte[] { 0, 0, 0, 0 }, null);
        }
    }
}
