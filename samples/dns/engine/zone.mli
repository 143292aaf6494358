(** A zone: the records of a name and of the names below it, and what a server that has them knows about any name. *)

type t

(** The zone's own name. *)
val origin : t -> Name.t

(** How many records it has. *)
val size : t -> int

(** All its records, by name. *)
val sets : t -> Record.set list

(** A record, and where it stands in the file that it came from. *)
type 'place entry = { place : 'place; owner : Name.t; ttl : int; data : Record.data }

(** Checks and makes a zone. It has one SOA and at least one NS at its origin; every name is within it; nothing stands
    beside a CNAME; the records of a set agree on their time to live; name servers inside the zone have addresses.
    The errors come with the place of the record that is at fault; [fallback] is the place of what is missing. *)
val make : fallback:'place -> 'place entry list -> (t, ('place * string) list) result

(** The records at the origin, of one type. *)
val apex : t -> int -> Record.set option

(** The SOA with the time to live of a negative answer (RFC 2308, 3 and 5). *)
val denial : t -> Record.set

type found =
  | Node of Record.set list  (** what the name has: nothing, when only names below it exist; a wildcard's records bear its name *)
  | Delegation of Record.set  (** the name servers of the zone that begins above or at it *)
  | Missing  (** neither name nor wildcard *)

(** RFC 1034, 4.3.2, with wildcards as in RFC 4592. The name must be within the zone. *)
val find : t -> Name.t -> found

(** A set at exactly this name, be it authoritative or glue below a delegation. *)
val glue : t -> Name.t -> int -> Record.set option
