using System;
using System.Linq;
using System.Management.Automation;

namespace UdpPS.Commands;

/// <summary>A preference variable of a session, such as $ErrorActionPreference, wherever the session finds it.</summary>
internal sealed class PreferenceVariable
{
    private readonly PSVariableIntrinsics _variables;
    private readonly string _name;

    internal PreferenceVariable(PSVariableIntrinsics variables, string name)
    {
        _variables = variables;
        _name = name;
    }

    /// <summary>Sets it to Continue where it has one of the given values, until the result is disposed.</summary>
    /// <returns>Null where it has another.</returns>
    internal IDisposable? Replace(params ActionPreference[] values)
    {
        PSVariable? variable = _variables.Get(_name);
        return variable is not null
            && LanguagePrimitives.TryConvertTo(variable.Value, out ActionPreference preference)
            && values.Contains(preference)
                ? new Replacement(variable)
                : null;
    }

    private sealed class Replacement : IDisposable
    {
        private readonly PSVariable _variable;
        private readonly object? _before;

        internal Replacement(PSVariable variable)
        {
            _variable = variable;
            _before = variable.Value;
            variable.Value = ActionPreference.Continue;
        }

        // What was set meanwhile, by a script that ran, stays.
        public void Dispose()
        {
            if (_variable.Value is ActionPreference.Continue)
            {
                _variable.Value = _before;
            }
        }
    }
}
