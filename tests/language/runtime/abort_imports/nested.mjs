export const loaded = import("./loop.mjs");
await loaded;
