type place = { file : string; line : int; first : int; last : int }
type error = place * string

let error_to_string ({ file; line; first; last }, text) =
  Printf.sprintf "File %S, line %d, characters %d-%d:\nError: %s" file line first last text

exception Wrong of error

let wrong place format = Printf.ksprintf (fun text -> raise (Wrong (place, text))) format

(* {1 Text to entries: the words of a line, or of the lines that parentheses join} *)

type word = { text : string; quoted : bool; place : place }
type entry = { indented : bool;  (** without an owner of its own *) words : word list }

type lexer = { file : string; source : string; mutable at : int; mutable line : int; mutable start : int  (** of the line *) }

let here lexer ~from = { file = lexer.file; line = lexer.line; first = from - lexer.start; last = lexer.at - lexer.start }
let peek lexer = if lexer.at < String.length lexer.source then Some lexer.source.[lexer.at] else None

let newline lexer =
  lexer.at <- lexer.at + 1;
  lexer.line <- lexer.line + 1;
  lexer.start <- lexer.at

let rec skip_line lexer =
  match peek lexer with
  | None | Some '\n' -> ()
  | Some _ ->
      lexer.at <- lexer.at + 1;
      skip_line lexer

(* Escapes stay as they are: what they mean depends on what the word is. *)
let rec skip_word lexer =
  match peek lexer with
  | None | Some (' ' | '\t' | '\r' | '\n' | ';' | '(' | ')' | '"') -> ()
  | Some '\\' ->
      lexer.at <- min (lexer.at + 2) (String.length lexer.source);
      skip_word lexer
  | Some _ ->
      lexer.at <- lexer.at + 1;
      skip_word lexer

let rec skip_quoted lexer ~from =
  match peek lexer with
  | None | Some '\n' -> wrong (here lexer ~from) "this string has no closing quote on its line"
  | Some '"' -> ()
  | Some '\\' ->
      lexer.at <- min (lexer.at + 2) (String.length lexer.source);
      skip_quoted lexer ~from
  | Some _ ->
      lexer.at <- lexer.at + 1;
      skip_quoted lexer ~from

let word lexer ~quoted =
  let from = lexer.at in
  if quoted then (
    lexer.at <- from + 1;
    skip_quoted lexer ~from)
  else skip_word lexer;
  let first = if quoted then from + 1 else from in
  let text = String.sub lexer.source first (lexer.at - first) in
  if quoted then lexer.at <- lexer.at + 1;
  { text; quoted; place = here lexer ~from }

(* [opened] are the places of the parentheses that are not closed yet. *)
let rec words lexer opened found =
  let step () =
    let from = lexer.at in
    lexer.at <- from + 1;
    here lexer ~from
  in
  match (peek lexer, opened) with
  | None, place :: _ -> wrong place "this parenthesis is never closed"
  | (None | Some '\n'), [] -> List.rev found
  | Some '\n', _ ->
      newline lexer;
      words lexer opened found
  | Some ';', _ ->
      skip_line lexer;
      words lexer opened found
  | Some '(', _ ->
      let place = step () in
      words lexer (place :: opened) found
  | Some ')', [] -> wrong (step ()) "this parenthesis was never opened"
  | Some ')', _ :: opened ->
      ignore (step ());
      words lexer opened found
  | Some (' ' | '\t' | '\r'), _ ->
      ignore (step ());
      words lexer opened found
  | Some c, _ ->
      let next = word lexer ~quoted:(c = '"') in
      words lexer opened (next :: found)

let next_entry lexer =
  let indented = match peek lexer with Some (' ' | '\t') -> true | _ -> false in
  match words lexer [] [] with
  | words -> Ok { indented; words }
  | exception Wrong error ->
      skip_line lexer;
      Error error

(* {1 Words to data} *)

(* What is left of an entry. [last] is the place of the word before. *)
type cursor = { mutable rest : word list; mutable last : place }

let take cursor what =
  match cursor.rest with
  | word :: rest ->
      cursor.rest <- rest;
      cursor.last <- word.place;
      word
  | [] -> wrong { cursor.last with first = cursor.last.last; last = cursor.last.last + 1 } "%s is missing here" what

