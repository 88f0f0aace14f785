namespace UdpPS.Shell;

/// <summary>The ways to start the shell; the named ones in the middle are options.</summary>
internal enum CommandLineMode
{
    Invalid,
    Command,
    File,
    Help,
    Version,
    Interactive,
}
