// Decorators before and after export.
import D, { A, B } from './fixtures/decorated.mjs'; console.log(D.name, A.name, B.name);
