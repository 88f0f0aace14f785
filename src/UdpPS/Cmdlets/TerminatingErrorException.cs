using System;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>Carries an error that ends the command from where it is found to the cmdlet, which alone may write.</summary>
internal sealed class TerminatingErrorException : Exception
{
    internal TerminatingErrorException(ErrorRecord errorRecord)
        : base(errorRecord.ErrorDetails.Message, errorRecord.Exception) => ErrorRecord = errorRecord;

    internal ErrorRecord ErrorRecord { get; }
}