let parsed cursor what parse =
  let word = take cursor what in
  match parse word.text with Ok value -> value | Error text -> wrong word.place "%s" text

let number_of_text ~what ~limit text =
  let digit c = c >= '0' && c <= '9' in
  match if text <> "" && String.for_all digit text && String.length text <= 10 then int_of_string_opt ("0u" ^ text) else None with
  | Some n when n <= limit -> Ok n
  | _ -> Error (Printf.sprintf "%s is a number from 0 to %d, not %S" what limit text)

let number cursor ~limit what = parsed cursor what (number_of_text ~what ~limit)

(* Seconds, or amounts with units: 3600, 1h30m. *)
let time_of_text text =
  let longest = 0x7fffffff in
  let unit = function
    | 's' | 'S' -> Some 1
    | 'm' | 'M' -> Some 60
    | 'h' | 'H' -> Some 3600
    | 'd' | 'D' -> Some 86400
    | 'w' | 'W' -> Some 604800
    | _ -> None
  in
  let length = String.length text in
  let rec scan i ~total ~amount =
    if total > longest || Option.value amount ~default:0 > longest then None
    else if i = length then if amount = None then Some total else None
    else
      match (text.[i], amount) with
      | ('0' .. '9' as c), _ -> scan (i + 1) ~total ~amount:(Some ((10 * Option.value amount ~default:0) + Char.code c - 48))
      | c, Some n -> Option.bind (unit c) (fun seconds -> scan (i + 1) ~total:(total + (n * seconds)) ~amount:None)
      | _, None -> None
  in
  match scan 0 ~total:0 ~amount:None with
  | Some total when text <> "" -> Some total
  | _ -> ( match number_of_text ~what:"" ~limit:longest text with Ok n -> Some n | Error _ -> None)

let time cursor what =
  parsed cursor what (fun text ->
      match time_of_text text with
      | Some seconds -> Ok seconds
      | None -> Error (Printf.sprintf "%s is a time of at most 2147483647 seconds, such as 3600 or 1h30m, not %S" what text))

let octet text =
  match String.length text with
  | 1 | 2 | 3 -> ( match number_of_text ~what:"" ~limit:255 text with Ok n -> Some (Char.chr n) | Error _ -> None)
  | _ -> None

let ipv4_of_text text =
  match List.map octet (String.split_on_char '.' text) with
  | [ Some a; Some b; Some c; Some d ] -> Some (String.of_seq (List.to_seq [ a; b; c; d ]))
  | _ -> None

(* RFC 4291, 2.2: groups of hex digits, one run of zeros left out, the last four bytes possibly as IPv4. *)
let ipv6_of_text text =
  let hex c = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') in
  let group text =
    if text <> "" && String.length text <= 4 && String.for_all hex text then
      let n = int_of_string ("0x" ^ text) in
      Some (Printf.sprintf "%c%c" (Char.chr (n lsr 8)) (Char.chr (n land 255)))
    else None
  in
  let rec groups ~last = function
    | [] -> Some ""
    | [ text ] when last && String.contains text '.' -> ipv4_of_text text
    | text :: rest -> Option.bind (group text) (fun bytes -> Option.map (( ^ ) bytes) (groups ~last rest))
  in
  let side ~last = function "" -> Some "" | text -> groups ~last (String.split_on_char ':' text) in
  match Stringext.cut text ~on:"::" with
  | None -> ( match side ~last:true text with Some bytes when String.length bytes = 16 -> Some bytes | _ -> None)
  | Some (left, right) -> (
      match (side ~last:false left, side ~last:true right) with
      | Some left, Some right when String.length left + String.length right <= 14 ->
          Some (left ^ String.make (16 - String.length left - String.length right) '\000' ^ right)
      | _ -> None)

let address cursor kind of_text =
  parsed cursor ("an " ^ kind ^ " address") (fun text ->
      Option.to_result (of_text text) ~none:(Printf.sprintf "%S is no %s address" text kind))

