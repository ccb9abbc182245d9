// chalk nests and downsamples colours.
import { Chalk } from "chalk";

for (const level of [0, 1, 2, 3]) {
  const c = new Chalk({ level });
  console.log(JSON.stringify([c.red.bold(`a ${c.blue("b")} c`), c.hex("#ff8800").bgRgb(1, 2, 3)("x\ny"), c.inverse.visible(""), c.ansi256(200).underline("z", 1)]));
}
