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

let same_set (a : Record.set) (b : Record.set) = a.kind = b.kind && Name.equal a.owner b.owner

(* Without the sets that are there before, or in [but]. *)
let distinct ?(but = []) sets =
  let add (known, news) set = if List.exists (same_set set) known then (known, news) else (set :: known, set :: news) in
  List.rev (snd (List.fold_left add (but, []) sets))

let targets sets = List.concat_map (fun (set : Record.set) -> List.filter_map Record.target set.data) sets

(* The addresses that [find] knows of all names, IPv4 first: what comes last is left out first. *)
let addresses find names = List.concat_map (fun kind -> List.filter_map (fun name -> find name kind) names) [ Record.a; Record.aaaa ]

(* A set that points at more names than this comes without their addresses: to look up hundreds for one question would let
   a client keep the server busy (CVE-2024-11187). *)
let most_targets = 13

(* CNAMEs to follow before they are taken for a loop: as many as BIND follows. *)
let longest_chain = 11

(* RFC 1034, 4.3.2. [brief] leaves out what a positive answer is complete without: name servers and addresses. *)
let resolve zones zone ~brief { name; kind; _ } =
  (* One reply, one zone: what another zone knows has its own reply. *)
  let ours name = match closest zones name with Some other -> other == zone | None -> false in
  let known name kind =
    match if ours name then Zone.find zone name else Missing with
    | Node sets -> List.find_opt (fun (set : Record.set) -> set.kind = kind) sets
    | Delegation _ | Missing -> None
  in
  let finish chain ?(authority = []) ?(sets = []) code =
    let answer = distinct (List.rev_append chain sets) in
    let authority = distinct ~but:answer authority in
    let few (set : Record.set) = List.compare_length_with set.data most_targets <= 0 in
    let additional =
      if brief || kind = Record.any then []
      else distinct ~but:(answer @ authority) (addresses known (targets (List.filter few (answer @ authority))))
    in
    { (bare code) with authoritative = true; answer; authority; additional }
  in
  let found chain sets =
    finish chain ~sets ~authority:(if brief || kind = Record.ds then [] else Option.to_list (Zone.apex zone Record.ns)) No_error
  in
  let denied chain code =
    let denial = Zone.denial zone in
    (* Who asks for the SOA of a missing name looks for its zone, and need not keep that it is missing. *)
    let ttl = if kind = Record.soa && code = No_such_name then 0 else denial.ttl in
    finish chain ~authority:[ { denial with ttl } ] code
  in
  let refer chain (cut : Record.set) =
    (* Glue is what stands below a cut. Addresses of our own can be had by asking. *)
    let below name = match Zone.find zone name with Delegation _ -> true | _ -> false in
    let glue names = distinct (addresses (Zone.glue zone) names) in
    let inside, beside = List.partition (Name.within ~zone:cut.owner) (List.filter below (targets [ cut ])) in
    {
      (bare No_error) with
      authoritative = chain <> [];
      answer = List.rev chain;
      authority = [ cut ];
      glue = glue inside;
      additional = glue beside;
    }
  in
  let rec follow chain name =
    match Zone.find zone name with
    | Delegation cut when kind = Record.ds && Name.equal cut.owner name -> (
        match Zone.glue zone name kind with Some set -> found chain [ set ] | None -> denied chain No_error)
    | Delegation cut -> refer chain cut
    | Missing -> denied chain No_such_name
    | Node sets -> (
        let wanted (set : Record.set) = kind = Record.any || set.kind = kind in
        match (List.filter wanted sets, sets) with
        | [], [ ({ data = [ Cname next ]; _ } as alias) ] ->
            let chain = alias :: chain in
            if not (ours next) then finish chain No_error
            else if List.length chain > longest_chain then finish chain Server_failure
            else follow chain next
        | [], _ -> denied chain No_error
        | sets, _ -> found chain sets)
  in
  follow [] name

let meta kind = kind >= 128 && kind <= 255

let answer zones ~brief question =
  match question.kind with
  | 253 | 254 -> bare Not_implemented (* MAILB, MAILA *)
  | 251 | 252 -> bare Refused (* IXFR, AXFR: no transfers *)
  | kind when kind = Record.opt || (meta kind && kind <> Record.any) -> bare Format_error
  | _ -> (
      match zone_for zones question with
      | None -> bare Refused
      | Some zone -> resolve zones zone ~brief question)

let decide zones transport (query : query) =
  match query.edns with
  | Some { version; _ } when version > 0 -> bare Bad_version
  | _ -> (
      match query.questions with
      | _ when query.header.opcode <> 0 -> bare Not_implemented
      | [ ({ cls = 1; _ } as question) ] ->
          let brief = match query.edns with Some { payload; _ } -> transport = Udp && payload <= 512 | None -> false in
          answer zones ~brief question
      | [ { cls = 3 | 4; _ } ] -> bare Refused (* CH, HS *)
      | [ { cls; _ } ] when cls <> 0 && cls <> 254 && cls <> 255 -> bare Not_implemented
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
      Some (render ~limit ~payload ~edns:(query.edns <> None) query.header query.questions (decide zones transport query))
