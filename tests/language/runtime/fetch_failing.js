// Whatever becomes of a fetch, and of a server's answer to it, both end:
// tests/faults/test_allocations.py lets each allocation fail.
import { serve } from "rill:http";

const server = await serve({ hostname: "127.0.0.1" }, () => "hello");
try {
  const response = await fetch(`http://127.0.0.1:${server.port}/`,
                               { signal: AbortSignal.timeout(10000) });
  console.log(await response.text());
} finally {
  server.abort();
}
