namespace UdpPS.Shell;

/// <summary>What the process returns: the numbers that pwsh and the shells of Unix use.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 64;
    public const int InitializationFailure = 70;
    public const int Interrupted = 128 + 2;
    public const int Terminated = 128 + 15;
}
