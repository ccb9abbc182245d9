// yargs parses command lines.
const yargs = require("yargs/yargs");

const parse = (line) => yargs(line).scriptName("tool").exitProcess(false).locale("en").wrap(70)
  .usage("$0 <command> [options]").option("count", { alias: "c", type: "number", default: 1, describe: "how many" })
  .option("kind", { choices: ["a", "b"], group: "Special:" }).option("file", { type: "array", coerce: (f) => f.map((x) => x.toUpperCase()) })
  .command("run <name> [rest..]", "run it", (y) => y.positional("name", { type: "string" }).demandOption("kind"), (argv) => console.log("run", JSON.stringify(argv)))
  .command("list", "list them", {}, () => console.log("listing")).demandCommand(1, "say what").strict().check((argv) => argv.count < 10 || "too many")
  .epilogue("the end").help().version("3.2.1");
for (const line of ["--help", "run x y z --kind a -c 3 --file p q", "run", "lst", "list --no-count", "run x --kind c", "list -c 20", "--version", "list --a.b.c=1", ""]) {
  console.log(">", line);
  parse(line).parse(line, {}, (error, argv, output) => console.log(error?.message, JSON.stringify(argv), output));
}
