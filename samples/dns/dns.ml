(* The command: zones from the build, sockets from the arguments, until a signal ends it. *)

open Engine
open Lwt.Syntax

let fail format = Printf.ksprintf (fun text -> prerr_endline ("dns: " ^ text); exit 1) format

let zones =
  let zone (file, text) =
    (* The build checked the files with the same code. *)
    match Result.map (fun origin -> Zone_file.parse ~file ~origin text) (Zone_file.origin_of_file file) with
    | Ok (Ok zone) -> zone
    | Ok (Error errors) -> fail "%s" (String.concat "\n" (List.map Zone_file.error_to_string errors))
    | Error text -> fail "%s: %s" file text
  in
  List.map zone Zones.files

let answer =
  match Answer.zones zones with
  | Error name -> fail "the zone %s is there twice" (Name.to_string name)
  | Ok zones -> (
      fun transport query ->
        (* Answering does not raise. Should it all the same, one query is lost, and not the server. *)
        try Answer.reply zones transport query
        with error ->
          prerr_endline ("dns: a query was dropped: " ^ Printexc.to_string error);
          None)

let address_to_string = function
  | Unix.ADDR_UNIX path -> path
  | Unix.ADDR_INET (address, port) ->
      let text = Unix.string_of_inet_addr address in
      Printf.sprintf (if String.contains text ':' then "[%s]:%d" else "%s:%d") text port

let bind kind address =
  let socket = Lwt_unix.socket ~cloexec:true (Unix.domain_of_sockaddr address) kind 0 in
  Lwt.catch
    (fun () ->
      if kind = SOCK_STREAM then Lwt_unix.setsockopt socket SO_REUSEADDR true;
      if Unix.domain_of_sockaddr address = PF_INET6 then Lwt_unix.setsockopt socket IPV6_ONLY true;
      let* () = Lwt_unix.bind socket address in
      Lwt.return socket)
    (fun error ->
      let* () = Lwt_unix.close socket in
      Lwt.fail error)

(* Both transports on one port. Port 0 is any that is free with both, found by trying. *)
let rec listen ?(tries = 16) address port =
  let* udp = bind SOCK_DGRAM (ADDR_INET (address, port)) in
  let bound = Lwt_unix.getsockname udp in
  Lwt.catch
    (fun () ->
      let* tcp = bind SOCK_STREAM bound in
      Lwt_unix.listen tcp 128;
      Lwt.return (bound, udp, tcp))
    (fun error ->
      let* () = Lwt_unix.close udp in
      match error with
      | Unix.Unix_error (EADDRINUSE, _, _) when port = 0 && tries > 0 -> listen ~tries:(tries - 1) address port
      | _ -> Lwt.fail error)

let listen_or_fail port address =
  Lwt.catch
    (fun () -> listen address port)
    (function
      | Unix.Unix_error (error, _, _) ->
          fail "cannot listen on %s: %s" (address_to_string (ADDR_INET (address, port))) (Unix.error_message error)
      | error -> Lwt.fail error)

let serve port addresses =
  let stopped, stop = Lwt.wait () in
  let on_signal _ = if Lwt.is_sleeping stopped then Lwt.wakeup_later stop () in
  List.iter (fun signal -> ignore (Lwt_unix.on_signal signal on_signal)) [ Sys.sigint; Sys.sigterm ];
  Sys.set_signal Sys.sigpipe Signal_ignore;
  let* sockets = Lwt_list.map_s (listen_or_fail port) addresses in
  let describe zone = Printf.sprintf "%s (%d records)" (Name.to_string (Zone.origin zone)) (Zone.size zone) in
  Printf.printf "listening on %s, zones: %s\n%!"
    (String.concat ", " (List.map (fun (bound, _, _) -> address_to_string bound) sockets))
    (String.concat ", " (List.map describe zones));
  let servers (_, udp, tcp) = [ Transport.Udp.serve udp (answer Answer.Udp); Transport.Tcp.serve tcp (answer Answer.Tcp) ] in
  Lwt.pick (stopped :: List.concat_map servers sockets)

let () =
  let port = ref 5353 and addresses = ref [] in
  let add text =
    match Unix.inet_addr_of_string text with
    | address -> addresses := address :: !addresses
    | exception Failure _ -> raise (Arg.Bad (Printf.sprintf "%S is no IP address" text))
  in
  let set number = if number >= 0 && number < 65536 then port := number else raise (Arg.Bad "a port is a number from 0 to 65535") in
  Arg.parse
    [
      ("--port", Arg.Int set, "N  listen on this port, UDP and TCP (default 5353; 0: any free one)");
      ("--address", Arg.String add, "A  listen on this IP address, may be given again (default 127.0.0.1)");
    ]
    (fun text -> raise (Arg.Bad (Printf.sprintf "unexpected %S" text)))
    "dns [--port N] [--address A]…: an authoritative DNS server for the zones it was built with.";
  Lwt_main.run (serve !port (if !addresses = [] then [ Unix.inet_addr_loopback ] else List.rev !addresses))
