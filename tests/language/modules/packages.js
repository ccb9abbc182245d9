// Packages: "exports" with conditions and patterns, "imports", self-reference,
// and the errors of what is not there.
import './fixtures/packages/main.mjs';
