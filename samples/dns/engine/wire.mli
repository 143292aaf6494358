(** Bytes of a DNS message: numbers are big-endian, names may be compressed (RFC 1035, 4.1.4). *)

(** The bytes are no DNS message: they end too early, or hold a name that cannot be. *)
exception Malformed

type reader

(** Reads from the start of a message. *)
val reader : string -> reader

val at_end : reader -> bool
val u8 : reader -> int
val u16 : reader -> int
val u32 : reader -> int
val bytes : reader -> int -> string

(** All that is left. *)
val rest : reader -> string

(** A name. A pointer must point before all that was read of the name so far, so none can loop.
    @param pointers whether compression is allowed here (default: it is). *)
val name : ?pointers:bool -> reader -> Name.t

(** A length in 16 bits and what reads that many bytes, all of them. *)
val framed : reader -> (reader -> 'a) -> 'a

type writer

(** An empty message of at most so many bytes. *)
val writer : limit:int -> writer

val contents : writer -> string
val put_u8 : writer -> int -> unit
val put_u16 : writer -> int -> unit
val put_u32 : writer -> int -> unit
val put_bytes : writer -> string -> unit

(** @param compress whether the name may end in a pointer (default: it may). *)
val put_name : ?compress:bool -> writer -> Name.t -> unit

(** Overwrites 16 bits at an offset. *)
val patch_u16 : writer -> int -> int -> unit

(** What is written, with its length in 16 bits before it. *)
val put_framed : writer -> (unit -> unit) -> unit

(** Writes all or nothing: when the limit is met, or fewer than [spare] bytes would be left, what was written is taken
    back and the answer is [false]. Outside of it, writing past the limit is a bug and raises [Invalid_argument]. *)
val attempt : ?spare:int -> writer -> (unit -> unit) -> bool
