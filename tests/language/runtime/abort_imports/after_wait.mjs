// Its own body has no await, but what it imports has.
import "./waits.mjs";
globalThis.begun();
while (!globalThis.quick);
