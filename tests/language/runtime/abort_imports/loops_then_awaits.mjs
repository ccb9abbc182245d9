globalThis.begun();
while (!globalThis.quick);
await undefined;
