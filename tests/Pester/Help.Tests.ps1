# The examples of the help, of README.md and of docs/recipes.md are run, over loopback. An example of the help is a transcript: PS> begins a command, >> goes on with it, and
# what follows is its output. [1] and [2] before a prompt are two sessions side by side: a listener in one goes on while
# the other one sends. To run it here, 192.168.47.0/24 becomes 127.0.0.0/8, 192.168.47.255 its broadcast address, any other
# 192.168.47.x 127.0.0.1, and each port from 4000 to 4099 one that is free. Dates and times, round trips and ports that the
# system picks are not compared, and neither is white space. In the pages an example is a section, a step is a block of commands
# as they are to be copied, its output is the block of text right after it, and a first comment says in which session.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $hasLoopbackMulticast = Test-LoopbackMulticast
    $onLinux = $PSVersionTable.PSEdition -eq 'Core' -and $IsLinux

    function Read-Transcript([string[]] $Line) {
        $steps = New-Object 'System.Collections.Generic.List[hashtable]'
        foreach ($text in $Line) {
            if ($text -cmatch '^(?:\[(?<session>\d)\] )?PS> (?<command>.+)$') {
                $steps.Add(@{ Session = "$($Matches['session'])"; Command = $Matches['command']; Output = '' })
            }
            elseif ($text.StartsWith('>> ')) {
                $steps[-1].Command += "`n" + $text.Substring(3)
            }
            else {
                $steps[-1].Output += $text + "`n"
            }
        }

        , $steps.ToArray()
    }

    function Read-Section([string] $Text) {
        foreach ($block in [regex]::Matches($Text, '(?m)^```powershell\n(?<command>[\s\S]*?)\n```$(\n\n```text\n(?<output>[\s\S]*?)^```$)?')) {
            $command = $block.Groups['command'].Value
            $session = if ($command -match '\A# (?<session>[io]n .+)') { $Matches['session'] } else { '' }
            @{ Session = $session; Command = $command; Output = $block.Groups['output'].Value }
        }
    }

    $help = New-Object xml
    $help.Load((Join-Path $PSScriptRoot '../../output/UdpPS/en-US/UdpPS.dll-Help.xml'))

    # Not by .command: the declaration of that namespace has the name too.
    $commands = $help.helpItems.ChildNodes | Where-Object LocalName -EQ 'command'
    $cmdlets = $commands | ForEach-Object {
        @{ Name = $_.details.name; ErrorIds = $_.SelectNodes('.//*[local-name() = "errorID"]') | ForEach-Object InnerText }
    }
    $examples = @(
        foreach ($command in $commands) {
            foreach ($example in $command.examples.example) {
                @{ Topic = $command.details.name; Title = $example.title; Steps = Read-Transcript ($example.code -split '\r?\n') }
            }
        }

        # In about_UdpPS they stand 6 columns in, deeper than the text.
        $about = Get-Content -Raw -Encoding UTF8 (Join-Path $PSScriptRoot '../../output/UdpPS/en-US/about_UdpPS.help.txt')
        $number = 0
        foreach ($block in [regex]::Matches($about, '(?m)^ {6}(\[\d\] )?PS> .*\r?\n(?: {6}.*\r?\n|\r?\n)*')) {
            $number++
            @{ Topic = 'about_UdpPS'; Title = "Example $number"; Steps = Read-Transcript ($block.Value -split '\r?\n' -replace '^ {6}') }
        }

        foreach ($page in 'README.md', 'docs/recipes.md') {
            $text = (Get-Content -Raw -Encoding UTF8 (Join-Path $PSScriptRoot "../../$page")) -replace '\r'
            foreach ($section in [regex]::Split($text, '(?m)^(?=##+ )') | Where-Object { $_ -match '(?m)^```powershell$' }) {
                $title = [regex]::Match($section, '(?<=^#+ ).*').Value
                @{ Topic = $page; Title = $title; Steps = @(Read-Section $section) }
            }
        }
    )
    $pageSteps = @(($examples | Where-Object Topic -Like '*.md').Steps)

    # Not run: what changes the machine, and what needs a peer that the reader starts in another shell.
    foreach ($example in $examples) {
        $example.Steps = @($example.Steps | Where-Object Command -NotMatch 'build\.ps1|NetFirewallRule')
    }

    $examples = @($examples | Where-Object { $_.Steps.Count -gt 0 -and $_.Title -notmatch 'Python' })
    foreach ($example in $examples) {
        $text = $example.Steps.Command -join "`n"
        $example.IsPossible = ($hasLoopbackMulticast -or $text -notmatch '-MulticastGroup') -and
            ($onLinux -or $text -notmatch '-Broadcast')
    }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
    $manifest = Join-Path (Get-Module UdpPS).ModuleBase 'UdpPS.psd1'

    # A session of its own, as a user would have it. A slow machine must not make an ack late.
    function New-TestSession([string] $Folder, [double] $TimeoutSeconds) {
        $state = [initialsessionstate]::CreateDefault()
        $null = $state.ImportPSModule($manifest)
        $runspace = [runspacefactory]::CreateRunspace($state)
        $disposables.Add($runspace)
        $runspace.Open()
        $runspace.SessionStateProxy.Path.SetLocation($Folder) | Out-Null
        Invoke-InSession $runspace "`$PSDefaultParameterValues['Receive-UdpAck:TimeoutSeconds'] = $TimeoutSeconds" | Out-Null
        $runspace
    }

    function Start-InSession($Runspace, [string] $Command) {
        $powerShell = [powershell]::Create()
        $powerShell.Runspace = $Runspace

        # On one line where it can be: errors then show as at the prompt.
        $script = if ($Command.Contains("`n")) { ". {`n$Command`n} *>&1" } else { ". { $Command } *>&1" }
        $null = $powerShell.AddScript($script)
        $nothing = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
        $nothing.Complete()
        $output = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
        @{ Command = $Command; PowerShell = $powerShell; Output = $output; Run = $powerShell.BeginInvoke($nothing, $output) }
    }

    function Wait-InSession($Started) {
        Wait-Until { $Started.Run.IsCompleted }
        $null = $Started.PowerShell.EndInvoke($Started.Run)
        $Started.PowerShell.Dispose()
        $Started.Output
    }

    # As Ctrl+C does.
    function Stop-InSession($Started) {
        $Started.PowerShell.Stop()
        $Started.PowerShell.Dispose()
        $Started.Output
    }

    function Invoke-InSession($Runspace, [string] $Command) {
        Wait-InSession (Start-InSession $Runspace $Command)
    }

    # What the prompt would show.
    function ConvertTo-ShownText($Output) {
        $shown = foreach ($value in $Output) {
            switch ($value) {
                { $_ -is [System.Management.Automation.ErrorRecord] } {
                    "$($_.InvocationInfo.MyCommand.Name): $_ Recommendation: $($_.ErrorDetails.RecommendedAction)"
                    break
                }
                { $_ -is [System.Management.Automation.VerboseRecord] } { "VERBOSE: $_"; break }
                { $_ -is [System.Management.Automation.WarningRecord] } { "WARNING: $_"; break }
                { $_ -is [System.Management.Automation.InformationRecord] } {
                    # A terminal shows it, though not where another program reads the output of these tests.
                    if ($_.MessageData -is [System.Management.Automation.HostInformationMessage]) { "$_" }
                    break
                }
                default { $_ }
            }
        }

        $shown | Out-String -Width 200
    }

    # What is left when white space and what differs from run to run are gone. Colors do, where the formatting has them.
    function ConvertTo-Comparable([string] $Text) {
        $Text -replace '\x1b\[[\d;]*m' -replace '\b\d\d-\d\d \d\d:\d\d:\d\d\.\d+|(?<![\d.])\d+\.\d+(?![\d.])|\b\d{5}\b' -replace '\s+', ' ' |
            ForEach-Object Trim
    }

    function Move-Address([string] $Text) {
        $Text.Replace('192.168.47.0/24', '127.0.0.0/8').Replace('192.168.47.255', '127.255.255.255') -replace
            '\b192\.168\.47\.\d+', '127.0.0.1'
    }

    function Move-ToLoopback([string] $Text, [hashtable] $Ports) {
        $isPort = '(?<![\d.:-])40\d\d(?![\d.])'
        foreach ($port in [regex]::Matches($Text, $isPort) | ForEach-Object Value | Where-Object { -not $Ports.ContainsKey($_) }) {
            $Ports[$port] = Get-FreePort
        }

        [regex]::Replace((Move-Address $Text), $isPort, { param($match) $Ports[$match.Value] })
    }

    # A question is answered on the standard input, so it takes a process.
    function Invoke-Interactive([string[]] $Command, [string[]] $Answer) {
        $script = Join-Path $TestDrive 'interactive.ps1'
        Set-Content $script -Encoding UTF8 -Value (@("Import-Module '$manifest'") + $Command)
        $Answer | & $powerShellPath -NoProfile -File $script
    }
}

