using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Text;
using UdpPS.Commands;

namespace UdpPS.Tests.Help;

/// <summary>What the code says of a cmdlet.</summary>
internal sealed class CmdletFacts
{
    private readonly Type _type;

    private CmdletFacts(Type type) => _type = type;

    internal static IReadOnlyList<CmdletFacts> All { get; } = typeof(StartUdpListenerCommand).Assembly.GetExportedTypes()
        .Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null)
        .Select(type => new CmdletFacts(type))
        .ToList();

    internal string Name => $"{Attribute.VerbName}-{Attribute.NounName}";

    internal string ClassName => _type.Name;

    internal IEnumerable<Type> OutputTypes =>
        _type.GetCustomAttributes<OutputTypeAttribute>().SelectMany(attribute => attribute.Type).Select(type => type.Type);

    internal IReadOnlyList<Parameter> Parameters => _type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
        .Where(property => property.GetCustomAttributes<ParameterAttribute>().Any())
        .Select(property => new Parameter(property, DefaultOf(property)))
        .ToList();

    /// <summary>The parameters of each parameter set.</summary>
    internal IEnumerable<IReadOnlyList<Parameter>> Sets => Parameters
        .SelectMany(parameter => parameter.Sets)
        .Where(set => set != ParameterAttribute.AllParameterSets)
        .Distinct()
        .Select(set => Parameters.Where(parameter => parameter.IsIn(set)).ToList());

    private CmdletAttribute Attribute => _type.GetCustomAttribute<CmdletAttribute>()!;

    internal static CmdletFacts Of(string name) => All.Single(facts => facts.Name == name);

    private object? DefaultOf(PropertyInfo property)
    {
        object cmdlet = Activator.CreateInstance(_type)!;
        using var disposable = cmdlet as IDisposable;
        return property.GetValue(cmdlet);
    }

    internal sealed record Parameter(PropertyInfo Property, object? DefaultValue)
    {
        internal string Name => Property.Name;

        internal string Type =>
            Property.PropertyType == typeof(SwitchParameter) ? nameof(SwitchParameter) : Property.PropertyType.Name;

        internal IEnumerable<string> Sets => Attributes.Select(attribute => attribute.ParameterSetName);

        internal bool IsMandatory => Attributes.All(attribute => attribute.Mandatory);

        internal string Position => Attributes[0].Position < 0 ? "named" : Attributes[0].Position.ToString();

        internal string Aliases => Property.GetCustomAttribute<AliasAttribute>() is { } alias ? string.Join(", ", alias.AliasNames) : "none";

        internal string PipelineInput
        {
            get
            {
                string[] ways =
                [
                    .. Attributes.Any(attribute => attribute.ValueFromPipelineByPropertyName) ? ["ByPropertyName"] : Array.Empty<string>(),
                    .. Attributes.Any(attribute => attribute.ValueFromPipeline) ? ["ByValue"] : Array.Empty<string>(),
                ];
                return ways.Length == 0 ? "False" : $"True ({string.Join(", ", ways)})";
            }
        }

        /// <summary>As the help writes it. None where there is no value, or one that users cannot give.</summary>
        internal string Default => DefaultValue switch
        {
            int[] { Length: 1 } numbers => numbers[0].ToString(CultureInfo.InvariantCulture),
            null or "" or Array => "None",
            UTF8Encoding => "utf8",
            int number when MinimumOf(Property) > number => "None",
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            SwitchParameter value => value.ToString(),
            _ => DefaultValue.ToString()!,
        };

        private ParameterAttribute[] Attributes => Property.GetCustomAttributes<ParameterAttribute>().ToArray();

        internal bool IsIn(string set) => Sets.Any(own => own == set || own == ParameterAttribute.AllParameterSets);

        private static int MinimumOf(PropertyInfo property) =>
            property.GetCustomAttribute<ValidateRangeAttribute>()?.MinRange is int minimum ? minimum : int.MinValue;
    }
}
