# The package as a stranger gets it: what is in it, what the clients of the gallery make of it, and how it is published.

BeforeDiscovery {
    # The package is made by dotnet, from what it has restored. Elsewhere the one that is there is tested.
    $canPack = (Test-Path "$PSScriptRoot/../../src/UdpPS/obj/project.assets.json") -and (Get-Command dotnet -ErrorAction Ignore)
    $hasPackage = $canPack -or (Test-Path "$PSScriptRoot/../../output/UdpPS.*.nupkg")

    # On Windows these clients install to the real user's folder, whatever the environment says: there on a machine for tests only.
    $isWindowsSystem = $PSVersionTable.PSEdition -eq 'Desktop' -or $IsWindows
    $canInstall = $hasPackage -and (-not $isWindowsSystem -or $env:CI)

    $clients = @(
        @{
            Client     = 'Install-PSResource'
            Register   = 'Register-PSResourceRepository UdpPSTest -Uri $folder -Trusted'
            Find       = 'Find-PSResource UdpPS -Repository UdpPSTest'
            Install    = 'Install-PSResource UdpPS -Repository UdpPSTest -Scope CurrentUser -Quiet'
            Update     = 'Update-PSResource UdpPS -Repository UdpPSTest -Scope CurrentUser -Quiet'
            Uninstall  = 'Uninstall-PSResource UdpPS -Version * -Scope CurrentUser'
            Unregister = 'Unregister-PSResourceRepository UdpPSTest'
        }
        @{
            Client     = 'Install-Module'
            Register   = 'Register-PSRepository UdpPSTest -SourceLocation $folder -InstallationPolicy Trusted'
            Find       = 'Find-Module UdpPS -Repository UdpPSTest'
            Install    = 'Install-Module UdpPS -Repository UdpPSTest -Scope CurrentUser'
            Update     = 'Update-Module UdpPS'
            Uninstall  = 'Uninstall-Module UdpPS -AllVersions'
            Unregister = 'Unregister-PSRepository UdpPSTest'
        }
    )
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/InstallHelpers.ps1"
    $made = Join-Path $root "output/UdpPS.$($content.ModuleVersion).nupkg"
    Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem

    # Variables of the discovery are not here.
    $canPack = (Test-Path (Join-Path $root 'src/UdpPS/obj/project.assets.json')) -and (Get-Command dotnet -ErrorAction Ignore)
    $hasPackage = $canPack -or (Test-Path $made)

    # A copy of the package, made anew where it can be.
    function New-Package([string] $Parameters = '') {
        if ($canPack) {
            $null = Invoke-BuildScript Package @{} $Parameters
        }

        Copy-Item -LiteralPath $made (Join-Path $TestDrive "$([guid]::NewGuid()).nupkg") -PassThru | ForEach-Object FullName
    }

    # As the gallery's clients lay it out.
    function Expand-Package([string] $Path, [string] $Folder) {
        [System.IO.Compression.ZipFile]::ExtractToDirectory($Path, $Folder)
        (Resolve-Path $Folder).ProviderPath
    }

    function Get-Metadata([string] $Folder) {
        $nuspec = New-Object xml
        $nuspec.Load((Join-Path $Folder 'UdpPS.nuspec'))
        $nuspec.package.metadata
    }

    # The same package under another version.
    function Copy-PackageAs([string] $Path, [string] $Version, [string] $Folder) {
        $copy = Join-Path $Folder "UdpPS.$Version.nupkg"
        Copy-Item -LiteralPath $Path $copy
        $archive = [System.IO.Compression.ZipFile]::Open($copy, 'Update')
        try {
            foreach ($name in 'UdpPS.nuspec', 'UdpPS.psd1') {
                $entry = $archive.GetEntry($name)
                $reader = New-Object System.IO.StreamReader $entry.Open()
                $text = $reader.ReadToEnd()
                $reader.Dispose()
                $entry.Delete()
                $writer = New-Object System.IO.StreamWriter $archive.CreateEntry($name).Open()
                $writer.Write(($text -replace "(<version>|ModuleVersion += ')[\d.]+", "`${1}$Version"))
                $writer.Dispose()
            }
        }
        finally {
            $archive.Dispose()
        }
    }

    $current = if ($hasPackage) { New-Package }
}