Describe 'Help' {
    AfterEach {
        Clear-TestResource
    }

    It 'is found for <Name>, in all its parts, errors too' -ForEach $cmdlets {
        $help = Get-Help $Name -Full

        $help.Synopsis | Should -Match '\.$'
        foreach ($part in @(
                $help.syntax.syntaxItem, $help.description, $help.parameters.parameter, $help.inputTypes.inputType
                $help.returnValues.returnValue, $help.nonTerminatingErrors.nonTerminatingError, $help.alertSet, $help.relatedLinks
            )) {
            $part | Should -Not -BeNullOrEmpty
        }

        $full = $help | Out-String -Width 120
        foreach ($id in $ErrorIds) {
            $full | Should -MatchExactly "\b$id\b"
        }

        @($help.examples.example).Count | Should -BeGreaterOrEqual 6
        (Get-Help $Name -Examples | Out-String) | Should -Match 'PS> '
    }

    It 'is found for every parameter of <Name>' -ForEach $cmdlets {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        foreach ($parameter in (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }) {
            $help = Get-Help $Name -Parameter $parameter

            ($help.description | ForEach-Object Text) -join ' ' | Should -Not -BeNullOrEmpty -Because $parameter
            $help.defaultValue | Should -Not -BeNullOrEmpty -Because $parameter
        }
    }

    It 'is found for about_UdpPS' {
        Get-Help about_UdpPS | Out-String | Should -Match 'SHORT DESCRIPTION\r?\n +UDP for those'
    }

    It 'has in <Topic> an example that does what it says: <Title>' -ForEach $examples {
        if (-not $IsPossible) {
            Set-ItResult -Skipped -Because 'loopback has no broadcast or multicast here'
            return
        }

        if ($Steps.Command -match '-LocalAddress Any') {
            Skip-OnWine DualStack
        }

        if ($Steps.Command -match '-MulticastGroup') {
            Skip-OnWine MulticastIndex
        }

        # The pages show silence without naming a time.
        $timeoutSeconds = if ($Topic -like '*.md') { $deadlineSeconds / 10 } else { $deadlineSeconds }
        $ports = @{}
        if ($Steps.Command -match '-Interactive') {
            $answers = [regex]::Matches($Steps[-1].Output, "(?m)^Enter message .*?\): (.*?)\r?$") | ForEach-Object { $_.Groups[1].Value }
            $shown = Invoke-Interactive ($Steps.Command | ForEach-Object { Move-ToLoopback $_ $ports }) $answers | Out-String
            $results = @($Steps | Select-Object -SkipLast 1 | ForEach-Object { '' }) + $shown
        }
        else {
            $sessions = @{}
            $started = New-Object 'System.Collections.Generic.List[hashtable]'
            $listening = @{}
            foreach ($step in $Steps) {
                $session = $step.Session
                if (-not $sessions[$session]) {
                    $sessions[$session] = New-TestSession $TestDrive $timeoutSeconds
                }

                if ($listening[$session]) {
                    Wait-Until { $listening[$session].Run.IsCompleted }
                    $listening.Remove($session)
                }

                $run = Start-InSession $sessions[$session] (Move-ToLoopback $step.Command $ports)
                $started.Add($run)
                if ($step.Command -match 'Start-UdpListener(?!.*-AsJob)') {
                    $listening[$session] = $run
                    Wait-Until { $run.Run.IsCompleted -or $run.Output.Count -gt 0 }
                }
                else {
                    Wait-Until { $run.Run.IsCompleted }
                }
            }

            $results = foreach ($run in $started) {
                $isEndless = $run.Command -match 'Start-UdpListener(?!.*-(AsJob|Count))' -and $Topic -like '*.md'
                ConvertTo-ShownText $(if ($isEndless) { Stop-InSession $run } else { Wait-InSession $run })
            }

            foreach ($runspace in $sessions.Values) {
                Invoke-InSession $runspace 'Get-Job | Remove-Job -Force' | Out-Null
            }
        }

        for ($i = 0; $i -lt $Steps.Count; $i++) {
            $result = @($results)[$i]
            foreach ($port in $ports.Keys) {
                $result = $result -replace "\b$($ports[$port])\b", $port
            }

            ConvertTo-Comparable $result | Should -BeExactly (ConvertTo-Comparable (Move-Address $Steps[$i].Output)) -Because $Steps[$i].Command
        }
    }

    It 'shows in README.md and docs/recipes.md what can be typed: <Command>' -ForEach $pageSteps {
        $tokens = $errors = $null
        $script = [System.Management.Automation.Language.Parser]::ParseInput($Command, [ref] $tokens, [ref] $errors)

        $errors | Should -BeNullOrEmpty
        $isCommand = { $args[0] -is [System.Management.Automation.Language.CommandAst] }
        foreach ($call in $script.FindAll($isCommand, $true)) {
            $known = Get-Command $call.GetCommandName() -ErrorAction Ignore
            if ($known -and $known.ModuleName -eq 'UdpPS') {
                foreach ($parameter in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                    $known.Parameters.Keys | Should -Contain $parameter.ParameterName
                }
            }
        }
    }
}
