(** DNS messages: queries as they come, replies as they go (RFC 1035, 4; EDNS0, RFC 6891). *)

type question = { name : Name.t; kind : int; cls : int }

type edns = {
  payload : int;  (** bytes of UDP data that the client takes *)
  version : int;
}

type header = { id : int; opcode : int; recursion : bool;  (** desired *) unchecked : bool  (** CD *) }

type query = { header : header; questions : question list; cls : int;  (** of the whole message; 0 when nothing tells *) edns : edns option }

type parsed =
  | Query of query
  | Malformed of header * question list  (** not a message, but for its header, and its questions if it got so far *)
  | Silence  (** nothing to answer: no whole header, or not a query *)

val parse : string -> parsed

(** Response codes (RFC 1035, 4.1.1; RFC 6891, 9). *)
type code = No_error | Format_error | Server_failure | No_such_name | Not_implemented | Refused | Bad_version

type reply = {
  code : code;
  authoritative : bool;
  answer : Record.set list;
  authority : Record.set list;
  glue : Record.set list;  (** additional records that the client cannot do without (RFC 9471) *)
  additional : Record.set list;  (** additional records that may be left out *)
}

(** A reply of a code and no records. *)
val bare : code -> reply

(** The bytes of a reply, [limit] at most. What is not needed is left out to fit; when the rest does not fit, the reply
    has no records and says that it is truncated.
    @param edns whether to say that EDNS is spoken here
    @param payload the bytes of UDP data that are taken here, for EDNS *)
val render : limit:int -> payload:int -> edns:bool -> header -> question list -> reply -> string
