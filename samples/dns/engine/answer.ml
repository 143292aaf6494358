open Message

type zones = Zone.t Name.Map.t

let zones list =
  let add found zone =
    let name = Zone.origin zone in
    Result.bind found (fun zones -> if Name.Map.mem name zones then Error name else Ok (Name.Map.add name zone zones))
  in
  List.fold_left add (Ok Name.Map.empty) list

type transport = Udp | Tcp

let payload = 1232

(* The zone of the name: the one with the most labels. *)
let rec closest zones name =
  match Name.Map.find_opt name zones with
  | Some zone -> Some zone
  | None -> Option.bind (Name.parent name) (closest zones)

(* A DS record is data of the zone above the cut (RFC 4035, 3.1.4.1). *)
let zone_for zones { name; kind; _ } =
  match Name.parent name with
  | Some parent when kind = Record.ds -> ( match closest zones parent with Some zone -> Some zone | None -> closest zones name)
  | _ -> closest zones name

let addresses zone name =
  if Name.within ~zone:(Zone.origin zone) name then
    List.filter_map (Zone.glue zone name) [ Record.a; Record.aaaa ]
  else []

let same_set (a : Record.set) (b : Record.set) = a.kind = b.kind && Name.equal a.owner b.owner

let union sets = List.fold_left (fun known set -> if List.exists (same_set set) known then known else set :: known) [] sets |> List.rev

let targets sets = List.concat_map (fun (set : Record.set) -> List.filter_map Record.target set.data) sets

(* Names to follow through CNAMEs before it is taken for a loop. *)
let longest_chain = 16

let resolve zone { name; kind; _ } =
  let finish chain ?(authority = []) ?(sets = []) code =
    let answer = List.rev_append chain sets in
    let authority = List.filter (fun set -> not (List.exists (same_set set) answer)) authority in
    let missing set = not (List.exists (same_set set) (answer @ authority)) in
    let additional = union (List.concat_map (addresses zone) (targets (answer @ authority))) |> List.filter missing in
    { (bare code) with authoritative = true; answer; authority; additional }
  in
  let servers () = Option.to_list (Zone.apex zone Record.ns) in
  let denied chain code = finish chain ~authority:[ Zone.denial zone ] code in
  let refer chain (cut : Record.set) =
    let needed, additional = targets [ cut ] |> List.partition (Name.within ~zone:cut.owner) in
    let known names = union (List.concat_map (addresses zone) names) in
    {
      (bare No_error) with
      authoritative = chain <> [];
      answer = List.rev chain;
      authority = [ cut ];
      glue = known needed;
      additional = known additional;
    }
  in
  let rec follow chain name =
    match Zone.find zone name with
    | Delegation cut when kind = Record.ds && Name.equal cut.owner name -> (
        match Zone.glue zone name kind with
        | Some set -> finish chain ~sets:[ set ] ~authority:(servers ()) No_error
        | None -> denied chain No_error)
    | Delegation cut -> refer chain cut
    | Missing -> denied chain No_such_name
    | Node sets -> (
        let wanted (set : Record.set) = kind = Record.any || set.kind = kind in
        match (List.filter wanted sets, sets) with
        | [], [ ({ data = [ Cname next ]; _ } as alias) ] ->
            let chain = alias :: chain in
            if not (Name.within ~zone:(Zone.origin zone) next) then finish chain No_error
            else if List.length chain >= longest_chain then finish chain Server_failure
            else follow chain next
        | [], _ -> denied chain No_error
        | found, _ -> finish chain ~sets:found ~authority:(servers ()) No_error)
  in
  follow [] name

let meta kind = kind >= 128 && kind <= 255

let answer zones question =
  match question.kind with
  | 253 | 254 -> bare Not_implemented (* MAILB, MAILA *)
  | 251 | 252 -> bare Refused (* IXFR, AXFR: no transfers *)
  | kind when kind = Record.opt || (meta kind && kind <> Record.any) -> bare Format_error
  | _ -> (
      match zone_for zones question with
      | None -> bare Refused
      | Some zone -> resolve zone question)

let decide zones (query : query) =
  match query.edns with
  | Some { version; _ } when version > 0 -> bare Bad_version
  | _ -> (
      match query.questions with
      | _ when query.header.opcode <> 0 -> bare Not_implemented
      | [ ({ cls = 1 | 255; _ } as question) ] -> answer zones question
      | _ when query.cls = 0 -> bare Format_error
      | [ _ ] -> bare Refused
      | _ -> bare Format_error)

let limit transport edns =
  match (transport, edns) with
  | Tcp, _ -> 65535
  | Udp, None -> 512
  | Udp, Some edns -> max 512 (min edns.payload payload)

let reply zones transport text =
  match parse text with
  | Silence -> None
  | Malformed (header, questions) -> Some (render ~limit:512 ~payload ~edns:false header questions (bare Format_error))
  | Query query ->
      let limit = limit transport query.edns in
      Some (render ~limit ~payload ~edns:(query.edns <> None) query.header query.questions (decide zones query))
