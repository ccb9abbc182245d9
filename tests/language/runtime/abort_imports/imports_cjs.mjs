import "./loop.cjs";
