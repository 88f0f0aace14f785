using System;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace UdpPS.Parameters;

/// <summary>Takes an encoding by name, by code page, or as an <see cref="Encoding"/> object.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class EncodingTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object value = BaseObject.Of(inputData);
        if (value is Encoding encoding)
        {
            return encoding;
        }

        string name = Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
        return EncodingNames.Find(name) ?? throw new ArgumentTransformationMetadataException(
            $"'{name}' is not an encoding. Give one of {string.Join(", ", EncodingNames.All)}, the number or name of a code page "
            + "(1252, iso-8859-1), or an Encoding object.");
    }
}
