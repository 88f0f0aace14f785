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
        Exception exception = Escape(error.Exception);
        if (ReferenceEquals(exception, error.Exception) && HasNothingToEscape(error))
        {
            return error;
        }

        ErrorCategoryInfo category = error.CategoryInfo;
        ErrorDetails? details = error.ErrorDetails;
        string? target = TextOfTarget(error);
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

        // An exception of PowerShell's has a record of its own.
        return message == exception.Message
            && ReferenceEquals(inner, exception.InnerException)
            && (exception is not IContainsErrorRecord { ErrorRecord: { } record } || HasNothingToEscape(record))
            ? exception
            : new InvalidOperationException(message, inner);
    }

    // Of its own texts. Its exception is another matter.
    private static bool HasNothingToEscape(ErrorRecord error)
    {
        ErrorCategoryInfo category = error.CategoryInfo;
        string?[] texts =
        {
            error.FullyQualifiedErrorId, TextOfTarget(error), error.ErrorDetails?.Message, error.ErrorDetails?.RecommendedAction,
            category.Activity, category.Reason, category.TargetName, category.TargetType,
        };
        return texts.All(text => text is null || Escape(text) == text);
    }

    private static string? TextOfTarget(ErrorRecord error) => BaseObject.Of(error.TargetObject) as string;

    private static string Escape(string? text) => ControlCharacterEscaper.Escape(text);
}
