(* Tests of the engine: dune build @runtest. How its replies compare with BIND's is tested from outside. *)

open Engine

let failures = ref 0

let test name body =
  match body () with
  | () -> ()
  | exception error ->
      incr failures;
      Printf.printf "FAILED %s: %s\n%!" name (Printexc.to_string error)

let equal show expected actual =
  if expected <> actual then failwith (Printf.sprintf "expected %s, not %s" (show expected) (show actual))

let same = equal (Printf.sprintf "%S")
let same_number = equal string_of_int
let holds what condition = if not condition then failwith what
let origin = Result.get_ok (Name.of_text ~origin:Name.root "example.org.")
let name text = match Name.of_text ~origin text with Ok name -> name | Error error -> failwith error

(* {1 Zones} *)

let head = "$TTL 60\n@ SOA ns mail 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"

let zone text =
  match Zone_file.parse ~file:"z" ~origin text with
  | Ok zone -> zone
  | Error errors -> failwith (String.concat "\n" (List.map Zone_file.error_to_string errors))

let errors text =
  match Zone_file.parse ~file:"z" ~origin text with
  | Ok _ -> "no error"
  | Error errors -> String.concat "\n" (List.map Zone_file.error_to_string errors)

let wrong ?(head = head) line column text entry =
  test ("error in " ^ entry) (fun () ->
      same (Printf.sprintf "File \"z\", line %d, characters %s:\nError: %s" line column text) (errors (head ^ entry)))

let set zone text kind =
  match Zone.glue zone (name text) kind with Some (set : Record.set) -> set | None -> failwith (text ^ " is not there")

let first zone text kind = List.hd (set zone text kind).data

(* {1 Messages} *)

let be16 n = Printf.sprintf "%c%c" (Char.chr (n lsr 8)) (Char.chr (n land 255))

let query ?(flags = 0) ?(cls = 1) ?payload text kind =
  let labels = List.map (fun label -> Printf.sprintf "%c%s" (Char.chr (String.length label)) label) (Name.labels (name text)) in
  let edns = match payload with None -> "" | Some size -> "\000" ^ be16 41 ^ be16 size ^ String.make 6 '\000' in
  String.concat ""
    ([ be16 7; be16 flags; be16 1; be16 0; be16 0; be16 (if payload = None then 0 else 1) ]
    @ labels @ [ "\000"; be16 kind; be16 cls; edns ])

let served zones = Result.get_ok (Answer.zones zones)
let at message i = (Char.code message.[i] lsl 8) lor Char.code message.[i + 1]
let code message = at message 2 land 15
let truncated message = at message 2 land 0x0200 <> 0

let ask ?(transport = Answer.Udp) zone message =
  match Answer.reply (served [ zone ]) transport message with Some reply -> reply | None -> failwith "no reply"

let () =
  test "names: relative, absolute, origin, root" (fun () ->
      same "www.example.org." (Name.to_string (name "www"));
      same "www." (Name.to_string (name "www."));
      same "example.org." (Name.to_string (name "@"));
      same "." (Name.to_string (name ".")));
  test "names: escapes come back" (fun () ->
      List.iter
        (fun text -> same (text ^ ".example.org.") (Name.to_string (name text)))
        [ {|a\.b|}; {|\000\255|}; {|\\|}; {|sp\032ace|}; {|\"quo\"te|} ]);
  test "names: case is kept and does not matter" (fun () ->
      same "WwW.example.org." (Name.to_string (name "WwW"));
      holds "equal" (Name.equal (name "WwW") (name "wWw")));
  test "names: within" (fun () ->
      holds "itself" (Name.within ~zone:origin origin);
      holds "below" (Name.within ~zone:origin (name "a.B.c"));
      holds "not a part of a label" (not (Name.within ~zone:origin (name "xexample.org.")));
      holds "not above" (not (Name.within ~zone:origin (name "org."))));
  test "names: limits" (fun () ->
      let label = String.make 63 'a' in
      let long n = String.concat "." [ label; label; label; String.make n 'b' ] ^ "." in
      ignore (name (long 61));
      holds "64 bytes" (Result.is_error (Name.of_text ~origin (label ^ "a")));
      holds "256 bytes" (Result.is_error (Name.of_text ~origin (long 62)));
      holds "empty label" (Result.is_error (Name.of_text ~origin "a..b")));

  test "zone files: parentheses, comments, units, inherited names, classes" (fun () ->
      let zone =
        zone
          "$TTL 1h30m ; for all\n\
           @ IN 2d SOA ( ns ; first\n\
           \tmail 1 2h\n\n3m 4w 5 )\n\
           \t3600 IN NS ns\n\
           ns A 192.0.2.1\n\
           \tIN 5 AAAA 2001:DB8::1\n\
           $ORIGIN sub\n\
           www TXT one \"two three\" \"fo;ur\" \\\"\\065\\;\n\
           @ MX 5 www\n"
      in
      same_number 172800 (set zone "@" Record.soa).ttl;
      same_number 3600 (set zone "@" Record.ns).ttl;
      same_number 5400 (set zone "ns" Record.a).ttl;
      same_number 5 (set zone "ns" Record.aaaa).ttl;
      holds "SOA"
        (match first zone "@" Record.soa with
        | Soa { refresh = 7200; retry = 180; expire = 2419200; minimum = 5; _ } -> true
        | _ -> false);
      holds "TXT" (first zone "www.sub" 16 = Txt [ "one"; "two three"; "fo;ur"; "\"A;" ]);
      holds "MX" (match first zone "sub" 15 with Mx (5, target) -> Name.equal target (name "www.sub") | _ -> false);
      same_number 6 (Zone.size zone));
  test "zone files: IPv6 addresses" (fun () ->
      let address text =
        match first (zone (head ^ "x AAAA " ^ text)) "x" Record.aaaa with
        | Aaaa bytes -> String.concat "" (List.map (fun c -> Printf.sprintf "%02x" (Char.code c)) (List.of_seq (String.to_seq bytes)))
        | _ -> "something else"
      in
      same (String.make 32 '0') (address "::");
      same "00000000000000000000000000000001" (address "::1");
      same "20010db8000000000000000000000000" (address "2001:db8::");
      same "00010002000300040005000600070008" (address "1:2:3:4:5:6:7:8");
      same "00000000000000000000ffffc0000201" (address "::ffff:192.0.2.1");
      List.iter
        (fun text -> holds text (errors (head ^ "x AAAA " ^ text) <> "no error"))
        [ "1:2:3:4:5:6:7"; "1::2::3"; ":::"; ":1:2:3:4:5:6:7"; "1:2:3:4:5:6:7:8:9"; "12345::"; "g::"; "1.2.3.4::"; "::1.2.3"; "1:2:3:4:5:6:7:8::" ]);
  test "zone files: the same record twice is one" (fun () -> same_number 4 (Zone.size (zone (head ^ "x A 192.0.2.1\nX A 192.0.2.1\n"))));
  test "zone files: unknown types, and known ones as unknown" (fun () ->
      let zone = zone (head ^ "x TYPE65280 \\# 3 0a0b 0c\ny TYPE1 \\# 4 c0000201\nz MX \\# 3 000a00") in
      holds "unknown" (first zone "x" 65280 = Other (65280, "\n\011\012"));
      holds "known" (first zone "y" Record.a = A "\192\000\002\001");
      holds "by its name" (match first zone "z" 15 with Mx (10, target) -> Name.equal target Name.root | _ -> false));

  wrong 5 "4-15" "\"192.0.2.256\" is no IPv4 address" "x A 192.0.2.256";
  wrong 5 "3-4" "an IPv4 address is missing here" "x A";
  wrong 5 "2-6" "\"LOCX\" is no type of record that is known here" "x LOCX 1";
  wrong 5 "14-19" "this is too much: the record ends before \"extra\"" "x A 192.0.2.2 extra";
  wrong 5 "5-10" "the preference is a number from 0 to 65535, not \"70000\"" "x MX 70000 y";
  wrong 5 "6-11" "this string has no closing quote on its line" "x TXT \"abcd";
  wrong 5 "6-7" "this parenthesis is never closed" "x TXT ( a\n b";
  wrong 5 "8-9" "this parenthesis was never opened" "x TXT a )";
  wrong 5 "2-4" "class CH is not served, only IN" "x CH A 192.0.2.1";
  wrong 5 "0-8" "$INCLUDE is not known: there are $ORIGIN and $TTL" "$INCLUDE other.zone";
  wrong 5 "2-8" "DNAME records are not served" "x TYPE39 \\# 0";
  wrong 5 "0-18" "www.example.com. is outside of the zone example.org." "www.example.com. A 192.0.2.1";
  wrong 6 "0-5" "www.example.org. has a CNAME, so nothing else may stand there (RFC 1034, 3.6.2)" "www CNAME ns\nwww A 192.0.2.1";
  wrong 6 "0-5" "a time to live of 7, but the A records of x.example.org. before it have 60: they need one (RFC 2181, 5.2)"
    "x A 192.0.2.1\nx 7 A 192.0.2.2";
  wrong 5 "0-6" "the name server ns.sub.example.org. has no address (A or AAAA) in this zone" "sub NS ns.sub";
  wrong 5 "0-4" "*.example.org. cannot be delegated: a wildcard is no zone (RFC 4592, 4.2)" "* NS ns";
  wrong 1 "0-1" "the zone has no SOA record" ~head:"" "$TTL 1\nx A 192.0.2.1";
  test "zone files: every error is told" (fun () ->
      let count text = List.length (List.filter (fun line -> String.length line > 4 && String.sub line 0 4 = "File") (String.split_on_char '\n' text)) in
      same_number 3 (count (errors (head ^ "x A 1\ny MX z\nz A 192.0.2.1\nw TXT\n"))));

  test "replies: truncated to nothing, then whole" (fun () ->
      let texts = List.init 20 (fun i -> Printf.sprintf "x TXT \"%02d %s\"\n" i (String.make 50 'x')) in
      let zone = zone (head ^ String.concat "" texts) in
      let reply = ask zone (query "x" 16) in
      holds "TC" (truncated reply);
      same_number 0 (at reply 6);
      holds "512" (String.length reply <= 512);
      let larger = ask zone (query ~payload:1232 "x" 16) in
      holds "TC with EDNS" (truncated larger && String.length larger <= 1232);
      let whole = ask ~transport:Tcp zone (query "x" 16) in
      holds "no TC" (not (truncated whole));
      same_number 20 (at whole 6));
  test "replies: glue that does not fit makes them truncated (RFC 9471)" (fun () ->
      let lines = List.init 30 (fun i -> Printf.sprintf "sub NS ns%d.sub\nns%d.sub A 192.0.2.%d\n" i i i) in
      let zone = zone (head ^ String.concat "" lines) in
      holds "TC" (truncated (ask zone (query "www.sub" 1)));
      same_number 30 (at (ask ~transport:Tcp zone (query "www.sub" 1)) 10));
  test "replies: loops end" (fun () -> same_number 2 (code (ask (zone (head ^ "a CNAME b\nb CNAME a\n")) (query "a" 1))));
  test "replies: silence" (fun () ->
      let zones = served [ zone head ] in
      List.iter
        (fun message -> holds "silent" (Answer.reply zones Udp message = None))
        [ ""; "\000"; String.make 11 '\000'; query ~flags:0x8000 "ns" 1 ]);
  test "replies: the closest of several zones" (fun () ->
      let text = "$TTL 1\n@ SOA ns mail 1 2 3 4 5\n@ NS ns\nns A 192.0.2.9\n" in
      let child = Result.get_ok (Zone_file.parse ~file:"c" ~origin:(name "sub") text) in
      let parent = zone (head ^ "sub NS ns.sub\nns.sub A 192.0.2.9\n") in
      let zones = served [ parent; child ] in
      let authoritative kind = at (Option.get (Answer.reply zones Udp (query "sub" kind))) 2 land 0x0400 <> 0 in
      holds "child" (authoritative Record.ns);
      holds "DS of the parent" (authoritative Record.ds);
      holds "twice" (Answer.zones [ parent; parent ] |> Result.is_error));
  test "any bytes: a reply that fits or silence, never an exception" (fun () ->
      let zones = served [ zone (head ^ "* TXT a\nsub NS ns.sub\nns.sub A 192.0.2.1\nx CNAME y\ny CNAME x\n") ] in
      let random = Random.State.make [| 20250101 |] in
      let seeds = [| query "www" 1; query ~payload:1232 "a.sub" 255; query ~cls:255 "x" 1; String.make 40 '\192' |] in
      for _ = 1 to 100_000 do
        let bytes = Bytes.of_string seeds.(Random.State.int random (Array.length seeds)) in
        for _ = 0 to Random.State.int random 6 do
          Bytes.set bytes (Random.State.int random (Bytes.length bytes)) (Char.chr (Random.State.int random 256))
        done;
        let message = Bytes.sub_string bytes 0 (Random.State.int random (Bytes.length bytes + 1)) in
        match Answer.reply zones Udp message with
        | None -> ()
        | Some reply ->
            holds "a header" (String.length reply >= 12 && String.length reply <= 1232);
            same (String.sub message 0 2) (String.sub reply 0 2)
      done);
  test "any text: a zone or errors, never an exception" (fun () ->
      let random = Random.State.make [| 20250102 |] in
      let seed = head ^ "x 1h IN TXT \"a\\065\" b ( c\n d ) ; e\n$ORIGIN sub\ny TYPE9 \\# 2 0a0b\n\tAAAA 2001::1\nz SRV 1 2 3 x\n" in
      for _ = 1 to 20_000 do
        let bytes = Bytes.of_string seed in
        for _ = 0 to Random.State.int random 6 do
          let wild = "\"\\();$@ \t\n\r.0:#\000\255" in
          Bytes.set bytes (Random.State.int random (Bytes.length bytes)) wild.[Random.State.int random (String.length wild)]
        done;
        ignore (errors (Bytes.to_string bytes))
      done);
  Printf.printf "%d failed\n" !failures;
  if !failures > 0 then exit 1
