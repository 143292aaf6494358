open Cmdliner

let greeting =
  let doc = Arg.info ~doc:"What to say." [ "greeting" ] in
  Mirage_runtime.register_arg Arg.(value & opt string "Hello from a unikernel" doc)

let times =
  let doc = Arg.info ~doc:"How often to say it." [ "times" ] in
  Mirage_runtime.register_arg Arg.(value & opt int 3 doc)

let start () =
  let rec say = function
    | 0 -> Lwt.return_unit
    | left ->
        Logs.app (fun say -> say "%s" (greeting ()));
        Lwt.bind (Mirage_sleep.ns (Duration.of_ms 300)) (fun () -> say (left - 1))
  in
  say (times ())
