type soa = {
  primary : Name.t;
  contact : Name.t;
  serial : int;
  refresh : int;
  retry : int;
  expire : int;
  minimum : int;
}

type data =
  | A of string
  | Aaaa of string
  | Ns of Name.t
  | Cname of Name.t
  | Ptr of Name.t
  | Mx of int * Name.t
  | Srv of { priority : int; weight : int; port : int; target : Name.t }
  | Txt of string list
  | Caa of { flags : int; tag : string; value : string }
  | Soa of soa
  | Other of int * string

type set = { owner : Name.t; ttl : int; kind : int; data : data list }

let a = 1
let ns = 2
let cname = 5
let soa = 6
let ptr = 12
let mx = 15
let txt = 16
let aaaa = 28
let srv = 33
let opt = 41
let ds = 43
let any = 255
let caa = 257

let kinds =
  [ ("A", a); ("NS", ns); ("CNAME", cname); ("SOA", soa); ("PTR", ptr); ("MX", mx); ("TXT", txt); ("AAAA", aaaa); ("SRV", srv); ("CAA", caa) ]

let kind = function
  | A _ -> a
  | Aaaa _ -> aaaa
  | Ns _ -> ns
  | Cname _ -> cname
  | Ptr _ -> ptr
  | Mx _ -> mx
  | Srv _ -> srv
  | Txt _ -> txt
  | Caa _ -> caa
  | Soa _ -> soa
  | Other (kind, _) -> kind

let kind_of_text text =
  let text = String.uppercase_ascii text in
  match List.assoc_opt text kinds with
  | None when String.length text > 4 && String.length text < 10 && String.sub text 0 4 = "TYPE" -> (
      match int_of_string_opt ("0u" ^ String.sub text 4 (String.length text - 4)) with
      | Some n when n < 65536 -> Some n
      | _ -> None)
  | known -> known

let kind_to_text kind =
  match List.find_opt (fun (_, n) -> n = kind) kinds with Some (name, _) -> name | None -> Printf.sprintf "TYPE%d" kind

let target = function
  | Ns name | Mx (_, name) | Srv { target = name; _ } -> Some name
  | A _ | Aaaa _ | Cname _ | Ptr _ | Txt _ | Caa _ | Soa _ | Other _ -> None

let string r = Wire.(bytes r (u8 r))

let read ~kind r =
  let open Wire in
  let rec strings found = if at_end r then List.rev found else strings (string r :: found) in
  let data =
    if kind = a then A (bytes r 4)
    else if kind = aaaa then Aaaa (bytes r 16)
    else if kind = ns then Ns (name r)
    else if kind = cname then Cname (name r)
    else if kind = ptr then Ptr (name r)
    else if kind = mx then
      let preference = u16 r in
      Mx (preference, name r)
    else if kind = srv then
      let priority = u16 r in
      let weight = u16 r in
      let port = u16 r in
      Srv { priority; weight; port; target = name ~pointers:false r }
    else if kind = txt then
      let first = string r in
      Txt (first :: strings [])
    else if kind = caa then
      let flags = u8 r in
      let tag = string r in
      if tag = "" then raise Malformed else Caa { flags; tag; value = rest r }
    else if kind = soa then
      let primary = name r in
      let contact = name r in
      let serial = u32 r in
      let refresh = u32 r in
      let retry = u32 r in
      let expire = u32 r in
      Soa { primary; contact; serial; refresh; retry; expire; minimum = u32 r }
    else Other (kind, rest r)
  in
  if at_end r then data else raise Malformed

let put_string w text =
  Wire.put_u8 w (String.length text);
  Wire.put_bytes w text

let put_data w =
  let open Wire in
  function
  | A text | Aaaa text | Other (_, text) -> put_bytes w text
  | Ns name | Cname name | Ptr name -> put_name w name
  | Mx (preference, name) ->
      put_u16 w preference;
      put_name w name
  | Srv { priority; weight; port; target } ->
      List.iter (put_u16 w) [ priority; weight; port ];
      put_name ~compress:false w target
  | Txt texts -> List.iter (put_string w) texts
  | Caa { flags; tag; value } ->
      put_u8 w flags;
      put_string w tag;
      put_bytes w value
  | Soa { primary; contact; serial; refresh; retry; expire; minimum } ->
      put_name w primary;
      put_name w contact;
      List.iter (put_u32 w) [ serial; refresh; retry; expire; minimum ]

let put w { owner; ttl; kind; data } =
  let put data =
    Wire.put_name w owner;
    Wire.put_u16 w kind;
    Wire.put_u16 w 1;
    Wire.put_u32 w ttl;
    Wire.put_framed w (fun () -> put_data w data)
  in
  List.iter put data

let same a b =
  match (a, b) with
  | Ns a, Ns b | Cname a, Cname b | Ptr a, Ptr b -> Name.equal a b
  | Mx (p, a), Mx (q, b) -> p = q && Name.equal a b
  | Srv a, Srv b -> (a.priority, a.weight, a.port) = (b.priority, b.weight, b.port) && Name.equal a.target b.target
  | Soa a, Soa b -> { a with primary = b.primary; contact = b.contact } = b && Name.equal a.primary b.primary && Name.equal a.contact b.contact
  | a, b -> a = b
