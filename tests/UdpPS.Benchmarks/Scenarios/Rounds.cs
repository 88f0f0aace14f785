using System.Collections.Generic;
using System.Linq;
using UdpPS.Benchmarks.Reporting;

namespace UdpPS.Benchmarks.Scenarios;

/// <summary>
/// Round 1 of every contender, then round 2 of every contender, and so on: a machine that is slower for a while is slower
/// for all.
/// </summary>
internal static class Rounds
{
    /// <returns>By contender, one sample for each number that a round gives.</returns>
    internal static Dictionary<string, Sample[]> Measure(string title, int rounds, IReadOnlyList<Contender> contenders)
    {
        Dictionary<string, List<double[]>> measured = contenders.ToDictionary(contender => contender.Name, _ => new List<double[]>());
        for (int round = 1; round <= rounds; round++)
        {
            Bench.Progress($"{title}: round {round} of {rounds}");
            foreach (Contender contender in contenders)
            {
                measured[contender.Name].Add(contender.MeasureOnce());
            }
        }

        return measured.ToDictionary(
            pair => pair.Key,
            pair => pair.Value[0].Select((_, number) => new Sample(pair.Value.Select(values => values[number]))).ToArray());
    }
}
