(* An authoritative DNS server, on the libraries of ocaml-dns. The zones are those that the project declares. *)

module Main (Stack : Tcpip.Stack.V4V6) = struct
  module Server = Dns_server_mirage.Make (Stack)

  let add trie (name, text) =
    match Dns_zone.parse text with
    | Ok records -> Dns_trie.insert_map records trie
    | Error (`Msg message) -> failwith (Printf.sprintf "the zone %s: %s" name message)

  let start stack =
    let trie = List.fold_left add Dns_trie.empty Zones.files in
    (match Dns_trie.check trie with
    | Ok () -> ()
    | Error error -> failwith (Format.asprintf "the zones: %a" Dns_trie.pp_zone_check error));
    Server.primary stack (Dns_server.Primary.create ~rng:Mirage_crypto_rng.generate trie);
    Logs.app (fun say -> say "Answering for %s" (String.concat ", " (List.map fst Zones.files)));
    Stack.listen stack
end