(* A <character-string>: quoted or not, with escapes. *)
let string_of_text text =
  let length = String.length text and bytes = Buffer.create 64 in
  let digits i = i + 3 <= length && String.for_all (fun c -> c >= '0' && c <= '9') (String.sub text i 3) in
  let rec scan i =
    if i = length then Ok (Buffer.contents bytes)
    else if text.[i] <> '\\' then (
      Buffer.add_char bytes text.[i];
      scan (i + 1))
    else if digits (i + 1) then
      match octet (String.sub text (i + 1) 3) with
      | Some c ->
          Buffer.add_char bytes c;
          scan (i + 4)
      | None -> Error (Printf.sprintf "\\%s is no byte: 255 is the largest" (String.sub text (i + 1) 3))
    else if i + 1 < length then (
      Buffer.add_char bytes text.[i + 1];
      scan (i + 2))
    else Error "after a backslash comes a character or three digits"
  in
  scan 0

let text cursor ?(limit = 255) what =
  parsed cursor what (fun text ->
      match string_of_text text with
      | Ok bytes when String.length bytes > limit ->
          Error (Printf.sprintf "%s holds at most %d bytes, this one has %d: write it as several, \"…\" \"…\"" what limit (String.length bytes))
      | result -> result)

let hexadecimal cursor =
  let size = number cursor ~limit:65535 "the number of bytes" in
  let digits = String.concat "" (List.map (fun word -> word.text) cursor.rest) in
  List.iter (fun word -> cursor.last <- word.place) cursor.rest;
  cursor.rest <- [];
  let byte i = Option.map Char.chr (int_of_string_opt ("0x" ^ String.sub digits (2 * i) 2)) in
  let bytes = if String.length digits = 2 * size then List.init size byte else [ None ] in
  if List.mem None bytes then wrong cursor.last "%d bytes are %d hexadecimal digits" size (2 * size)
  else String.of_seq (List.to_seq (List.filter_map Fun.id bytes))

(* Types whose records would change how a server answers, which this one does not do. *)
let refused = function
  | 39 -> Some "DNAME records are not served"
  | 24 | 25 | 30 | 46 | 47 | 48 | 50 | 51 -> Some "signed zones (DNSSEC) are not served"
  | 0 | 41 -> Some "this is no type of data"
  | n when n >= 128 && n <= 255 -> Some "this is a type of questions, not of data"
  | _ -> None

let data cursor ~origin (kind : word) : Record.data =
  let name what = parsed cursor what (Name.of_text ~origin) in
  let u16 = number cursor ~limit:65535 in
  match cursor.rest with
  | { text = "\\#"; quoted = false; _ } :: rest -> (
      cursor.rest <- rest;
      let number = Option.get (Record.kind_of_text kind.text) in
      let bytes = hexadecimal cursor in
      match Record.read ~kind:number (Wire.reader bytes) with
      | data -> data
      | exception Wire.Malformed -> wrong cursor.last "these bytes are no data of type %s" kind.text)
  | _ -> (
      match String.uppercase_ascii kind.text with
      | "A" -> A (address cursor "IPv4" ipv4_of_text)
      | "AAAA" -> Aaaa (address cursor "IPv6" ipv6_of_text)
      | "NS" -> Ns (name "the name of a name server")
      | "CNAME" -> Cname (name "the name that this one stands for")
      | "PTR" -> Ptr (name "the name to point to")
      | "MX" ->
          let preference = u16 "the preference" in
          Mx (preference, name "the name of a mail server")
      | "SRV" ->
          let priority = u16 "the priority" in
          let weight = u16 "the weight" in
          let port = u16 "the port" in
          Srv { priority; weight; port; target = name "the name of the host" }
      | "TXT" ->
          let string () = text cursor "a string" in
          let rec more found = if cursor.rest = [] then List.rev found else more (string () :: found) in
          let first = string () in
          Txt (first :: more [])
      | "CAA" ->
          let flags = number cursor ~limit:255 "the flags" in
          let tag = take cursor "the tag" in
          let letter c = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') in
          if tag.text = "" || String.length tag.text > 255 || not (String.for_all letter tag.text) then
            wrong tag.place "a tag has letters and digits only";
          Caa { flags; tag = tag.text; value = text cursor ~limit:4096 "the value" }
      | "SOA" ->
          let primary = name "the name of the primary server" in
          let contact = name "the mail address of who is responsible, as a name" in
          let serial = number cursor ~limit:0xffffffff "the serial number" in
          let refresh = time cursor "the refresh interval" in
          let retry = time cursor "the retry interval" in
          let expire = time cursor "the expiry interval" in
          Soa { primary; contact; serial; refresh; retry; expire; minimum = time cursor "the negative time to live" }
      | _ -> wrong kind.place "data of type %s is written as in RFC 3597: \\# and the number of bytes, then the bytes in hexadecimal" kind.text)

