(** Master files: zones as text (RFC 1035, 5; times with units, [$TTL]: RFC 2308, 4; unknown types: RFC 3597). *)

(** Columns are counted from 0; [last] is the one after the last. *)
type place = { file : string; line : int; first : int; last : int }

type error = place * string

(** The zone of a file. Names are relative to [$ORIGIN] and, before one is given, to [origin].
    Every error of the file is told, in the file's order. *)
val parse : file:string -> origin:Name.t -> string -> (Zone.t, error list) result

(** The name that a file is named after: [example.org.zone] is about [example.org.]. *)
val origin_of_file : string -> (Name.t, string) result

(** Two lines as the OCaml compiler writes them, so that dune and editors show the place. *)
val error_to_string : error -> string
