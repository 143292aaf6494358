(* mirage >= 4.11.0 & < 4.12.0 *)
open Mirage

let packages =
  [
    package "dns-server" ~min:"10.0.0" ~max:"11.0.0" ~sublibs:[ "mirage"; "zone" ];
    package "mirage-crypto-rng" ~min:"2.0.0" ~max:"3.0.0";
  ]

let dns = main "Unikernel.Main" ~packages (stackv4v6 @-> job)
let () = register "dns" [ dns $ generic_stackv4v6 default_network ]
