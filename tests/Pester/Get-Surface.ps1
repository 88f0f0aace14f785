<#
.SYNOPSIS
Lists the public surface of the imported module, one fact a line, in ordinal order.

.DESCRIPTION
What a script can depend on: the commands, and of each parameter its type, aliases, position, sets, pipeline binding, allowed
values and default; the properties and methods of the public types; the values of enumerations; the ids of errors with their
categories. The common parameters, which are PowerShell's own, are left out. The lines are the same in Windows PowerShell 5.1.

.PARAMETER ErrorSource
The file that has the error records. No object of the module lists their ids, so they are read from the source.
#>
[CmdletBinding()]
[OutputType([string])]
param(
    [string] $ErrorSource = (Join-Path $PSScriptRoot '../../src/UdpPS/ErrorRecords.cs')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$invariant = [cultureinfo]::InvariantCulture
$module = Get-Module UdpPS
$commands = Get-Command -Module UdpPS

# By its full name, but without the assemblies that .NET adds to generic ones, which differ.
function Get-TypeText([type] $Type) {
    if ($Type.IsArray) {
        return "$(Get-TypeText $Type.GetElementType())[]"
    }

    if (-not $Type.IsGenericType) {
        return $Type.FullName
    }

    $arguments = $Type.GetGenericArguments() | ForEach-Object { Get-TypeText $_ }
    "$($Type.GetGenericTypeDefinition().FullName)[$($arguments -join ', ')]"
}

# Null for what has no short text.
function Get-ValueText($Value) {
    switch ($Value) {
        { $_ -is [switch] } { return }
        { $_ -is [System.Text.Encoding] } { return $_.WebName }
        { $_ -is [string] } { return "'$_'" }
        { $_ -is [double] } { return $_.ToString('R', $invariant) }
        { $_ -is [System.IFormattable] } { return $_.ToString($null, $invariant) }
    }
}

function Get-ParameterSurface($Parameter, $Default) {
    "type $(Get-TypeText $Parameter.ParameterType)"
    $Parameter.Aliases | ForEach-Object { "alias $_" }
    foreach ($attribute in $Parameter.Attributes) {
        switch ($attribute) {
            { $_ -is [System.Management.Automation.ValidateRangeAttribute] } {
                "allows $(Get-ValueText $_.MinRange) to $(Get-ValueText $_.MaxRange)"
            }
            { $_ -is [System.Management.Automation.ValidateSetAttribute] } {
                $_.ValidValues | ForEach-Object { "allows '$_'" }
            }
        }
    }

    if ($null -ne (Get-ValueText $Default)) {
        "default $(Get-ValueText $Default)"
    }

    foreach ($name in $Parameter.ParameterSets.Keys) {
        $set = $Parameter.ParameterSets[$name]
        $binding = @(
            if ($set.IsMandatory) { 'mandatory' } else { 'optional' }
            if ($set.Position -ge 0) { "position $($set.Position)" } else { 'named' }
            if ($set.ValueFromPipeline) { 'pipeline by value' }
            if ($set.ValueFromPipelineByPropertyName) { 'pipeline by property name' }
            if ($set.ValueFromRemainingArguments) { 'remaining arguments' }
        )
        "set $name, $($binding -join ', ')"
    }
}

function Get-CommandSurface($Info) {
    "is a $($Info.CommandType)"
    if ($Info -isnot [System.Management.Automation.CmdletInfo]) {
        return
    }

    # The class is the second part of every FullyQualifiedErrorId.
    "class $($Info.ImplementingType.FullName)"
    "default set $(if ($Info.DefaultParameterSet) { $Info.DefaultParameterSet } else { '__AllParameterSets' })"
    $Info.OutputType | ForEach-Object { "output $(Get-TypeText $_.Type)" }
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
    $instance = [System.Activator]::CreateInstance($Info.ImplementingType)
    try {
        foreach ($parameter in $Info.Parameters.Values | Where-Object Name -NotIn $common) {
            $default = $instance.($parameter.Name)
            Get-ParameterSurface $parameter $default | ForEach-Object { "-$($parameter.Name) $_" }
        }
    }
    finally {
        if ($instance -is [System.IDisposable]) {
            $instance.Dispose()
        }
    }
}

function Get-TypeSurface([type] $Type) {
    if ($Type.IsEnum) {
        [enum]::GetValues($Type) | ForEach-Object { "value $_ = $([int] $_)" }
        return
    }

    # What a base class of PowerShell or .NET has is theirs, unless it is changed here.
    $own = [System.Reflection.BindingFlags] 'Public, Instance, Static, DeclaredOnly'
    foreach ($property in $Type.GetProperties($own)) {
        "property $($property.Name), $(Get-TypeText $property.PropertyType)$(if ($property.GetSetMethod()) { ', writable' })"
    }

    foreach ($method in $Type.GetMethods($own) | Where-Object { -not $_.IsSpecialName -and $_.GetBaseDefinition() -eq $_ }) {
        $parameters = $method.GetParameters() | ForEach-Object { Get-TypeText $_.ParameterType }
        "method $($method.Name)($($parameters -join ', ')), $(Get-TypeText $method.ReturnType)"
    }

    foreach ($constructor in $Type.GetConstructors()) {
        $parameters = $constructor.GetParameters() | ForEach-Object { Get-TypeText $_.ParameterType }
        "constructor ($($parameters -join ', '))"
    }
}

# The types of the assembly that are no commands, and not marked as plumbing.
function Get-PublicType {
    $assembly = ($commands | Where-Object CommandType -EQ 'Cmdlet' | Select-Object -First 1).ImplementingType.Assembly
    $assembly.GetExportedTypes() | Where-Object {
        $hidden = $_.GetCustomAttributes([System.ComponentModel.EditorBrowsableAttribute], $false) | Where-Object State -EQ 'Never'
        -not $hidden -and -not $_.IsSubclassOf([System.Management.Automation.Cmdlet])
    }
}

# What the types file adds. Its members PSView* are for views.
function Get-ExtendedSurface {
    foreach ($file in $module.ExportedTypeFiles) {
        $types = New-Object xml
        $types.Load($file)
        foreach ($member in $types.SelectNodes('/Types/Type/Members/*[not(starts-with(Name, "PSView"))][not(self::MemberSet)]')) {
            "type $($member.ParentNode.ParentNode.SelectSingleNode('Name').InnerText) $($member.LocalName) $($member.SelectSingleNode('Name').InnerText)"
        }
    }
}

function Get-ErrorSurface {
    $text = Get-Content -Raw -Encoding UTF8 -LiteralPath $ErrorSource
    $records = [regex]::Matches($text, '\bCreate\(\s*"(?<id>\w+)",\s*ErrorCategory\.(?<category>\w+)')

    # One is the method itself. A record that this cannot read must not be missing without a word.
    $calls = [regex]::Matches($text, '\bCreate\(').Count - 1
    if ($calls -lt 1 -or $records.Count -ne $calls) {
        throw "$ErrorSource has $calls calls of Create, and $($records.Count) of them begin with an id and a category."
    }

    $records | ForEach-Object { "error $($_.Groups['id'].Value), $($_.Groups['category'].Value)" }
}

$lines = @(
    foreach ($info in $commands) {
        Get-CommandSurface $info | ForEach-Object { "command $($info.Name) $_" }
    }

    foreach ($type in Get-PublicType) {
        Get-TypeSurface $type | ForEach-Object { "type $($type.FullName) $_" }
    }

    Get-ExtendedSurface
    Get-ErrorSurface
) | Select-Object -Unique

# Sort-Object sorts by culture, which differs between systems.
$lines = [string[]] $lines
[array]::Sort($lines, [System.StringComparer]::Ordinal)
$lines
