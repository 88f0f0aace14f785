using System;
using System.Linq;
using System.Management.Automation;

namespace UdpPS.Display;

/// <summary>
/// Makes errors safe to show that a script has written or thrown, and that may quote what came from the network: see
/// <see cref="ControlCharacterEscaper"/>.
/// </summary>
internal static class ErrorRecordEscaper
{
    /// <returns>The same error, where no part of it has anything to escape.</returns>
    internal static ErrorRecord Escape(ErrorRecord error)
    {
        ErrorCategoryInfo category = error.CategoryInfo;
        ErrorDetails? details = error.ErrorDetails;
        Exception exception = Escape(error.Exception);
        var target = (error.TargetObject is PSObject wrapped ? wrapped.BaseObject : error.TargetObject) as string;
        string?[] texts =
        {
            error.FullyQualifiedErrorId, target, details?.Message, details?.RecommendedAction,
            category.Activity, category.Reason, category.TargetName, category.TargetType,
        };
        if (ReferenceEquals(exception, error.Exception) && texts.All(text => text is null || Escape(text) == text))
        {
            return error;
        }

        var safe = new ErrorRecord(
            exception, Escape(error.FullyQualifiedErrorId), category.Category, target is null ? error.TargetObject : Escape(target));
        safe.CategoryInfo.Activity = Escape(category.Activity);
        safe.CategoryInfo.Reason = Escape(category.Reason);
        safe.CategoryInfo.TargetName = Escape(category.TargetName);
        safe.CategoryInfo.TargetType = Escape(category.TargetType);
        if (details is not null)
        {
            safe.ErrorDetails = new ErrorDetails(Escape(details.Message)) { RecommendedAction = Escape(details.RecommendedAction) };
        }

        return safe;
    }

    /// <returns>The same exception, where neither its message nor that of one inside it has anything to escape.</returns>
    internal static Exception Escape(Exception exception)
    {
        Exception? inner = exception.InnerException is { } cause ? Escape(cause) : null;
        string message = Escape(exception.Message);
        return message == exception.Message && ReferenceEquals(inner, exception.InnerException)
            ? exception
            : new InvalidOperationException(message, inner);
    }

    private static string Escape(string? text) => ControlCharacterEscaper.Escape(text);
}
