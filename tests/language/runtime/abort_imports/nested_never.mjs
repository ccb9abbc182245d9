await import("./never.mjs");
