import "./loop.mjs";
