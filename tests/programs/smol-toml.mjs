// smol-toml parses and writes TOML.
import { TomlError, parse, stringify } from "smol-toml";

const source = `title = "TOML \\u00e9 \\U0001F600" # c
[owner]
dob = 1979-05-27T07:32:00-08:00
local = 1979-05-27T07:32:00.999
day = 1979-05-27
time = 07:32:00
[database]
ports = [ 8000, 0xff, 0o17, 0b11, 1_000 ]
floats = [ 1.5e3, -inf, nan, 6.626e-34 ]
mixed = [ [1, 2], ["a", 'C:\\raw'], { x = 1, y.z = true } ]
multi = """
line one \\
   joined "quotes" """
raw = '''
first '' line
'''
[[fruit]]
name = "apple"
[fruit.physical]
"quoted key" = 1
[[fruit.variety]]
name = "red"
[[fruit]]
a.b.c = 1
${Array.from({ length: 1000 }, (_, i) => `[t${i}.s]\nk = ${i}\ns = "v${i}"`).join("\n")}
`;
const value = parse(source);
console.log(JSON.stringify({ ...value, t1: value.t1 }).slice(0, 1500), String(value.owner.day));
const text = stringify(value);
console.log(text.slice(0, 1500), stringify(parse(text)) === text);
for (const bad of ["a = ", "a = 1\na = 2", "[a", "a = 1979-13-01", "a = 'x", "a = [1,,2]", "[a]\n[a]", "a = 00"]) {
  try {
    console.log(parse(bad));
  } catch (error) {
    console.log(error instanceof TomlError, error.message);
  }
}
