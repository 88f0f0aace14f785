using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>Writes the errors of one command. The remedy for an id is written with the first of them only.</summary>
internal sealed class ErrorWriter
{
    private readonly HashSet<string> _ids = new();
    private readonly Action<ErrorRecord> _write;

    /// <param name="write">The cmdlet's own method.</param>
    internal ErrorWriter(Action<ErrorRecord> write) => _write = write;

    internal void Write(ErrorRecord error)
    {
        if (!_ids.Add(error.FullyQualifiedErrorId))
        {
            error.ErrorDetails = new ErrorDetails(error.ErrorDetails.Message);
        }

        _write(error);
    }
}
