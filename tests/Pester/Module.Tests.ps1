# What a user gets: the manifest, what build.ps1 installs, and a module that leaves nothing behind.

BeforeDiscovery {
    # Elsewhere the folder of the user does not depend on variables, and tests must not touch it.
    $canInstall = $PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/InstallHelpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    Import-Module $manifest
}

Describe 'The manifest' {
    It 'is valid' {
        $null = Test-ModuleManifest $manifest -WarningVariable warnings -ErrorAction Stop

        $warnings | Should -BeNullOrEmpty
    }

    It 'asks for the .NET Framework that the build compiles the module against' {
        $content.DotNetFrameworkVersion | Should -Be '4.7.2'
        $project = [xml] (Get-Content -Raw -LiteralPath "$root/tests/UdpPS.NetFramework/UdpPS.NetFramework.csproj")
        $project.SelectSingleNode('//TargetFramework').InnerText | Should -Be "net$($content.DotNetFrameworkVersion.Replace('.', ''))"
    }

    It 'lists the files there are, and no others' {
        Get-FileList (Split-Path $manifest) | Should -BeExactly ($content.FileList | Sort-Object)
    }
}

Describe 'build.ps1 -Task Install' -Skip:(-not $canInstall) {
    BeforeEach {
        $user = New-UserHome
        $installed = Join-Path $user.HOME ".local/share/powershell/Modules/UdpPS/$($content.ModuleVersion)"
    }

    It 'installs the whole module where it is found by its name' {
        Invoke-BuildScript Install $user | Should -Be "Installed UdpPS $($content.ModuleVersion) in $installed"

        Get-FileList $installed | Should -BeExactly ($content.FileList | Sort-Object)
        Assert-MainJob (Invoke-Process $mainJob $user) $installed
    }

    It 'replaces what is installed' {
        $null = New-Item -ItemType File (Join-Path $installed 'en-US/old.help.txt') -Force

        $null = Invoke-BuildScript Install $user

        Get-FileList $installed | Should -BeExactly ($content.FileList | Sort-Object)
    }

    It 'finds the user''s folder under XDG_DATA_HOME' {
        $user.XDG_DATA_HOME = Join-Path $TestDrive "data $([guid]::NewGuid())"

        $null = Invoke-BuildScript Install $user

        Join-Path $user.XDG_DATA_HOME "powershell/Modules/UdpPS/$($content.ModuleVersion)/UdpPS.dll" | Should -Exist
        $installed | Should -Not -Exist
    }

    It 'is undone by Uninstall, which removes every version that Install put there' {
        $null = Invoke-BuildScript Install $user
        $folder = Split-Path $installed
        Copy-Item -LiteralPath $installed (Join-Path $folder '0.0.9') -Recurse

        $shown = (Invoke-BuildScript Uninstall $user) -split '\r?\n'

        $shown | Sort-Object | Should -Be @(
            "Uninstalled UdpPS 0.0.9 from $(Join-Path $folder '0.0.9')"
            "Uninstalled UdpPS $($content.ModuleVersion) from $installed"
        )
        $folder | Should -Not -Exist
    }

    It 'leaves to its own tool what came from a gallery, and other modules, at Uninstall' {
        $null = Invoke-BuildScript Install $user
        $folder = Split-Path $installed
        $fromGallery = Join-Path $folder '0.0.9'
        Copy-Item -LiteralPath $installed $fromGallery -Recurse
        $null = New-Item -ItemType File (Join-Path $fromGallery 'PSGetModuleInfo.xml')
        $other = New-Item -ItemType File (Join-Path (Split-Path $folder) 'Other/1.0/Other.psd1') -Force

        $null = Invoke-BuildScript Uninstall $user

        $installed | Should -Not -Exist
        Join-Path $fromGallery 'UdpPS.dll' | Should -Exist
        $other.FullName | Should -Exist
    }

    It 'is no error to undo when nothing is installed' {
        Invoke-BuildScript Uninstall $user | Should -Be "Install has put no UdpPS in $(Split-Path $installed)"
    }
}

Describe 'Remove-Module UdpPS' {
    AfterEach {
        Clear-TestResource
        Import-Module $manifest
    }

    It 'ends the listener jobs and frees their ports, when it is by <Name>' -ForEach @(
        @{ Name = 'Remove-Module'; Remove = { Remove-Module UdpPS } }
        @{ Name = 'Import-Module -Force'; Remove = { Import-Module $manifest -Force } }
    ) {
        $jobs = (Start-TestListener), (Start-TestListener -AckScript { 'ok' })

        & $Remove

        $jobs | ForEach-Object State | Should -Be 'Stopped', 'Stopped'
        foreach ($job in $jobs) {
            { New-Peer -Port $job.LocalPort } | Should -Not -Throw
        }
    }

    It 'keeps what came for Receive-Job' {
        $job = Start-TestListener
        $null = Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck

        Remove-Module UdpPS

        (Receive-Job $job).Message | Should -Be 'hello'
    }

    It 'leaves jobs of other kinds alone' {
        $other = Start-Job { Wait-Event 'one that never comes' }

        Remove-Module UdpPS

        $other.State | Should -BeIn 'Running', 'NotStarted'
    }

    It 'does not end the jobs of this session in <Name>' -ForEach @(
        @{
            Name = 'ForEach-Object -Parallel'
            Skip = $PSVersionTable.PSVersion.Major -lt 7
            Run  = { 1..2 | ForEach-Object -Parallel ([scriptblock]::Create($script)) }
        }
        @{
            Name = 'a thread job'
            Skip = -not (Get-Command Start-ThreadJob -ErrorAction Ignore)
            Run  = { 1..2 | ForEach-Object { Start-ThreadJob ([scriptblock]::Create($script)) } | Receive-Job -Wait -AutoRemoveJob }
        }
        @{
            Name = 'another runspace, which is closed'
            Skip = $false
            Run  = {
                1..2 | ForEach-Object {
                    $powerShell = [powershell]::Create()
                    $powerShell.AddScript($script).Invoke()
                    $powerShell.Dispose()
                }
            }
        }
    ) {
        if ($Skip) {
            Set-ItResult -Skipped -Because "this PowerShell has no $Name"
            return
        }

        $job = Start-TestListener
        $script = "Import-Module '$($manifest.Replace("'", "''"))'; Start-UdpListener -Port 0 -AsJob; Remove-Module UdpPS"

        $others = & $Run

        $others | ForEach-Object State | Should -Be 'Stopped', 'Stopped'
        $job.State | Should -Be 'Running'
        Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -Quiet | Should -BeTrue
    }

    It 'does not end the jobs of this session when a runspace closes that has the module still' {
        $job = Start-TestListener
        $runspace = [runspacefactory]::CreateRunspace()
        $runspace.Open()
        $powerShell = [powershell]::Create()
        $powerShell.Runspace = $runspace
        $null = $powerShell.AddScript("Import-Module '$($manifest.Replace("'", "''"))'").Invoke()

        $powerShell.Dispose()
        $runspace.Dispose()

        $job.State | Should -Be 'Running'
    }
}
