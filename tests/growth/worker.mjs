// What executor.mjs starts as a worker.
process.exit(0);
