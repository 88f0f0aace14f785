using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;

namespace UdpPS;

/// <summary>What PowerShell has wrapped: a value that comes out of a command is in a <see cref="PSObject"/>, or is not.</summary>
internal static class BaseObject
{
    [return: NotNullIfNotNull(nameof(value))]
    internal static object? Of(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
