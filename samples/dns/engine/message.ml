type question = { name : Name.t; kind : int; cls : int }
type edns = { payload : int; version : int }
type header = { id : int; opcode : int; recursion : bool; unchecked : bool }
type query = { header : header; questions : question list; cls : int; edns : edns option }
type parsed = Query of query | Malformed of header * question list | Silence

let tsig = 250
let class_any = 255

let times n f x =
  let rec go n x = if n = 0 then x else go (n - 1) (f x) in
  go n x

(* A query's records are read for two things: EDNS, and whether they are records at all. *)
type seen = { edns : edns option; signed : bool; cls : int }

let option r =
  let _code = Wire.u16 r in
  Wire.framed r Wire.rest

let read_edns r ~owner ~cls ~ttl =
  if owner <> [] then raise Wire.Malformed;
  let rec options r = if not (Wire.at_end r) then (ignore (option r); options r) in
  Wire.framed r options;
  { payload = cls; version = (ttl lsr 16) land 0xff }

let read_record r ~additional seen =
  if seen.signed then raise Wire.Malformed (* a signature is the last record: RFC 8945, 5.1 *);
  let owner = Name.labels (Wire.name r) in
  let kind = Wire.u16 r in
  let cls = Wire.u16 r in
  let ttl = Wire.u32 r in
  if kind = Record.opt then
    if additional && seen.edns = None then { seen with edns = Some (read_edns r ~owner ~cls ~ttl) } else raise Wire.Malformed
  else if kind = tsig then
    if additional && cls = class_any then (
      ignore (Wire.framed r Wire.rest);
      { seen with signed = true })
    else raise Wire.Malformed
  else (
    if seen.cls <> 0 && cls <> seen.cls then raise Wire.Malformed;
    ignore (Wire.framed r (Record.read ~kind));
    { seen with cls })

let read_question r questions =
  let name = Wire.name r in
  let kind = Wire.u16 r in
  let cls = Wire.u16 r in
  let other (q : question) = q.cls <> cls in
  if List.exists other questions then raise Wire.Malformed else { name; kind; cls } :: questions

let parse text =
  let r = Wire.reader text in
  match List.init 6 (fun _ -> Wire.u16 r) with
  | exception Wire.Malformed -> Silence
  | [ id; flags; questions; answers; authorities; additionals ] when flags land 0x8000 = 0 -> (
      let header =
        let opcode = (flags lsr 11) land 15 in
        let asked bit = opcode = 0 && flags land bit <> 0 in
        { id; opcode; recursion = asked 0x0100; unchecked = asked 0x0010 }
      in
      match times questions (read_question r) [] with
      | exception Wire.Malformed -> Malformed (header, [])
      | questions -> (
          let cls = match questions with [] -> 0 | { cls; _ } :: _ -> cls in
          match
            { edns = None; signed = false; cls }
            |> times (answers + authorities) (read_record r ~additional:false)
            |> times additionals (read_record r ~additional:true)
          with
          | exception Wire.Malformed -> Malformed (header, questions)
          | seen -> Query { header; questions; cls = seen.cls; edns = seen.edns }))
  | _ -> Silence

type code = No_error | Format_error | Server_failure | No_such_name | Not_implemented | Refused | Bad_version

let number = function
  | No_error -> 0
  | Format_error -> 1
  | Server_failure -> 2
  | No_such_name -> 3
  | Not_implemented -> 4
  | Refused -> 5
  | Bad_version -> 16

type reply = {
  code : code;
  authoritative : bool;
  answer : Record.set list;
  authority : Record.set list;
  glue : Record.set list;
  additional : Record.set list;
}

let bare code = { code; authoritative = false; answer = []; authority = []; glue = []; additional = [] }
let count = List.fold_left (fun sum (set : Record.set) -> sum + List.length set.data) 0
let flag bit on = if on then bit else 0

let put_question w { name; kind; cls } =
  Wire.put_name w name;
  Wire.put_u16 w kind;
  Wire.put_u16 w cls

let put_edns w ~payload code =
  Wire.put_u8 w 0;
  Wire.put_u16 w Record.opt;
  Wire.put_u16 w payload;
  Wire.put_u32 w ((number code lsr 4) lsl 24);
  Wire.put_u16 w 0

let edns_size = 11

let render ~limit ~payload ~edns header questions reply =
  let w = Wire.writer ~limit in
  let attempt write items = Wire.attempt ~spare:(if edns then edns_size else 0) w (fun () -> List.iter write items) in
  let keep write items = if attempt write items then items else [] in
  for _ = 1 to 6 do Wire.put_u16 w 0 done;
  let questions = keep (put_question w) questions in
  let complete = attempt (List.iter (Record.put w)) [ reply.answer; reply.authority; reply.glue ] in
  let sent = if complete then reply else { (bare reply.code) with authoritative = reply.authoritative } in
  let optional = List.filter (fun set -> attempt (Record.put w) [ set ]) sent.additional in
  if edns then put_edns w ~payload reply.code;
  let flags =
    0x8000
    lor (header.opcode lsl 11)
    lor flag 0x0400 reply.authoritative
    lor flag 0x0200 (not complete)
    lor flag 0x0100 header.recursion
    lor flag 0x0010 header.unchecked
    lor (number reply.code land 15)
  in
  List.iteri
    (fun i n -> Wire.patch_u16 w (2 * i) n)
    [ header.id; flags; List.length questions; count sent.answer; count sent.authority; count sent.glue + count optional + flag 1 edns ];
  Wire.contents w
