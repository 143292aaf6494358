(* A zone as a master file without anything that readers differ in: one record a line, whole names, times in seconds, bytes beyond ASCII
   escaped (RFC 1035, 5.1; RFC 3597, 5). *)

open Engine

let hex bytes = String.concat "" (List.map (fun byte -> Printf.sprintf "%02x" (Char.code byte)) (List.of_seq (String.to_seq bytes)))

let quoted text =
  let byte = function
    | ('"' | '\\') as c -> Printf.sprintf "\\%c" c
    | ' ' .. '~' as c -> String.make 1 c
    | c -> Printf.sprintf "\\%03d" (Char.code c)
  in
  "\"" ^ String.concat "" (List.map byte (List.of_seq (String.to_seq text))) ^ "\""

let ipv4 bytes = String.concat "." (List.map (fun byte -> string_of_int (Char.code byte)) (List.of_seq (String.to_seq bytes)))
let ipv6 bytes = String.concat ":" (List.init 8 (fun at -> hex (String.sub bytes (2 * at) 2)))

let data (data : Record.data) =
  let name = Name.to_string in
  match data with
  | A bytes -> ipv4 bytes
  | Aaaa bytes -> ipv6 bytes
  | Ns target | Cname target | Ptr target -> name target
  | Mx (preference, target) -> Printf.sprintf "%d %s" preference (name target)
  | Srv { priority; weight; port; target } -> Printf.sprintf "%d %d %d %s" priority weight port (name target)
  | Txt texts -> String.concat " " (List.map quoted texts)
  | Caa { flags; tag; value } -> Printf.sprintf "%d %s %s" flags tag (quoted value)
  | Soa { primary; contact; serial; refresh; retry; expire; minimum } ->
      Printf.sprintf "%s %s %d %d %d %d %d" (name primary) (name contact) serial refresh retry expire minimum
  | Other (_, bytes) -> Printf.sprintf "\\# %d %s" (String.length bytes) (hex bytes)

let of_zone zone =
  let line (set : Record.set) item =
    Printf.sprintf "%s %d IN %s %s\n" (Name.to_string set.owner) set.ttl (Record.kind_to_text set.kind) (data item)
  in
  String.concat "" (List.concat_map (fun (set : Record.set) -> List.map (line set) set.data) (Zone.sets zone))
