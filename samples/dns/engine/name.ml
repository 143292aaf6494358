type t = { labels : string list; folded : string list }

let make labels = { labels; folded = List.map String.lowercase_ascii labels }
let root = make []
let labels name = name.labels
let folded name = name.folded
let size = List.fold_left (fun sum label -> sum + 1 + String.length label) 1

let of_labels labels =
  let fits label = label <> "" && String.length label <= 63 in
  if List.for_all fits labels && size labels <= 255 then Some (make labels) else None

let of_text ~origin text =
  let length = String.length text in
  let digit i = i < length && text.[i] >= '0' && text.[i] <= '9' in
  let label = Buffer.create 16 in
  let finish labels =
    let text = Buffer.contents label in
    Buffer.clear label;
    text :: labels
  in
  let build labels =
    match of_labels labels with
    | Some name -> Ok name
    | None when List.mem "" labels -> Error (Printf.sprintf "the name %s has an empty label" text)
    | None -> Error (Printf.sprintf "the name %s is too long: 63 bytes a label and 255 in all are the limits" text)
  in
  let rec scan i labels =
    if i = length then build (List.rev_append (finish labels) origin.labels)
    else
      match text.[i] with
      | '.' when i = length - 1 -> build (List.rev (finish labels))
      | '.' -> scan (i + 1) (finish labels)
      | '\\' -> escape (i + 1) labels
      | c ->
          Buffer.add_char label c;
          scan (i + 1) labels
  and escape i labels =
    if digit i && digit (i + 1) && digit (i + 2) then (
      let code = int_of_string ("0u" ^ String.sub text i 3) in
      if code > 255 then Error (Printf.sprintf "\\%d is no byte: 255 is the largest" code)
      else (
        Buffer.add_char label (Char.chr code);
        scan (i + 3) labels))
    else if i = length || digit i then Error "after a backslash comes a character or three digits"
    else (
      Buffer.add_char label text.[i];
      scan (i + 1) labels)
  in
  match text with "@" -> Ok origin | "." -> Ok root | "" -> Error "a name is missing" | _ -> scan 0 []

let to_string name =
  let escape label =
    let text = Buffer.create 16 in
    let add = function
      | ('.' | '\\' | '"' | ';' | '(' | ')' | '@' | '$') as c -> Printf.bprintf text "\\%c" c
      | '!' .. '~' as c -> Buffer.add_char text c
      | c -> Printf.bprintf text "\\%03d" (Char.code c)
    in
    String.iter add label;
    Buffer.contents text
  in
  match name.labels with [] -> "." | labels -> String.concat "" (List.map (fun label -> escape label ^ ".") labels)

let compare a b = List.compare String.compare a.folded b.folded
let equal a b = compare a b = 0

let within ~zone name =
  let rec drop n list = if n > 0 then drop (n - 1) (List.tl list) else list in
  let above = List.length name.labels - List.length zone.labels in
  above >= 0 && List.equal String.equal (drop above name.folded) zone.folded

let parent name =
  match (name.labels, name.folded) with _ :: labels, _ :: folded -> Some { labels; folded } | _ -> None

let wildcard name = { labels = "*" :: name.labels; folded = "*" :: name.folded }
let is_wildcard name = match name.labels with "*" :: _ -> true | _ -> false

module Map = Map.Make (struct
  type nonrec t = t

  let compare = compare
end)
