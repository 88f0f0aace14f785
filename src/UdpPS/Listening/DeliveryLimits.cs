namespace UdpPS.Listening;

/// <summary>When a listener ends by itself. In each, 0 means no limit.</summary>
/// <param name="Count">After so many messages.</param>
/// <param name="TimeoutSeconds">After so many seconds.</param>
/// <param name="IdleTimeoutSeconds">After so many seconds without a message.</param>
internal readonly record struct DeliveryLimits(long Count, double TimeoutSeconds, double IdleTimeoutSeconds);
