(** DNS over TCP: messages with their length in 16 bits before them, any number a connection (RFC 7766). *)

(** Connections that are served at a time. More are closed as they come. *)
val connections : int

(** Seconds that a client has for sending a message, and for taking a reply. *)
val patience : float

(** Answers on a listening socket, for ever: no error of a peer or of the network ends it.
    The messages of a connection are answered in their order, each before the next is read. *)
val serve : Lwt_unix.file_descr -> (string -> string option) -> 'a Lwt.t
