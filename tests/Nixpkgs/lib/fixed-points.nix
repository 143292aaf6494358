lib: {
  fix =
    function:
    let
      value = function value;
    in
    value;
  extends =
    overlay: function: final:
    let
      previous = function final;
    in
    previous // overlay final previous;
  composeExtensions =
    first: second: final: previous:
    let
      once = first final previous;
    in
    once // second final (previous // once);
  composeManyExtensions = lib.foldr lib.composeExtensions (_: _: { });
}
