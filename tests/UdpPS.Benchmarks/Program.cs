using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using UdpPS.Benchmarks.Processes;
using UdpPS.Benchmarks.Reporting;
using UdpPS.Benchmarks.Roles;
using UdpPS.Benchmarks.Scenarios;

namespace UdpPS.Benchmarks;

/// <summary>Measures UdpPS against its peers, in one run on one machine.</summary>
internal static class Program
{
    private static readonly (string[] Names, Action<Bench> Run)[] Scenarios =
    [
        ([ListenerScenario.Throughput, ListenerScenario.Latency], ListenerScenario.Run),
        ([AckDelayScenario.Name], AckDelayScenario.Run),
        ([SendScenario.Name], SendScenario.Run),
        ([AckedScenario.Name], AckedScenario.Run),
        ([SweepScenario.Name], SweepScenario.Run),
        ([ImportScenario.Name], ImportScenario.Run),
        ([IdleScenario.Name], IdleScenario.Run),
        ([BurstScenario.Name], BurstScenario.Run),
        ([GrowthScenario.Memory, GrowthScenario.Growth], GrowthScenario.Run),
    ];

    private static int Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        if (arguments is [RoleProgram.Marker, var role, .. var rest])
        {
            return RoleProgram.Run(role, rest);
        }

        try
        {
            Measure(BenchmarkOptions.Parse(arguments, Scenarios.SelectMany(scenario => scenario.Names).ToArray()));
            return 0;
        }
        catch (BenchmarkException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static void Measure(BenchmarkOptions options)
    {
        Assembly module = typeof(UdpMessage).Assembly;
        bool isDebug = module.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true;
        if (isDebug && !options.AllowsDebug)
        {
            throw new BenchmarkException("This is a Debug build. Measure a Release one (-c Release), or say --allow-debug.");
        }

        var otherWork = new OtherWork();
        using (var bench = new Bench(options))
        {
            PrintHeading(options, module, bench.Programs.Notes);
            foreach ((string[] names, Action<Bench> run) in Scenarios)
            {
                if (names.Any(options.Wants))
                {
                    run(bench);
                }
            }

            bench.Targets.Print();
            if (options.Chart is { } chart)
            {
                bench.Chart.Write(chart);
            }
        }

        if (otherWork.Share is { } share)
        {
            Console.WriteLine($"Other work, and what a host kept for itself, took {share:P0} of this machine's processor time meanwhile.");
        }
    }

    private static void PrintHeading(BenchmarkOptions options, Assembly module, IEnumerable<string> notes)
    {
        string? configuration = module.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration;
        string? engine = typeof(PSObject).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version;
        Console.WriteLine(
            $"UdpPS ({configuration}), PowerShell engine {engine}, {RuntimeInformation.FrameworkDescription}, "
            + $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores.");
        Console.WriteLine(
            $"Medians of {options.Rounds} interleaved rounds of about {options.Seconds} s, least and most in parentheses; "
            + "ratios are medians of the ratios within each round.");
        foreach (string note in notes)
        {
            Console.WriteLine(note);
        }

        Console.WriteLine();
    }
}
