// The TCP echo of benches/net/run.py: rill run echo.mjs PORT
import { listen } from "rill:net";

async function serve(connection) {
  for (;;) {
    const chunk = await connection.read();
    if (chunk === null) break;
    await connection.write(chunk);
  }
  await connection.close();
}

const port = Number(process.argv[2]);
for await (const connection of await listen({ hostname: "127.0.0.1", port })) {
  serve(connection).catch(() => {});
}
