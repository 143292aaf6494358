# Written from Hillingar.Build/Mirage/targets.json: change that, and run GeneratedTargetsTests with HILLINGAR_WRITE_GENERATED=1.
{
  # Images that are programs, which start by themselves.
  programs = [
    "unix"
    "macosx"
  ];

  # What starts the others.
  tenders = {
    hvt = "solo5-hvt";
    spt = "solo5-spt";
  };

  # What needs KVM's device.
  kvm = [
    "hvt"
  ];

  # What a service of NixOS can run.
  services = [
    "unix"
    "hvt"
    "spt"
  ];
}
