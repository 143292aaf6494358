let
  license = spdxId: fullName: {
    inherit spdxId fullName;
    shortName = spdxId;
    free = true;
    url = "https://spdx.org/licenses/${spdxId}.html";
  };
in
{
  mit = license "MIT" "MIT License";
  isc = license "ISC" "ISC License";
  asl20 = license "Apache-2.0" "Apache License 2.0";
  bsd2 = license "BSD-2-Clause" "BSD 2-clause \"Simplified\" License";
  bsd3 = license "BSD-3-Clause" "BSD 3-clause \"New\" or \"Revised\" License";
}