(* {1 Entries to a zone} *)

type state = { origin : Name.t; default : int option;  (** of $TTL *) previous : int option;  (** TTL *) owner : Name.t option }

let finished cursor =
  match cursor.rest with
  | word :: _ -> wrong word.place "this is too much: the record ends before %S" word.text
  | [] -> ()

let record state cursor ~indented =
  let start = (List.hd cursor.rest).place in
  let owner =
    if not indented then parsed cursor "a name" (Name.of_text ~origin:state.origin)
    else match state.owner with Some owner -> owner | None -> wrong start "the first record needs a name at the start of its line"
  in
  (* A time to live and a class, in either order, then the type. *)
  let rec head ttl cls =
    let word = take cursor "the type of the record" in
    match String.uppercase_ascii word.text with
    | "IN" when not cls -> head ttl true
    | ("CH" | "HS" | "CS") when not cls -> wrong word.place "class %s is not served, only IN" word.text
    | upper -> (
        match Record.kind_of_text upper with
        | Some kind -> (
            match refused kind with Some why -> wrong word.place "%s" why | None -> (ttl, word))
        | None when ttl = None && time_of_text upper <> None -> head (time_of_text upper) cls
        | None -> wrong word.place "%S is no type of record that is known here" word.text)
  in
  let explicit, kind = head None false in
  let data = data cursor ~origin:state.origin kind in
  finished cursor;
  let given = List.find_opt Option.is_some [ explicit; state.default; state.previous ] in
  let ttl =
    match (given, data) with
    | Some (Some ttl), _ -> ttl
    | _, Soa { minimum; _ } -> minimum
    | _ -> wrong kind.place "this record has no time to live, and there is no $TTL before it"
  in
  let state = { state with previous = Some ttl; owner = Some owner } in
  let place = if kind.place.line = start.line then { start with last = kind.place.last } else start in
  (state, { Zone.place; owner; ttl; data })

let directive state cursor (name : word) =
  match String.uppercase_ascii name.text with
  | "$ORIGIN" ->
      let origin = parsed cursor "a name" (Name.of_text ~origin:state.origin) in
      finished cursor;
      { state with origin }
  | "$TTL" ->
      let default = time cursor "a time to live" in
      finished cursor;
      { state with default = Some default }
  | _ -> wrong name.place "%s is not known: there are $ORIGIN and $TTL" name.text

let step state entry =
  match entry.words with
  | [] -> (state, None)
  | first :: _ ->
      let cursor = { rest = entry.words; last = first.place } in
      if (not entry.indented) && (not first.quoted) && first.text.[0] = '$' then (
        ignore (take cursor "");
        (directive state cursor first, None))
      else
        let state, record = record state cursor ~indented:entry.indented in
        (state, Some record)

let parse ~file ~origin source =
  let lexer = { file; source; at = 0; line = 1; start = 0 } in
  let rec read state records errors =
    let result =
      match next_entry lexer with
      | Error error -> Error error
      | Ok entry -> ( match step state entry with result -> Ok result | exception Wrong error -> Error error)
    in
    let state, records, errors =
      match result with
      | Ok (state, Some record) -> (state, record :: records, errors)
      | Ok (state, None) -> (state, records, errors)
      | Error error -> (state, records, error :: errors)
    in
    match peek lexer with
    | Some _ ->
        newline lexer;
        read state records errors
    | None -> (List.rev records, List.rev errors)
  in
  match read { origin; default = None; previous = None; owner = None } [] [] with
  | records, [] -> Zone.make ~fallback:{ file; line = 1; first = 0; last = 1 } records
  | _, errors -> Error errors

let origin_of_file file =
  let base = Filename.basename file in
  Name.of_text ~origin:Name.root (Option.value (Filename.chop_suffix_opt ~suffix:".zone" base) ~default:base)
