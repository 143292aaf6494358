let () = print_endline "Hello from Unikernel1."
