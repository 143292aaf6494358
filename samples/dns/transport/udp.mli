(** DNS over UDP: one datagram, one message. *)

(** Answers what arrives on a bound socket, for ever: no error of a peer or of the network ends it. *)
val serve : Lwt_unix.file_descr -> (string -> string option) -> 'a Lwt.t
