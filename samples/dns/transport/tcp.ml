open Lwt.Syntax

let connections = 256
let patience = 10.

let read input length =
  let buffer = Bytes.create length in
  let* () = Lwt_io.read_into_exactly input buffer 0 length in
  Lwt.return (Bytes.unsafe_to_string buffer)

let receive input =
  let* size = read input 2 in
  read input (String.get_uint16_be size 0)

let send output message =
  let size = Bytes.create 2 in
  Bytes.set_uint16_be size 0 (String.length message);
  let* () = Lwt_io.write output (Bytes.unsafe_to_string size ^ message) in
  Lwt_io.flush output

let converse socket answer =
  let close () = Lwt.return_unit (* of the socket, by the caller *) in
  let input = Lwt_io.of_fd ~close ~mode:Lwt_io.input socket and output = Lwt_io.of_fd ~close ~mode:Lwt_io.output socket in
  let rec loop () =
    let* message = Lwt_unix.with_timeout patience (fun () -> receive input) in
    let* () =
      match answer message with
      | None -> Lwt.return_unit
      | Some reply -> Lwt_unix.with_timeout patience (fun () -> send output reply)
    in
    let* () = Lwt.pause () in
    loop ()
  in
  Lwt.catch loop (function
    | End_of_file | Lwt_unix.Timeout | Unix.Unix_error _ | Lwt_io.Channel_closed _ -> Lwt.return_unit
    | error -> Lwt.fail error)

let close socket = Lwt.catch (fun () -> Lwt_unix.close socket) (function Unix.Unix_error _ -> Lwt.return_unit | error -> Lwt.fail error)

let serve listener answer =
  let busy = ref 0 in
  let host socket =
    incr busy;
    Lwt.finalize
      (fun () ->
        Lwt_unix.setsockopt socket TCP_NODELAY true;
        converse socket answer)
      (fun () ->
        decr busy;
        close socket)
  in
  let take () =
    let* socket, _peer = Lwt_unix.accept ~cloexec:true listener in
    if !busy >= connections then close socket
    else (
      Lwt.dont_wait (fun () -> host socket) (fun error -> prerr_endline ("dns: a connection ended: " ^ Printexc.to_string error));
      Lwt.return_unit)
  in
  let rec loop () =
    (* Out of descriptors, or a client that left while it waited. *)
    let* () = Lwt.catch take (function Unix.Unix_error _ -> Lwt_unix.sleep 0.05 | error -> Lwt.fail error) in
    loop ()
  in
  loop ()
