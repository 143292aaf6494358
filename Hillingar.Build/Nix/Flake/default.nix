# The outputs of a unikernel's flake, from the plan that Hillingar made of the project's lock.
# Written by Hillingar and overwritten by it: change the project instead.
{
  self,
  nixpkgs,
  plan,
  root,
}:
let
  lib = nixpkgs.lib;

  # What differs on a system is in the plan beside what all have in common.
  planFor =
    system:
    let
      own = plan.platforms.${system} or { };
    in
    plan
    // {
      duniverse = plan.duniverse // (own.duniverse or { });
      switch = plan.switch // (own.switch or { });
      system = own.system or plan.system;
    };

  projectFor =
    pkgs:
    import ./project.nix {
      inherit lib pkgs root;
      plan = planFor pkgs.stdenv.hostPlatform.system;
    };

  forSystems =
    make: lib.genAttrs plan.systems (system: make (projectFor nixpkgs.legacyPackages.${system}));
in
{
  # The default is the first target that the project names.
  packages = forSystems (
    project:
    project.packages
    // lib.optionalAttrs (project.targets != [ ]) {
      default = project.packages.${builtins.head project.targets};
    }
  );

  checks = forSystems (project: project.images);

  apps = forSystems (
    project:
    builtins.mapAttrs (target: program: {
      type = "app";
      inherit program;
    }) project.programs
  );

  devShells = forSystems (project: { default = project.shell; });

  # Other contents for the project's files: `withSources { target = "unix"; files."zones/x.zone" = "…"; without = [ "zones" ]; }`.
  lib = forSystems (project: { inherit (project) withSources; });

  overlays.default = final: prev: { ${plan.name} = (projectFor final).packages; };

  nixosModules.default = import ./module.nix { inherit self; };

  templates.default = {
    path = root;
    description = "A MirageOS unikernel like ${plan.name}";
  };
}
