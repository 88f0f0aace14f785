# What a user gets: the package of the gallery, what build.ps1 installs, and a module that leaves nothing behind.

BeforeDiscovery {
    # The package is made by dotnet, from what it has restored.
    $canPack = [bool] (Get-Command dotnet -CommandType Application -ErrorAction Ignore) -and
        (Test-Path "$PSScriptRoot/../../src/UdpPS/obj/project.assets.json")

    # Elsewhere the folder of the user does not depend on variables, and tests must not touch it.
    $canInstall = $PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Remove-Module UdpPS -ErrorAction Ignore
    $manifest = (Resolve-Path "$PSScriptRoot/../../output/UdpPS/UdpPS.psd1").Path
    Import-Module $manifest
    $content = Import-PowerShellDataFile $manifest

    function Invoke-BuildScript([string] $Task, [hashtable] $Environment = @{}) {
        $script = (Resolve-Path "$PSScriptRoot/../../build.ps1").Path
        Invoke-Process "& '$script' -Task $Task -NoBuild" $Environment
    }

    # The files below a folder, as a manifest lists them.
    function Get-FileList([string] $Folder) {
        Get-ChildItem -LiteralPath $Folder -Recurse -File | ForEach-Object {
            $_.FullName.Substring($Folder.Length + 1).Replace('\', '/')
        } | Sort-Object
    }

    # What a module found by its name does, start to end.
    $mainJob = {
        Set-StrictMode -Version Latest
        $ErrorActionPreference = 'Stop'
        $job = Start-UdpListener -Port 0 -AsJob
        $ack = Send-UdpMessage 127.0.0.1 $job.LocalPort 'hello' | Receive-UdpAck -TimeoutSeconds 30
        $message = Receive-Job $job
        Remove-Job $job -Force
        ConvertTo-Json -Compress @{
            Base     = (Get-Module UdpPS).ModuleBase
            Version  = [string] (Get-Module UdpPS).Version
            Ack      = $ack.Message
            Message  = $message.Message
            AckTable = ($ack | Out-String)
            List     = ($message | Format-List | Out-String)
            Record   = ($message | ForEach-Object ToRecord).Bytes
            Help     = [string] (Get-Help Receive-UdpAck).Synopsis
            About    = (Get-Help about_UdpPS | Out-String)
            Manifest = (Test-ModuleManifest (Join-Path (Get-Module UdpPS).ModuleBase 'UdpPS.psd1')).Name
        }
    }

    function Assert-MainJob($Json, [string] $Folder) {
        $did = $Json | ConvertFrom-Json
        $did.Base | Should -Be $Folder
        $did.Version | Should -Be $content.ModuleVersion
        $did.Ack | Should -BeExactly 'Message received'
        $did.Message | Should -BeExactly 'hello'
        $did.AckTable | Should -MatchExactly 'RemoteAddress +Port +RTT\(ms\) SentMessage'
        $did.List | Should -MatchExactly 'ReceivedAt +: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\r?\n'
        $did.Record | Should -Be '68656c6c6f'
        $did.Help | Should -BeLike 'Waits for *'
        $did.About | Should -Match 'SHORT DESCRIPTION'
        $did.Manifest | Should -Be 'UdpPS'
    }
}

Describe 'The manifest' {
    It 'is valid' {
        $null = Test-ModuleManifest $manifest -WarningVariable warnings -ErrorAction Stop

        $warnings | Should -BeNullOrEmpty
    }

    It 'lists the files there are, and no others' {
        Get-FileList (Split-Path $manifest) | Should -BeExactly ($content.FileList | Sort-Object)
    }
}

Describe 'The package' -Skip:(-not $canPack) {
    BeforeAll {
        $package = Join-Path (Split-Path (Split-Path $manifest)) "UdpPS.$($content.ModuleVersion).nupkg"
        Remove-Item -LiteralPath $package -ErrorAction Ignore
        $null = Invoke-BuildScript Package

        # As the gallery's clients lay it out.
        $modules = Join-Path $TestDrive 'modules'
        $unpacked = Join-Path $modules "UdpPS/$($content.ModuleVersion)"
        Add-Type -AssemblyName System.IO.Compression.FileSystem
        [System.IO.Compression.ZipFile]::ExtractToDirectory($package, $unpacked)
        $unpacked = (Resolve-Path $unpacked).ProviderPath
    }

    It 'has all files of the module, and only them' {
        $plumbing = '^(_rels/|package/|\[Content_Types\]\.xml$|UdpPS\.nuspec$)'

        Get-FileList $unpacked | Where-Object { $_ -notmatch $plumbing } | Should -BeExactly ($content.FileList | Sort-Object)
    }

    It 'says what the gallery finds it by' {
        $metadata = ([xml] (Get-Content -Raw -LiteralPath (Join-Path $unpacked 'UdpPS.nuspec'))).package.metadata

        $metadata.id | Should -BeExactly 'UdpPS'
        $metadata.version | Should -Be $content.ModuleVersion
        $metadata.description | Should -BeExactly $content.Description
        $tags = $metadata.tags -split ' '
        foreach ($cmdlet in $content.CmdletsToExport) {
            $tags | Should -Contain "PSCmdlet_$cmdlet"
        }

        foreach ($tag in $content.PrivateData.PSData.Tags + 'PSModule') {
            $tags | Should -Contain $tag
        }
    }

    It 'does its job when it is loaded by <Name>' -ForEach @(
        @{ Name = 'Import-Module UdpPS'; Import = 'Import-Module UdpPS' }
        @{ Name = 'its first command'; Import = '' }
    ) {
        $path = $modules + [System.IO.Path]::PathSeparator + $env:PSModulePath

        # The path is set inside: PowerShell puts the user's folder, with what may be installed there, before what it is given.
        $did = Invoke-Process "`$env:PSModulePath = '$($path.Replace("'", "''"))'`n$Import`n$mainJob"

        Assert-MainJob $did $unpacked
    }
}

Describe 'build.ps1 -Task Install' -Skip:(-not $canInstall) {
    BeforeEach {
        $userHome = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $user = @{ HOME = $userHome; XDG_DATA_HOME = ''; XDG_CONFIG_HOME = ''; XDG_CACHE_HOME = '' }
        $installed = Join-Path $userHome ".local/share/powershell/Modules/UdpPS/$($content.ModuleVersion)"
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
