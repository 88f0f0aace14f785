using System;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>One of the things that are measured against each other.</summary>
/// <param name="Name">How the tables call it.</param>
/// <param name="MeasureOnce">One round: numbers, the same ones in each.</param>
internal sealed record Contender(string Name, Func<double[]> MeasureOnce);
