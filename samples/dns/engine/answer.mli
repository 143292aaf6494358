(** What an authoritative server says: the whole way from the bytes of a query to those of its reply. *)

(** The zones that are served, found by name. *)
type zones

(** When two zones have one name, the error is that name. *)
val zones : Zone.t list -> (zones, Name.t) result

type transport = Udp | Tcp

(** The bytes of UDP data that this server takes, and the most that it sends: what passes without fragments (RFC 9715). *)
val payload : int

(** The reply to a query, or [None] where silence is the answer. Never raises. *)
val reply : zones -> transport -> string -> string option
