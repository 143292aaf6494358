(** Domain names (RFC 1035, 3.1): they keep the case they were written in, and compare without it (RFC 4343). *)

type t

(** The name without labels, written [.]. *)
val root : t

(** The labels, the one written first at the head. *)
val labels : t -> string list

(** Labels in lower case: two names are equal when these are. *)
val folded : t -> string list

(** [None] when a label is empty or longer than 63 bytes, or the name longer than 255. *)
val of_labels : string list -> t option

(** Reads a name of a master file (RFC 1035, 5.1): [@] is the origin, a name without final dot is relative to it,
    [\.] and [\DDD] are escapes. The error says what is wrong. *)
val of_text : origin:t -> string -> (t, string) result

(** The name with its final dot, escaped so that {!of_text} reads it back. *)
val to_string : t -> string

(** Some order, without case. *)
val compare : t -> t -> int

val equal : t -> t -> bool

(** Whether a name is [zone] or below it. *)
val within : zone:t -> t -> bool

(** The name without its first label; the root has none. *)
val parent : t -> t option

(** [*] before the name, whose room is that of a longer name that exists. *)
val wildcard : t -> t

val is_wildcard : t -> bool

module Map : Map.S with type key = t
