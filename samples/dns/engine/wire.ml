exception Malformed

type reader = { text : string; mutable at : int; stop : int }

let reader text = { text; at = 0; stop = String.length text }
let at_end r = r.at = r.stop

let bytes r n =
  if n > r.stop - r.at then raise Malformed;
  r.at <- r.at + n;
  String.sub r.text (r.at - n) n

let rest r = bytes r (r.stop - r.at)
let u8 r = Char.code (bytes r 1).[0]

let u16 r =
  let high = u8 r in
  (high lsl 8) lor u8 r

let u32 r =
  let high = u16 r in
  (high lsl 16) lor u16 r

let name ?(pointers = true) r =
  (* [before] falls with every pointer, [room] with every label. *)
  let rec read r ~before ~room labels =
    match u8 r with
    | 0 -> labels
    | n when n < 64 ->
        if n >= room then raise Malformed;
        let label = bytes r n in
        read r ~before ~room:(room - n - 1) (label :: labels)
    | n when n >= 192 && pointers ->
        let target = ((n land 63) lsl 8) lor u8 r in
        if target >= before then raise Malformed;
        read { r with at = target } ~before:target ~room labels
    | _ -> raise Malformed
  in
  match Name.of_labels (List.rev (read r ~before:r.at ~room:255 [])) with Some name -> name | None -> raise Malformed

let framed r read =
  let size = u16 r in
  let start = r.at in
  ignore (bytes r size);
  let part = { r with at = start; stop = r.at } in
  let value = read part in
  if at_end part then value else raise Malformed

type writer = { buffer : Bytes.t; mutable length : int; names : (string list, int) Hashtbl.t }

let writer ~limit = { buffer = Bytes.create limit; length = 0; names = Hashtbl.create 16 }
let contents w = Bytes.sub_string w.buffer 0 w.length

let put_bytes w text =
  Bytes.blit_string text 0 w.buffer w.length (String.length text);
  w.length <- w.length + String.length text

let put_u8 w n =
  Bytes.set_uint8 w.buffer w.length n;
  w.length <- w.length + 1

let put_u16 w n =
  Bytes.set_uint16_be w.buffer w.length n;
  w.length <- w.length + 2

let put_u32 w n =
  put_u16 w (n lsr 16);
  put_u16 w (n land 0xffff)

let put_name ?(compress = true) w name =
  let rec put labels folded =
    match (labels, folded) with
    | label :: labels, _ :: below -> (
        match Hashtbl.find_opt w.names folded with
        | Some target when compress -> put_u16 w (0xc000 lor target)
        | known ->
            if known = None && w.length < 0x4000 then Hashtbl.add w.names folded w.length;
            put_u8 w (String.length label);
            put_bytes w label;
            put labels below)
    | _ -> put_u8 w 0
  in
  put (Name.labels name) (Name.folded name)

let patch_u16 w = Bytes.set_uint16_be w.buffer

let put_framed w write =
  let start = w.length in
  put_u16 w 0;
  write ();
  patch_u16 w start (w.length - start - 2)

let attempt ?(spare = 0) w write =
  let start = w.length in
  let fits = match write () with () -> Bytes.length w.buffer - w.length >= spare | exception Invalid_argument _ -> false in
  if not fits then (
    w.length <- start;
    Hashtbl.filter_map_inplace (fun _ at -> if at < start then Some at else None) w.names);
  fits
