lib:
let
  inherit (builtins) length elemAt genList;
in
{
  inherit (builtins)
    head
    tail
    length
    isList
    elemAt
    concatLists
    filter
    elem
    map
    sort
    all
    any
    concatMap
    partition
    groupBy
    foldl'
    genList
    ;
  singleton = value: [ value ];
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  toList = value: if builtins.isList value then value else [ value ];
  last =
    list:
    if list == [ ] then throw "lists.last: list must not be empty!" else elemAt list (length list - 1);
  init =
    list: if list == [ ] then throw "lists.init: list must not be empty!" else lib.take (length list - 1) list;
  take = count: lib.sublist 0 count;
  drop = count: list: lib.sublist count (length list) list;
  sublist =
    start: count: list:
    let
      rest = length list - start;
    in
    genList (index: elemAt list (index + start)) (
      if start >= length list then 0 else if count > rest then rest else count
    );
  reverseList = list: genList (index: elemAt list (length list - 1 - index)) (length list);
  foldr =
    function: empty: list:
    let
      from = index: if index == length list then empty else function (elemAt list index) (from (index + 1));
    in
    from 0;
  flatten = value: if builtins.isList value then builtins.concatMap lib.flatten value else [ value ];
  remove = value: builtins.filter (item: item != value);
  findFirst =
    predicate: default: list:
    let
      found = builtins.filter predicate list;
    in
    if found == [ ] then default else builtins.head found;
  unique = builtins.foldl' (found: item: if builtins.elem item found then found else found ++ [ item ]) [ ];
  allUnique = list: length (lib.unique list) == length list;
  count = predicate: list: length (builtins.filter predicate list);
  range = first: last: if first > last then [ ] else genList (index: first + index) (last - first + 1);
  replicate = count: value: genList (_: value) count;
  imap0 = function: list: genList (index: function index (elemAt list index)) (length list);
  imap1 = function: list: genList (index: function (index + 1) (elemAt list index)) (length list);
  zipListsWith =
    function: first: second:
    genList (index: function (elemAt first index) (elemAt second index)) (
      lib.min (length first) (length second)
    );
  zipLists = lib.zipListsWith (fst: snd: { inherit fst snd; });
  intersectLists = wanted: builtins.filter (item: builtins.elem item wanted);
  subtractLists = unwanted: builtins.filter (item: !(builtins.elem item unwanted));
  sortOn = key: builtins.sort (first: second: key first < key second);
}
