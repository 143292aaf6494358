open Lwt.Syntax

(* After so many datagrams the others get their turn, however many more wait. *)
let turn = 32

let serve socket answer =
  let buffer = Bytes.create 65536 in
  let exchange () =
    let* length, peer = Lwt_unix.recvfrom socket buffer 0 (Bytes.length buffer) [] in
    match answer (Bytes.sub_string buffer 0 length) with
    | None -> Lwt.return_unit
    | Some reply ->
        let* _sent = Lwt_unix.sendto socket (Bytes.unsafe_of_string reply) 0 (String.length reply) [] peer in
        Lwt.return_unit
  in
  let rec loop n =
    (* A peer that is gone or a full queue: UDP may lose messages, and clients ask again. *)
    let* () = Lwt.catch exchange (function Unix.Unix_error _ -> Lwt.pause () | error -> Lwt.fail error) in
    let* () = if n mod turn = 0 then Lwt.pause () else Lwt.return_unit in
    loop (n + 1)
  in
  loop 1
