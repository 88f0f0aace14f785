using System.Collections.Generic;
using UdpPS.Parameters;

namespace UdpPS.Commands;

/// <summary>What one input object, or one line, asks to send.</summary>
/// <param name="Targets">To whom.</param>
/// <param name="Input">What, as it was given: <see cref="PayloadConverter"/> makes payloads of it.</param>
/// <param name="InputObject">What came down the pipeline, to stay with its messages; null for a text or bytes.</param>
/// <param name="WaitsForNames">Whether its names are waited for before the next input is taken.</param>
internal sealed record SendRequest(IReadOnlyList<SendTarget> Targets, object? Input, object? InputObject, bool WaitsForNames);
