// uuid: name-based identifiers, parsing, and random ones' shape.
import { NIL, parse, stringify, v1, v3, v4, v5, validate, version } from "uuid";

console.log(v5("hello", v5.URL), v3("hello", v3.DNS), v5("ü€", v5("x", NIL)));
console.log(v1({ node: [1, 2, 3, 4, 5, 6], clockseq: 0x1234, msecs: 1e12, nsecs: 5678 }));
console.log(v4({ random: Array.from({ length: 16 }, (_, i) => i * 16) }));
const ids = new Set(Array.from({ length: 1000 }, () => v4()));
console.log(ids.size, [...ids].every((id) => validate(id) && version(id) === 4));
console.log(parse("6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b"), stringify(parse(v5.DNS)), validate("not"));
