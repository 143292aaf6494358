open Record

(* Every name between the origin and one with records has a node, if an empty one (an "empty non-terminal"). *)
type t = { origin : Name.t; size : int; nodes : set list Name.Map.t }

type 'place entry = { place : 'place; owner : Name.t; ttl : int; data : data }
type found = Node of set list | Delegation of set | Missing

let origin zone = zone.origin
let size zone = zone.size
let sets zone = Name.Map.fold (fun _ sets all -> all @ sets) zone.nodes []
let pick kind = List.find_opt (fun set -> set.kind = kind)
let at zone name = Option.value (Name.Map.find_opt name zone.nodes) ~default:[]
let glue zone name kind = pick kind (at zone name)
let apex zone = glue zone zone.origin

let denial zone =
  match apex zone soa with
  | Some ({ data = [ Soa { minimum; _ } ]; _ } as set) -> { set with ttl = min set.ttl minimum }
  | _ -> assert false (* [make] saw to it *)

(* The names from just below the origin down to this one. *)
let path zone name =
  let rec climb name below =
    match Name.parent name with
    | Some parent when not (Name.equal name zone.origin) -> climb parent (name :: below)
    | _ -> below
  in
  climb name []

let find zone name =
  let rec walk above = function
    | [] -> Node (at zone above)
    | next :: below -> (
        match Name.Map.find_opt next zone.nodes with
        | None -> (
            match Name.Map.find_opt (Name.wildcard above) zone.nodes with
            | Some sets -> Node (List.map (fun (set : set) -> { set with owner = name }) sets)
            | None -> Missing)
        | Some sets -> ( match pick ns sets with Some servers -> Delegation servers | None -> walk next below))
  in
  walk zone.origin (path zone name)

let addressed sets = List.exists (fun (set : set) -> set.kind = a || set.kind = aaaa) sets

(* Adds an entry to the sets of its name. *)
let join (entry : _ entry) sets =
  let name = Name.to_string entry.owner and kind = kind entry.data in
  let error format = Printf.ksprintf Result.error format in
  match pick kind sets with
  | Some set when List.exists (same entry.data) set.data -> Ok sets
  | Some _ when kind = cname || kind = soa -> error "%s has a second %s record" name (kind_to_text kind)
  | Some set when set.ttl <> entry.ttl ->
      error "a time to live of %d, but the %s records of %s before it have %d: they need one (RFC 2181, 5.2)" entry.ttl
        (kind_to_text kind) name set.ttl
  | Some set ->
      let extend (other : set) = if other.kind = kind then { set with data = set.data @ [ entry.data ] } else other in
      Ok (List.map extend sets)
  | None when sets <> [] && (kind = cname || pick cname sets <> None) ->
      error "%s has a CNAME, so nothing else may stand there (RFC 1034, 3.6.2)" name
  | None -> Ok (sets @ [ { owner = entry.owner; ttl = entry.ttl; kind; data = [ entry.data ] } ])

let insert zone (entry : _ entry) =
  let name = Name.to_string entry.owner and kind = kind entry.data in
  let error format = Printf.ksprintf Result.error format in
  if not (Name.within ~zone:zone.origin entry.owner) then error "%s is outside of the zone %s" name (Name.to_string zone.origin)
  else if kind = soa && not (Name.equal entry.owner zone.origin) then
    error "%s has an SOA record, but this is the zone %s: one file, one zone" name (Name.to_string zone.origin)
  else if kind = ns && Name.is_wildcard entry.owner then
    error "%s cannot be delegated: a wildcard is no zone (RFC 4592, 4.2)" name
  else
    let count = List.fold_left (fun sum (set : set) -> sum + List.length set.data) 0 in
    let exist nodes name = if Name.Map.mem name nodes then nodes else Name.Map.add name [] nodes in
    let before = at zone entry.owner in
    let add after =
      {
        zone with
        size = zone.size + count after - count before;
        nodes = Name.Map.add entry.owner after (List.fold_left exist zone.nodes (path zone entry.owner));
      }
    in
    Result.map add (join entry before)

(* What is wrong with a name server: it can only be reached by addresses that are here (RFC 1912, 2.3). *)
let unreachable zone (entry : _ entry) =
  match entry.data with
  | Ns server when Name.within ~zone:zone.origin server && not (addressed (at zone server)) -> (
      let missing =
        match find zone server with
        | Node sets -> not (addressed sets)
        | Missing -> true
        | Delegation _ -> Name.within ~zone:entry.owner server
      in
      match missing with
      | true -> Some (entry.place, Printf.sprintf "the name server %s has no address (A or AAAA) in this zone" (Name.to_string server))
      | false -> None)
  | _ -> None

let make ~fallback (entries : _ entry list) =
  match List.find_opt (fun (entry : _ entry) -> kind entry.data = soa) entries with
  | None -> Error [ (fallback, "the zone has no SOA record") ]
  | Some { owner = origin; _ } ->
      let step (zone, errors) (entry : _ entry) =
        match insert zone entry with Ok zone -> (zone, errors) | Error text -> (zone, (entry.place, text) :: errors)
      in
      let zone, errors = List.fold_left step ({ origin; size = 0; nodes = Name.Map.empty }, []) entries in
      let orphan =
        match apex zone ns with
        | None -> [ (fallback, Printf.sprintf "the zone %s has no NS record at its own name" (Name.to_string origin)) ]
        | Some _ -> []
      in
      let errors = List.rev_append errors (orphan @ List.filter_map (unreachable zone) entries) in
      if errors = [] then Ok zone else Error errors
