(** Resource records: types, data, and their form on the wire (RFC 1035, 3.2 and 3.3; RFC 3597). *)

type soa = {
  primary : Name.t;
  contact : Name.t;
  serial : int;
  refresh : int;
  retry : int;
  expire : int;
  minimum : int;  (** seconds that "there is no such name" may be kept (RFC 2308) *)
}

type data =
  | A of string  (** 4 bytes *)
  | Aaaa of string  (** 16 bytes *)
  | Ns of Name.t
  | Cname of Name.t
  | Ptr of Name.t
  | Mx of int * Name.t
  | Srv of { priority : int; weight : int; port : int; target : Name.t }  (** RFC 2782 *)
  | Txt of string list  (** at least one, 255 bytes each at most *)
  | Caa of { flags : int; tag : string; value : string }  (** RFC 8659 *)
  | Soa of soa
  | Other of int * string  (** a type that we do not know, and its bytes *)

(** The records of one name and type, which have one time to live (RFC 2181, 5). *)
type set = { owner : Name.t; ttl : int;  (** seconds *) kind : int; data : data list }

(** The type's number. *)
val kind : data -> int

val a : int
val ns : int
val cname : int
val soa : int
val aaaa : int
val ds : int
val opt : int
val any : int

(** The number of a type's name in a master file: [MX], or [TYPE15]; in any case. *)
val kind_of_text : string -> int option

val kind_to_text : int -> string

(** Data equal but for the case of names. *)
val same : data -> data -> bool

(** The name that the data points at and whose addresses a client will want next. *)
val target : data -> Name.t option

(** Reads the data of a type, all that the reader holds.
    @raise Wire.Malformed when the bytes are none of that type. *)
val read : kind:int -> Wire.reader -> data

(** Writes every record of a set. *)
val put : Wire.writer -> set -> unit
