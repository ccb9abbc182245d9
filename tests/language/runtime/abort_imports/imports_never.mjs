import "./never.mjs";
