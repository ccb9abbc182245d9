// commander parses command lines and prints help.
import { Command, InvalidArgumentError, Option } from "commander";

function program() {
  const root = new Command("tool").version("1.2.3").description("does things")
    .exitOverride().configureOutput({ writeErr: (text) => console.log("error:", text.trim()) })
    .option("-d, --debug", "more output").option("--no-color", "plain")
    .addOption(new Option("-s, --size <size>", "how big").choices(["s", "m", "l"]).default("m").conflicts("debug"))
    .option("-n, --number <n>", "a number", (text) => {
      if (Number.isNaN(Number(text))) throw new InvalidArgumentError("Not a number.");
      return Number(text);
    })
    .option("-v, --verbose", "repeat", (_, sum) => sum + 1, 0).option("-l, --list <items...>", "many");
  root.command("serve <folder> [port]").alias("s").description("serve a folder, with a rather long description that wraps on narrow screens")
    .requiredOption("--host <name>").action((folder, port, options) => console.log("serve", folder, port, options));
  root.command("copy").argument("<from>").argument("[to...]").action((from, to, _, command) => console.log("copy", from, to, command.optsWithGlobals()));
  return root;
}
for (const line of ["--help", "help serve", "copy a b c -vv --debug -l x y", "s . 80 --host h", "serve .", "--size xl", "-n x", "cpy a", "--version", "--debg copy", "-d -s l copy a", "-n 3 --no-color --size=l copy a"]) {
  console.log(">", line);
  try {
    const tool = program().parse(line.split(" "), { from: "user" });
    console.log(tool.opts());
  } catch (error) {
    console.log(error.code, error.exitCode);
  }
}
