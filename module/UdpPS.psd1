@{
    RootModule             = 'UdpPS.dll'
    ModuleVersion          = '0.2.0'
    GUID                   = 'f66128f5-65e1-49fa-ad35-2f2903817d33'
    Author                 = 'UdpPS contributors'
    CompanyName            = 'UdpPS'
    Copyright              = 'Copyright (c) 2026 UdpPS contributors. MIT license.'
    Description            = 'Exchange UDP messages and acknowledgments from the pipeline: a listener that acknowledges what was delivered, a sender, and verdicts that are never guessed.'
    PowerShellVersion      = '5.1'
    CompatiblePSEditions   = @('Desktop', 'Core')
    DotNetFrameworkVersion = '4.7.2'
    RequiredAssemblies     = @('UdpPS.dll')
    TypesToProcess         = @('UdpPS.Types.ps1xml')
    FormatsToProcess       = @('UdpPS.Format.ps1xml')
    CmdletsToExport        = @('Start-UdpListener', 'Send-UdpMessage', 'Receive-UdpAck')
    FunctionsToExport      = @()
    VariablesToExport      = @()
    AliasesToExport        = @()
    FileList               = @(
        'LICENSE'
        'UdpPS.dll'
        'UdpPS.Format.ps1xml'
        'UdpPS.pdb'
        'UdpPS.psd1'
        'UdpPS.Types.ps1xml'
        'en-US/about_UdpPS.help.txt'
        'en-US/UdpPS.dll-Help.xml'
    )
    PrivateData            = @{
        PSData = @{
            Tags       = @('UDP', 'Network', 'Socket', 'Listener', 'Sender', 'Acknowledgment', 'Datagram', 'Multicast', 'Broadcast', 'Windows', 'Linux', 'MacOS', 'PSEdition_Desktop', 'PSEdition_Core')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
