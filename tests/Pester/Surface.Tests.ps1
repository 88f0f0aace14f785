# The public surface is the one in Surface.txt, so that no change of it goes unseen. Update-Surface.ps1 writes that file.

BeforeAll {
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1"
    $script = Join-Path $PSScriptRoot 'Get-Surface.ps1'
    $source = Join-Path $PSScriptRoot '../../src/UdpPS/ErrorRecords.cs'
    $expected = [System.IO.File]::ReadAllLines((Join-Path $PSScriptRoot 'Surface.txt'))

    # As a diff shows it; nothing where there is no difference.
    function Get-Difference($Before, $After) {
        Compare-Object @($Before) @($After) -CaseSensitive | ForEach-Object {
            "$(if ($_.SideIndicator -eq '<=') { '-' } else { '+' }) $($_.InputObject)"
        }
    }
}

Describe 'The public surface' {
    It 'is the one in Surface.txt, in its order' {
        $surface = @(& $script)

        $difference = @(Get-Difference $expected $surface)
        if ($difference) {
            throw "The public surface is not the one in Surface.txt:`n$($difference -join "`n")`n" +
                'If that is meant, run tests/Pester/Update-Surface.ps1, and write a line for each change in CHANGELOG.md.'
        }

        $surface -join "`n" | Should -BeExactly ($expected -join "`n")
    }

    It 'loses an error id when its record is gone' {
        $text = Get-Content -Raw -Encoding UTF8 -LiteralPath $source
        $less = Join-Path $TestDrive 'ErrorRecords.cs'
        [regex]::Replace($text, '(?s)Create\(\s*"UdpHostNotFound".*?\);', 'null;') | Set-Content -LiteralPath $less -Encoding UTF8

        Get-Difference (& $script) (& $script -ErrorSource $less) | Should -BeExactly '- error UdpHostNotFound, ObjectNotFound'
    }

    It 'is not listed without an error record that cannot be read' {
        $text = Get-Content -Raw -Encoding UTF8 -LiteralPath $source
        $other = Join-Path $TestDrive 'ErrorRecords.cs'
        $text.Replace('"UdpHostNotFound"', 'HostNotFoundId') | Set-Content -LiteralPath $other -Encoding UTF8

        { & $script -ErrorSource $other } | Should -Throw '*calls of Create*'
    }
}
