using UdpPS.Tests.Infrastructure;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// Tests count the process's threads and sockets: one at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]

// None hangs for ever.
[assembly: TestFramework(typeof(TimeLimitedFramework))]
