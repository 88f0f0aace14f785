using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>Writes the errors of one command. A remedy is written with the first error that has it, and not again.</summary>
internal sealed class ErrorWriter
{
    private readonly HashSet<string> _remedies = new();
    private readonly Action<ErrorRecord> _write;

    /// <param name="write">The cmdlet's own method.</param>
    internal ErrorWriter(Action<ErrorRecord> write) => _write = write;

    internal void Write(ErrorRecord error)
    {
        if (!_remedies.Add(error.ErrorDetails.RecommendedAction))
        {
            error.ErrorDetails = new ErrorDetails(error.ErrorDetails.Message);
        }

        _write(error);
    }
}