Describe 'The package' -Skip:(-not $hasPackage) {
    BeforeAll {
        $modules = Join-Path $TestDrive 'modules'
        $unpacked = Expand-Package $current (Join-Path $modules "UdpPS/$($content.ModuleVersion)")
    }

    It 'has all files of the module, and only them' {
        $plumbing = '^(_rels/|package/|\[Content_Types\]\.xml$|UdpPS\.nuspec$)'

        Get-FileList $unpacked | Where-Object { $_ -notmatch $plumbing } | Should -BeExactly ($content.FileList | Sort-Object)
    }

    It 'has a manifest that is valid' {
        $module = Test-ModuleManifest (Join-Path $unpacked 'UdpPS.psd1') -WarningVariable warnings -ErrorAction Stop

        $warnings | Should -BeNullOrEmpty
        $module.Version | Should -Be $content.ModuleVersion
        $module.PrivateData.PSData.LicenseUri | Should -BeExactly 'https://opensource.org/license/mit'
    }

    It 'says what the gallery finds it by' {
        $metadata = Get-Metadata $unpacked

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

    It 'says its license by an expression' {
        $license = (Get-Metadata $unpacked).license

        $license.type | Should -BeExactly 'expression'
        $license.InnerText | Should -BeExactly 'MIT'
    }

    It 'has no element that NuGet calls deprecated, but the one that NuGet adds for old clients' {
        $metadata = Get-Metadata $unpacked

        foreach ($name in 'iconUrl', 'summary', 'owners', 'title') {
            $metadata.SelectSingleNode("*[local-name() = '$name']") | Should -BeNullOrEmpty -Because $name
        }

        $metadata.licenseUrl | Should -BeExactly 'https://licenses.nuget.org/MIT'
    }

    It 'has the release notes of its version from CHANGELOG.md' {
        $changes = (Get-Content -Raw -Encoding UTF8 (Join-Path $root 'CHANGELOG.md')) -replace '\r'
        $start = $changes.IndexOf("`n", $changes.IndexOf("## [$($content.ModuleVersion)]")) + 1
        $end = $changes.IndexOf("`n## [", $start)
        $section = $changes.Substring($start, $end - $start).Trim()

        $section | Should -Match '(?m)^- '
        ((Get-Metadata $unpacked).releaseNotes -replace '\r') | Should -BeExactly $section
        $manifestInside = Import-PowerShellDataFile (Join-Path $unpacked 'UdpPS.psd1')
        ($manifestInside.PrivateData.PSData.ReleaseNotes -replace '\r') | Should -BeExactly $section
    }

    It 'has no address of the project when it was given none' {
        (Get-Metadata $unpacked).SelectNodes("*[local-name() = 'projectUrl' or local-name() = 'repository']") | Should -HaveCount 0
        (Import-PowerShellDataFile (Join-Path $unpacked 'UdpPS.psd1')).PrivateData.PSData.Keys | Should -Not -Contain 'ProjectUri'
    }

    It 'has the address of the project that it was given' -Skip:(-not $canPack) {
        try {
            $given = Expand-Package (New-Package '-ProjectUri https://forge.example/udpps') (Join-Path $TestDrive 'with address')
        }
        finally {
            Copy-Item -LiteralPath $current $made
        }

        (Get-Metadata $given).projectUrl | Should -BeExactly 'https://forge.example/udpps'
        $module = Test-ModuleManifest (Join-Path $given 'UdpPS.psd1') -ErrorAction Stop
        $module.ProjectUri | Should -Be 'https://forge.example/udpps'
        $help = New-Object xml
        $help.Load((Join-Path $given 'en-US/UdpPS.dll-Help.xml'))
        $links = $help.SelectNodes('//*[local-name() = "navigationLink"][1]/*[local-name() = "uri"]')
        $links | ForEach-Object InnerText | Should -Be (@('https://forge.example/udpps') * 3)
    }

    It 'is not made with an address that is none: <_>' -Skip:(-not $canPack) -ForEach 'forge', 'file:///udpps' {
        { Invoke-BuildScript Package @{} "-ProjectUri $_" } | Should -Throw '*ProjectUri*'
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

Describe 'A gallery' -Skip:(-not $canInstall) {
    BeforeAll {
        $isWindowsSystem = $PSVersionTable.PSEdition -eq 'Desktop' -or $IsWindows

        # Both clients look for the module as a user's fresh PowerShell does.
        $base = '(Get-Module UdpPS -ListAvailable).ModuleBase'

        # Windows PowerShell comes without the provider that Install-Module gets packages by, and would download it.
        $missing = @{
            'Install-PSResource' = if (-not (Get-Command Install-PSResource -ErrorAction Ignore)) {
                'this PowerShell has no Install-PSResource'
            }
            'Install-Module'     = if (-not (Get-PackageProvider NuGet -ListAvailable -ErrorAction Ignore)) {
                'the package provider NuGet is not installed, and would have to be downloaded'
            }
        }
    }

    BeforeEach {
        $user = New-UserHome
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName

        # One PowerShell of this user, in which $folder is the gallery.
        function Invoke-AsUser([string[]] $Command) {
            $lines = @("`$ErrorActionPreference = 'Stop'", "`$folder = '$($folder.Replace("'", "''"))'") + $Command
            Invoke-Process ($lines -join "`n") $user
        }
    }

    AfterEach {
        Clear-TestResource
    }

    It 'gives it to <Client>, and a fresh PowerShell does its job' -ForEach $clients {
        if ($missing[$Client]) {
            Skip-Leg pester $missing[$Client]
        }

        if ($Client -eq 'Install-Module') {
            Skip-OnWine InstallModule
        }

        Copy-Item -LiteralPath $current (Join-Path $folder "UdpPS.$($content.ModuleVersion).nupkg")
        try {
            $installed = Invoke-AsUser $Register, $Install, $base

            if (-not $isWindowsSystem) {
                $installed | Should -Be (Join-Path $user.HOME ".local/share/powershell/Modules/UdpPS/$($content.ModuleVersion)")
            }

            Get-FileList $installed | Where-Object { $_ -ne 'PSGetModuleInfo.xml' } | Should -BeExactly ($content.FileList | Sort-Object)
            Assert-MainJob (Invoke-Process $mainJob $user) $installed
            $found = Invoke-AsUser "$Find | Select-Object Name, LicenseUri, ReleaseNotes | ConvertTo-Json" | ConvertFrom-Json
            $found.Name | Should -BeExactly 'UdpPS'
            "$($found.LicenseUri)" | Should -Match '^https://(opensource\.org/license/mit|licenses\.nuget\.org/MIT)$'
            $found.ReleaseNotes | Should -Match '### Added'
        }
        finally {
            if ($isWindowsSystem) {
                $null = Invoke-AsUser $Uninstall, $Unregister
            }
        }
    }

    It 'updates an older version by <Client>, and all are uninstalled' -ForEach $clients {
        if ($missing[$Client]) {
            Skip-Leg pester $missing[$Client]
        }

        if ($Client -eq 'Install-Module') {
            Skip-OnWine InstallModule
        }

        Copy-PackageAs $current 0.0.9 $folder
        try {
            $old = Invoke-AsUser $Register, $Install, $base
            $old | Should -BeLike '*0.0.9'
            Assert-MainJob (Invoke-Process $mainJob $user) $old 0.0.9
            Copy-Item -LiteralPath $current (Join-Path $folder "UdpPS.$($content.ModuleVersion).nupkg")

            $newest = Invoke-AsUser $Update, "$base | Select-Object -First 1"

            Assert-MainJob (Invoke-Process $mainJob $user) $newest
            Invoke-AsUser $Uninstall, $base | Should -BeNullOrEmpty
        }
        finally {
            if ($isWindowsSystem) {
                $null = Invoke-AsUser $Unregister
            }
        }

        $newest | Should -Not -Exist
        $old | Should -Not -Exist
    }
}

Describe 'build.ps1 -Task Publish' -Skip:(-not $hasPackage -or -not (Get-Command Publish-PSResource -ErrorAction Ignore)) {
    BeforeEach {
        # What the task reads, in a repository of its own: here the release has no date and no tag.
        $user = New-UserHome
        $repository = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $gallery = (New-Item -ItemType Directory (Join-Path $repository 'gallery')).FullName
        $null = New-Item -ItemType Directory (Join-Path $repository 'module'), (Join-Path $repository 'output')
        Copy-Item (Join-Path $root 'build.ps1') $repository
        Copy-Item (Join-Path $root 'module/UdpPS.psd1') (Join-Path $repository 'module')
        Copy-Item -LiteralPath $current (Join-Path $repository "output/UdpPS.$($content.ModuleVersion).nupkg")

        function Set-Release([string] $Date, [string] $Tag) {
            Set-Content (Join-Path $repository 'CHANGELOG.md') "## [$($content.ModuleVersion)] - $Date`n`n- New."
            $git = 'git', '-C', $repository, '-c', 'user.name=Test', '-c', 'user.email=test@udpps.example'
            foreach ($arguments in 'init -q', 'add CHANGELOG.md', 'commit -q -m Test', "tag $Tag") {
                $program, $all = $git + ($arguments -split ' ')
                & $program @all 2>&1 | Out-Null
                $LASTEXITCODE | Should -Be 0 -Because $arguments
            }
        }

        function Publish-Test {
            Invoke-Process "Register-PSResourceRepository UdpPSTest -Uri '$gallery' -Trusted
                try { & '$repository/build.ps1' -Task Publish -NoBuild -Repository UdpPSTest }
                finally { Unregister-PSResourceRepository UdpPSTest }" $user
        }
    }

    It 'publishes a version that has a date and a tag' -Skip:(-not (Get-Command git -ErrorAction Ignore)) {
        Set-Release 2026-01-31 "v$($content.ModuleVersion)"

        Publish-Test | Should -Be "Published UdpPS.$($content.ModuleVersion).nupkg to UdpPSTest"

        Join-Path $gallery "UdpPS.$($content.ModuleVersion).nupkg" | Should -Exist
    }

    It 'refuses <Name>' -Skip:(-not (Get-Command git -ErrorAction Ignore)) -ForEach @(
        @{ Name = 'a version without a date'; Date = 'unreleased'; Tag = ''; Because = '*unreleased*' }
        @{ Name = 'a commit without the tag'; Date = '2026-01-31'; Tag = 'v0.0.1'; Because = '*does not have the tag*' }
    ) {
        Set-Release $Date $(if ($Tag) { $Tag } else { "v$($content.ModuleVersion)" })

        { Publish-Test } | Should -Throw $Because

        Get-ChildItem $gallery | Should -BeNullOrEmpty
    }
}
