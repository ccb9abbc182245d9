globalThis.begun();
while (!globalThis.quick);
