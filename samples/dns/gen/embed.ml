(* Checks the zone files of a folder and prints an OCaml module that holds their text; with --plain as a second word, the text that every
   server reads alike (see Plain). *)

open Engine

let read path =
  let input = open_in_bin path in
  Fun.protect ~finally:(fun () -> close_in input) (fun () -> really_input_string input (in_channel_length input))

let fail format = Printf.ksprintf (fun text -> prerr_endline text; exit 1) format

let zone path =
  match Zone_file.origin_of_file path with
  | Error text -> fail "File %S, line 1, characters 0-0:\nError: a zone file is named after its zone: %s" path text
  | Ok origin -> (
      let text = read path in
      match Zone_file.parse ~file:path ~origin text with
      | Ok zone -> (path, text, zone)
      | Error errors -> fail "%s" (String.concat "\n" (List.map Zone_file.error_to_string errors)))

let () =
  let folder = Sys.argv.(1) in
  let files = if Sys.file_exists folder then List.sort compare (Array.to_list (Sys.readdir folder)) else [] in
  if files = [] then fail "Error: there is no zone file in the folder %s" folder;
  let zones = List.map (fun file -> zone (Filename.concat folder file)) files in
  let known = List.map (fun (path, _, zone) -> (path, zone)) zones in
  (match Answer.zones (List.map snd known) with
  | Ok _ -> ()
  | Error name ->
      let same (_, zone) = Name.equal (Zone.origin zone) name in
      fail "Error: the zone %s is in several files: %s" (Name.to_string name)
        (String.concat ", " (List.map fst (List.filter same known))));
  let plain = Array.length Sys.argv > 2 && Sys.argv.(2) = "--plain" in
  let held (path, text, zone) = if plain then (Name.to_string (Zone.origin zone), Plain.of_zone zone) else (path, text) in
  print_endline "let files = [";
  List.iter (fun (name, text) -> Printf.printf "  (%S, %S);\n" name text) (List.map held zones);
  print_endline "]"
