namespace UdpPS.Shell;

/// <summary>What the process returns: the numbers that pwsh and the shells of Unix use.</summary>
internal static class ExitCode
{
    internal const int Success = 0;
    internal const int Failure = 1;
    internal const int Usage = 64;
    internal const int InitializationFailure = 70;
    internal const int Interrupted = 128 + 2;
    internal const int Terminated = 128 + 15;
}
