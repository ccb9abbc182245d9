// Each step as a line of JSON on standard error.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const script = `
  import { Pool } from "rill:pool";
  const pool = new Pool({ workers: 1, trace: "json" });
  await pool.evaluate("1", { session: "s" });
  await pool.evaluate("throw 1").catch(() => {});
  await pool.close();`;
const folder = mkdtempSync(`${tmpdir()}/rill-pool-`);
writeFileSync(`${folder}/traced.mjs`, script);
const { stderr } = spawnSync(process.execPath, ["run", `${folder}/traced.mjs`],
                             { encoding: "utf8" });
rmSync(folder, { recursive: true });
for (const line of stderr.trim().split("\n")) {
  const { event, worker, evaluation, session, outcome, ms } = JSON.parse(line);
  console.log(event, worker, evaluation, session, outcome, typeof ms);
}
