type question = { name : Name.t; kind : int; cls : int }
type edns = { payload : int; version : int }
type header = { id : int; opcode : int; recursion : bool; unchecked : bool }
type query = { header : header; questions : question list; cls : int; edns : edns option }
type parsed = Query of query | Malformed of header * question list | Silence

(* No client has reason to send more questions and records. Names of a few bytes can mean many by pointers: to read
   thousands of them would keep the server busy. *)
let most_items = 64

let rec times n f x = if n = 0 then x else times (n - 1) f (f x)

(* A query's records are read for two things: EDNS, and whether they are records at all. *)
type seen = { cls : int;  (** of all but EDNS *) edns : edns option }

let read_option r =
  let _code = Wire.u16 r in
  Wire.framed r Wire.rest

let rec read_options r =
  if not (Wire.at_end r) then (
    ignore (read_option r);
    read_options r)

let read_record r ~additional seen =
  let owner = Wire.name r in
  let kind = Wire.u16 r in
  let cls = Wire.u16 r in
  let ttl = Wire.u32 r in
  if kind = Record.opt then (
    if seen.edns <> None || (not additional) || not (Name.equal owner Name.root) then raise Wire.Malformed;
    Wire.framed r read_options;
    { seen with edns = Some { payload = cls; version = (ttl lsr 16) land 0xff } })
  else (
    if seen.cls <> 0 && cls <> seen.cls then raise Wire.Malformed;
    ignore (Wire.framed r (Record.read ~kind));
    { seen with cls })

let read_question r (questions : question list) =
  let name = Wire.name r in
  let kind = Wire.u16 r in
  let cls = Wire.u16 r in
  match questions with { cls = other; _ } :: _ when other <> cls -> raise Wire.Malformed | _ -> { name; kind; cls } :: questions

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
      match
        if questions + answers + authorities + additionals > most_items then raise Wire.Malformed;
        times questions (read_question r) []
      with
      | exception Wire.Malformed -> Malformed (header, [])
      | questions -> (
          let cls = match questions with [] -> 0 | { cls; _ } :: _ -> cls in
          match
            { cls; edns = None }
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
