await undefined;
await new Promise((resolve) => setTimeout(resolve, 1));
await import("./loop.mjs");
